"""How an entry came: in time, late, or after a review of its day had been made without it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from tracker.timeline.facts import day_words

LATE = timedelta(days=2)  # received more than 48 hours after the day it is about had ended
Covered = Sequence[tuple[date, datetime]]  # (day of a standing review, the newest receipt it covers)


def late_words(day: date, received: datetime, zone: str) -> str:
    """`came 5 days later`; empty within 48 hours of the day's end, as the family's clock has it."""
    days = (received.astimezone(clock(zone)).date() - day).days
    return f"came {days} days later" if days > LATE.days else ""


def review_missed(day: date, received: datetime, covered: Covered) -> str:
    """`arrived after the review of 3 Nov 2026`: the last review made after the day and before the receipt.

    A review of the same day misses nothing: the day was not over.
    """
    missed = [on for on, until in covered if day < on and until < received]
    return f"arrived after the review of {day_words(max(missed))}" if missed else ""


@cache
def clock(zone: str) -> ZoneInfo:
    """The zone by its IANA name."""
    return ZoneInfo(zone)
