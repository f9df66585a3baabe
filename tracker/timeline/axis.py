"""The one time axis: days to pixels, and where its ticks stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

DAY = timedelta(days=1)
ROOM = 58  # pixels that a tick's label needs
WEEKS = (1, 2)
MONTHS = (1, 2, 3, 6, 12, 24, 60)


@dataclass(frozen=True)
class Sheet:
    """The paper: its width and the plot's edges in pixels; `above`: labels over the lanes, not beside."""

    width: int
    left: int
    right: int
    above: bool


WIDE = Sheet(width=1180, left=184, right=1112, above=False)
NARROW = Sheet(width=344, left=24, right=316, above=True)


@dataclass(frozen=True)
class Axis:
    """Days `first` to `last`, both shown in full, laid from the sheet's left to its right edge.

    `now` says that `last` is today.
    """

    first: date
    last: date
    sheet: Sheet
    now: bool = True

    @property
    def days(self) -> int:
        """How many days are shown, at least one."""
        return (self.last - self.first).days + 1

    @property
    def step(self) -> float:
        """Pixels a day."""
        return (self.sheet.right - self.sheet.left) / self.days

    def x(self, day: date) -> float:
        """Where the middle of a day lies; outside the period it lies on the edge."""
        return round(self._place((day - self.first).days + 0.5), 1)

    def start(self, day: date) -> float:
        """Where a day begins."""
        return round(self._place((day - self.first).days), 1)

    def end(self, day: date) -> float:
        """Where a day ends."""
        return round(self._place((day - self.first).days + 1), 1)

    def shows(self, first: date, last: date | None = None) -> bool:
        """Whether any day from `first` to `last` (or `first` alone) is in the period."""
        return first <= self.last and (last or first) >= self.first

    def _place(self, days: float) -> float:
        return self.sheet.left + min(max(days, 0), self.days) * self.step


def ticks(axis: Axis) -> list[tuple[date, str]]:
    """Days with their labels, far enough apart to read: Mondays, else firsts of months."""
    for weeks in WEEKS:
        if axis.step * 7 * weeks >= ROOM and axis.days <= 100:
            return [(day, f"{day.day} {day:%b}") for day in _mondays(axis, weeks)]
    every = next((n for n in MONTHS if axis.step * 30 * n >= ROOM), MONTHS[-1])
    days = list(_firsts(axis, every))
    return [(day, _month(day, named=day is days[0], every=every)) for day in days]


def _month(day: date, *, named: bool, every: int) -> str:
    if every >= 12:
        return str(day.year)
    return f"{day:%b %Y}" if named or day.month == 1 else f"{day:%b}"


def _mondays(axis: Axis, weeks: int) -> Iterator[date]:
    day = axis.first + DAY * (-axis.first.weekday() % 7)
    while day <= axis.last:
        yield day
        day += DAY * 7 * weeks


def _firsts(axis: Axis, every: int) -> Iterator[date]:
    """First days of every so many months, counted from January of year 0."""
    for index in range(axis.first.year * 12 + axis.first.month - 1, axis.last.year * 12 + axis.last.month):
        day = date(index // 12, index % 12 + 1, 1)
        if index % every == 0 and day >= axis.first:
            yield day
