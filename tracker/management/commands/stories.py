"""`manage.py stories --format courses`: the ten invented stories in the replay format."""

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tracker.stories import courses
from tracker.stories.replay import as_course

TODAY = "2026-03-30"  # a fixed day, so that the same command always writes the same lines


class Command(BaseCommand):
    """Writes one course a line; the same options always give the same lines."""

    help = "Write the ten invented stories, to try the detector on: manage.py stories --format courses."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """The format, the seed of the dice, the day on which the stories end, how much is missing."""
        parser.add_argument("--format", choices=["courses"], default="courses")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--today", default=TODAY, help="the day on which each story stands (YYYY-MM-DD)")
        parser.add_argument("--missing", type=float, help="the share of entries that never come, 0 to 0.9")
        parser.add_argument("--shown", action="store_true", help="stop where the demo does, not at the end")

    def handle(self, *args: object, **options: Any) -> None:
        """Errors: CommandError for a day or a share that is none."""
        missing = options["missing"]
        if missing is not None and not 0 <= missing <= 0.9:
            raise CommandError("--missing is a share from 0 to 0.9.")
        try:
            today = date.fromisoformat(options["today"])
        except ValueError:
            raise CommandError("--today is a date such as 2026-03-30.") from None
        for course in courses(today, options["seed"], whole=not options["shown"], missing=missing):
            self.stdout.write(json.dumps(as_course(course)))
