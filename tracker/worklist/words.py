"""Dates and home checks in the short words that a list has room for."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from tracker.models import PatientStatus
from tracker.timeline import day_words, number


def age_words(birth_date: date, today: date) -> str:
    """`5 months`; up to 18 `4 years 7 months`; then `23 years`."""
    months = (today.year - birth_date.year) * 12 + today.month - birth_date.month
    months -= today.day < birth_date.day
    years, rest = divmod(max(months, 0), 12)
    words = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((years, "year"), (rest, "month")) if n]
    return words[0] if years >= 18 else " ".join(words) or "under 1 month"


def days_words(days: int) -> str:
    """`1 day`, `9 days`."""
    return "1 day" if days == 1 else f"{days} days"


def ago_words(day: date, today: date) -> str:
    """`today`, `yesterday`, `9 days ago`, `tomorrow`, `in 3 days`."""
    days = (today - day).days
    near = {0: "today", 1: "yesterday", -1: "tomorrow"}
    return near.get(days) or (f"{days} days ago" if days > 0 else f"in {-days} days")


def step_words(days: Sequence[date], today: date, named: Mapping[date, Sequence[str]]) -> list[str]:
    """What steps on each of these days, the next one first; where nothing is `named`, that something does."""
    nearest = sorted(days, key=lambda day: (day < today, abs((day - today).days)))
    told = [_due(day, today) + ": " + ", ".join(named[day]) + "." for day in nearest if day in named]
    if told or not nearest:
        return [words[0].upper() + words[1:] for words in told]
    verb = "is " if nearest[0] >= today else ""
    return [f"A treatment step or infusion {verb}{_due(nearest[0], today)}."]


def _due(day: date, today: date) -> str:
    """`due tomorrow (22 Nov 2026)`, `was due yesterday (20 Nov 2026)`."""
    return f"{'was ' if day < today else ''}due {ago_words(day, today)} ({day_words(day)})"


def check_words(status: PatientStatus) -> str:
    """What the home check that counts says, compared with what is usual for this patient."""
    if status.items is None:
        return "No home check yet." if status.last_received_at else ""
    if status.total is None:
        return f"Home check: {status.rated} of {status.items} items, no total."
    if status.baseline is None or status.rise is None:
        return f"Home check {status.total}; too few earlier ones to say what is usual."
    words = f"Home check {status.total}, usually {number(status.baseline)}"
    return f"{words}: {rise_words(status.rise)}." if status.rise else f"{words}."


def rise_words(rise: Decimal) -> str:
    """`1 point up`, `2.5 points down`; `as usual` for none."""
    if not rise:
        return "as usual"
    points = "1 point" if abs(rise) == 1 else f"{number(abs(rise))} points"
    return f"{points} {'up' if rise > 0 else 'down'}"
