"""What is said when a day of the picture is pointed at, and the same as rows of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tracker import scoring
from tracker.timeline.axis import Axis
from tracker.timeline.facts import Logged, Record, Usual, day_words, number


@dataclass(frozen=True)
class Pointed:
    """One day with an entry: where its column lies, in pixels, and what it holds, in words."""

    x: float
    width: float
    title: str


@dataclass(frozen=True)
class Check:
    """One home check as a row: `usual` and `change` are empty where nothing can be compared."""

    day: date
    score: str
    usual: str
    change: str
    ratings: Sequence[str]


@dataclass(frozen=True)
class Daily:
    """One daily check-in as a row: its ratings in the order of the scale."""

    day: date
    ratings: Sequence[str]
    worried: bool


def pointed(record: Record, usual: Usual, axis: Axis) -> list[Pointed]:
    """A column for each day in the period that has an entry."""
    days: dict[date, list[str]] = {}
    bases = {id(check): base for check, base in usual.by_check}
    for entry in record.entries:
        if axis.shows(entry.day):
            days.setdefault(entry.day, [f"{entry.day:%a} {day_words(entry.day)}"])
            days[entry.day].append(_words(entry, bases.get(id(entry))))
    return [
        Pointed(axis.start(day), round(axis.end(day) - axis.start(day), 1), "\n".join(lines))
        for day, lines in days.items()
    ]


def check_rows(record: Record, usual: Usual, first: date) -> list[Check]:
    """The home checks from `first` on, newest first."""
    bases = {id(check): base for check, base in usual.by_check}
    rows = []
    for check in reversed(record.checks):
        if check.day >= first:
            compared = _compared(check, bases.get(id(check)))
            rows.append(Check(check.day, score_words(check), *compared, _rated(check, scoring.HOME_CHECK)))
    return rows


def daily_rows(record: Record, first: date) -> list[Daily]:
    """The daily check-ins from `first` on, newest first."""
    rows = (entry for entry in reversed(record.entries) if entry.kind == "daily" and entry.day >= first)
    return [Daily(entry.day, _rated(entry, scoring.DAILY), entry.worried) for entry in rows]


def score_words(check: Logged) -> str:
    """`7 of 18`, or `4 of 6 items, no total`."""
    if check.score is None or check.score.total is not None:
        return check.score.words if check.score else ""
    return f"{check.score.words}, no total"


def rating_words(ratings: Mapping[str, int | None], item: str) -> str:
    """`2`; `cannot tell`; a dash for what was not asked."""
    if item not in ratings:
        return "–"
    return "cannot tell" if ratings[item] is None else str(ratings[item])


def _rated(entry: Logged, scale: scoring.Scale) -> list[str]:
    return [rating_words(entry.ratings, item.key) for item in scale.items]


def _compared(check: Logged, base: Decimal | None) -> tuple[str, str]:
    if base is None or check.total is None:
        return "", ""
    change = check.total - base
    return number(base), f"{float(change):+g}" if change else "0"


def _words(entry: Logged, base: Decimal | None) -> str:
    if entry.score is not None:
        usual = f", usually {number(base)}" if base is not None else ""
        return f"Home check {score_words(entry)}{usual}"
    items = (
        f"{item.label} {rating_words(entry.ratings, item.key)}"
        for item in scoring.DAILY.items
        if item.key in entry.ratings
    )
    call = ". The family asks for a look" if entry.worried else ""
    return f"Daily: {', '.join(items)}{call}"
