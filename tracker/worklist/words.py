"""Dates, and what waits since when, in the short words that a list has room for."""

from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from tracker.models import PatientStatus
from tracker.timeline import day_words

NAMED = 3  # things overdue that are told by name


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


def letter_words(status: PatientStatus, zone: ZoneInfo) -> str:
    """`The family sent 2 messages since 3 Nov 2026.`, of what nobody has looked at; else nothing."""
    since = status.letter_since
    if since is None:
        return ""
    day = day_words(since.astimezone(zone).date())
    if status.letters == 1:
        return f"The family sent a message on {day}."
    return f"The family sent {status.letters} messages since {day}."


def due_words(names: Sequence[tuple[str, date]], status: PatientStatus, today: date) -> list[str]:
    """`Tumour scan overdue for 12 days.`, the oldest first, few by name; without names, that some is."""
    if status.due_on is None or status.due_on >= today:
        return []
    late = [(name, day) for name, day in names if day < today] or [("Something due is", status.due_on)]
    told = [f"{name} overdue for {days_words((today - day).days)}." for name, day in late[:NAMED]]
    return [*told, f"{len(late) - NAMED} more overdue."] if len(late) > NAMED else told
