"""`manage.py detector_replay FILE`: try the detector's rules on courses, without touching the database."""

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import fields, replace
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracker import detector
from tracker.detector import courses


class Command(BaseCommand):
    """Reads and writes JSON Lines; a line that cannot be read is reported and passed over."""

    help = "Read courses (JSON Lines) and print the detector's findings (JSON Lines)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, or - for standard input; other thresholds."""
        parser.add_argument("file", help="JSON Lines of courses, or - for standard input")
        parser.add_argument(
            "--thresholds", help="JSON object of thresholds by name that differ from the standard"
        )

    def handle(self, *args: object, **options: Any) -> None:
        """Errors: CommandError when a file cannot be read or a threshold is unknown."""
        limits = self._thresholds(options["thresholds"])
        with ExitStack() as stack:
            for number, line in enumerate(self._open(options["file"], stack), 1):
                if line.strip():
                    self._replay(number, line, limits)

    def _replay(self, number: int, line: bytes, limits: detector.Thresholds) -> None:
        try:
            course = courses.read(line)
        except courses.CourseError as problem:
            self.stderr.write(f"Line {number} is passed over. {problem}")
            return
        try:
            found = detector.findings(course.diary, limits)
        except Exception as problem:  # one course must not cost the others theirs; it is told, not hidden
            self.stderr.write(f"Line {number} is passed over. The rules failed on it: {problem!r}.")
            return
        lines = [courses.written(course.name, finding) for finding in found]
        if lines:
            self.stdout.write("\n".join(lines))

    def _open(self, name: str, stack: ExitStack) -> BinaryIO:
        if name == "-":
            return sys.stdin.buffer
        try:
            return stack.enter_context(Path(name).open("rb"))
        except OSError as problem:
            raise CommandError(f"{name} cannot be read: {problem.strerror}.") from problem

    def _thresholds(self, name: str | None) -> detector.Thresholds:
        if name is None:
            return detector.STANDARD
        try:
            wanted = json.loads(Path(name).read_text(encoding="utf-8"))
        except (OSError, ValueError) as problem:
            raise CommandError(f"{name} holds no thresholds that can be read: {problem}.") from problem
        if not isinstance(wanted, dict):
            raise CommandError(f"{name} is not a JSON object of thresholds.")
        mistakes = list(_mistakes(wanted))
        if mistakes:
            raise CommandError(" ".join(mistakes))
        return replace(detector.STANDARD, **wanted)


def _mistakes(wanted: dict[str, object]) -> Iterator[str]:
    """A sentence for each threshold that there is not, or that is no fitting number."""
    whole = {field.name: field.type is int or field.type == "int" for field in fields(detector.Thresholds)}
    for name, value in wanted.items():
        if name not in whole:
            yield f"There is no threshold {name!r}."
        elif not _is_number(value):
            yield f"The threshold {name} is not a number from 0 to 1000."
        elif whole[name] and type(value) is not int:
            yield f"The threshold {name} is a whole number."


def _is_number(value: object) -> bool:
    """From 0 to 1000; a truth value is none, though Python counts it as a whole number."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and isfinite(value)
        and 0 <= value <= 1000
    )
