"""What is said when a day of the picture is pointed at, and the same as rows of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from statistics import median
from uuid import UUID

from tracker import scoring
from tracker.timeline import bins
from tracker.timeline.axis import Axis
from tracker.timeline.facts import Logged, Record, Usual, number

MOST_LINES = 12  # entries of one day that are put into words when it is pointed at
NAMES = {
    "sleep_hours": "sleep",
    "wakings": "awake",
    "temperature_c": "temperature",
    "falls": "falls",
    "systolic_mmhg": "blood pressure, upper",
    "diastolic_mmhg": "blood pressure, lower",
}
MEASURED = tuple(scoring.MEASUREMENTS)


@dataclass(frozen=True)
class Pointed:
    """One day, week or month with entries: where its column lies, in pixels, what it holds, in words,

    and the address of its entry, or of the list of its entries, below the patient's own.
    """

    x: float
    width: float
    title: str
    address: str = ""


@dataclass(frozen=True)
class Check:
    """One home check as a row: `usual` and `change` are empty where nothing can be compared."""

    day: date
    key: UUID | None
    author: str
    came: str
    score: str
    usual: str
    change: str
    ratings: Sequence[str]


@dataclass(frozen=True)
class Daily:
    """One daily check-in as a row: its ratings in the order of the scale, then what was measured."""

    day: date
    key: UUID | None
    author: str
    came: str
    ratings: Sequence[str]
    measured: Sequence[str]
    doses: str
    worried: bool


def pointed(record: Record, usual: Usual, axis: Axis) -> list[Pointed]:
    """A column for each day in the period that has an entry; on long axes for each week or month."""
    wide = bins.size(axis)
    shown = [entry for entry in record.entries if axis.shows(entry.day)]
    bases = {id(check): base for check, base in usual.by_check}
    found = []
    for (first, last), group in groupby(shown, key=lambda entry: bins.bin_of(entry.day, wide)):
        entries = list(group)
        lines = _gathered(entries) if wide != "day" else _listed(entries, bases)
        title = "\n".join([bins.name(first, wide), *lines])
        left = axis.start(first)
        address = _address(entries, max(first, axis.first), min(last, axis.last))
        found.append(Pointed(left, round(axis.end(last) - left, 1), title, address))
    return found


def _address(entries: Sequence[Logged], first: date, last: date) -> str:
    """A single entry's own page, else the list of those days."""
    if len(entries) == 1:
        return f"entries/{entries[0].key}/"
    return f"entries/?from={first.isoformat()}&days={(last - first).days + 1}"


def _listed(entries: Sequence[Logged], bases: Mapping[int, Decimal | None]) -> list[str]:
    """Every entry of a day, the first few in words."""
    lines = [_words(entry, bases.get(id(entry))) for entry in entries[:MOST_LINES]]
    more = len(entries) - MOST_LINES
    return [*lines, f"and {more} more"] if more > 0 else lines


def _gathered(entries: Sequence[Logged]) -> list[str]:
    """How many entries a week or month has, with median and range of the totals."""
    totals = [entry.total for entry in entries if entry.total is not None]
    daily = sum(entry.kind == "daily" for entry in entries)
    lines = []
    if totals:
        low, high = min(totals), max(totals)
        spread = f", from {low} to {high}" if low != high else ""
        count = "1 home check" if len(totals) == 1 else f"{len(totals)} home checks"
        lines.append(f"{count} with a total: median {number(median(totals))}{spread}")
    partial = len(entries) - daily - len(totals)
    lines += [f"{partial} without a total"] if partial else []
    return [*lines, *([f"{daily} daily"] if daily else [])]


def check_rows(record: Record, usual: Usual, first: date, last: date = date.max) -> list[Check]:
    """The home checks of the period, newest first."""
    bases = {id(check): base for check, base in usual.by_check}
    rows = []
    for check in reversed(record.checks):
        if first <= check.day <= last:
            known = (check.day, check.key, check.author, came(check))
            compared = _compared(check, bases.get(id(check)))
            rows.append(Check(*known, score_words(check), *compared, _rated(check, scoring.HOME_CHECK)))
    return rows


def daily_rows(record: Record, first: date, last: date = date.max) -> list[Daily]:
    """The daily check-ins of the period, newest first; home checks too where they measured something."""
    shown = (entry for entry in reversed(record.entries) if first <= entry.day <= last)
    return [
        Daily(
            entry.day,
            entry.key,
            entry.author,
            came(entry),
            _rated(entry, scoring.DAILY),
            [number(entry.measured[kind]) if kind in entry.measured else "–" for kind in MEASURED],
            {None: "–", True: "all", False: "not all"}[entry.all_doses],
            entry.worried,
        )
        for entry in shown
        if entry.kind == "daily" or entry.measured or entry.all_doses is not None or entry.worried
    ]


def came(entry: Logged) -> str:
    """`came 5 days later, corrected, by phone`; empty for a plain one in time."""
    said = [entry.late, "corrected" * entry.amended, "by phone" * entry.by_phone]
    return ", ".join(filter(None, said))


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
        return ", ".join(filter(None, [f"Home check {score_words(entry)}{usual}", came(entry)]))
    items = (
        f"{item.label} {rating_words(entry.ratings, item.key)}"
        for item in scoring.DAILY.items
        if item.key in entry.ratings
    )
    call = ". The family asks for a look" if entry.worried else ""
    late = f" ({came(entry)})" if came(entry) else ""
    return f"Daily: {', '.join([*items, *_figures(entry)])}{late}{call}"


def _figures(entry: Logged) -> list[str]:
    return [f"{NAMES[kind]} {number(figure)}" for kind, figure in entry.measured.items()]
