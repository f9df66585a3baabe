"""What holds today, in words: marks with who set them and until when."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from tracker.timeline.facts import day_words


class Marked(Protocol):
    """A mark as the database has it."""

    starts_on: date
    ends_on: date | None
    set_by: object

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day."""


def mark_words(marks: Sequence[Marked], today: date) -> tuple[str, bool]:
    """`until 3 Dec 2026, set by Dr A`, and whether it holds; several give the one that lasts longest."""
    holding = [mark for mark in marks if mark.holds_on(today)]
    if holding:
        mark = max(holding, key=lambda one: one.ends_on or date.max)
        until = f"until {day_words(mark.ends_on)}" if mark.ends_on else "until further notice"
        return f"{until}, since {day_words(mark.starts_on)}, set by {mark.set_by}", True
    ahead = min((mark.starts_on for mark in marks if mark.starts_on > today), default=None)
    if ahead:
        return f"from {day_words(ahead)}", False
    ended = max((mark.ends_on for mark in marks if mark.ends_on), default=None)
    return (f"ended on {day_words(ended)}" if ended else "not recorded"), False
