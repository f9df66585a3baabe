"""Long spans are drawn by week or month: the median and the range of each, and it is said so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Literal

from tracker.timeline.axis import DAY, Axis

Size = Literal["day", "week", "month"]
DAILY_UP_TO, WEEKLY_UP_TO = 200, 1096  # days shown
SAID: dict[Size, str] = {
    "day": "",
    "week": "weeks: median and range",
    "month": "months: median and range",
}


@dataclass(frozen=True)
class Spread:
    """Several numbers at one place of the axis; `x` in pixels."""

    x: float
    low: float
    middle: float
    high: float
    number: int


def size(axis: Axis) -> Size:
    """How the axis gathers its days."""
    return size_of(axis.days)


def size_of(days: int) -> Size:
    """How so many days are gathered."""
    return "day" if days <= DAILY_UP_TO else "week" if days <= WEEKLY_UP_TO else "month"


@lru_cache(8192)
def bin_of(day: date, wide: Size) -> tuple[date, date]:
    """First and last day of the bin around a day: itself, its week from Monday, its calendar month."""
    if wide == "day":
        return day, day
    if wide == "week":
        monday = day - DAY * day.weekday()
        return monday, monday + DAY * 6
    following = (day.replace(day=28) + DAY * 4).replace(day=1)
    return day.replace(day=1), following - DAY


def place(axis: Axis, day: date) -> float:
    """Where the bin around a day is drawn: the middle of what the axis shows of it."""
    first, last = bin_of(day, size(axis))
    return round((axis.start(first) + axis.end(last)) / 2, 1)


def spreads(axis: Axis, told: Sequence[tuple[date, float]]) -> list[Spread]:
    """One for each bin of (day, number) pairs, which are in order of the day."""
    wide = size(axis)
    gathered = groupby(told, key=lambda one: bin_of(one[0], wide))
    return [spread(place(axis, first), [figure for _, figure in group]) for (first, _), group in gathered]


def spread(x: float, figures: Sequence[float]) -> Spread:
    """Median and range of at least one number."""
    order = sorted(figures)
    half = len(order) // 2
    middle = order[half] if len(order) % 2 else (order[half - 1] + order[half]) / 2
    return Spread(x, order[0], float(middle), order[-1], len(order))


def name(first: date, wide: Size) -> str:
    """What a bin is called: `Tue 3 Nov 2026`, `Week of 2 Nov 2026`, `Nov 2026`."""
    if wide == "month":
        return f"{first:%b %Y}"
    words = f"{first.day} {first:%b %Y}"
    return f"Week of {words}" if wide == "week" else f"{first:%a} {words}"


def radius(axis: Axis, usual: float) -> float:
    """How large a mark for each bin may be without running into the next; days may overlap."""
    days = {"day": 100, "week": 7, "month": 30}[size(axis)]
    return round(max(min(usual, axis.step * days / 2 - 0.5), 1.5), 1)
