"""Which days a page shows, as its address says it, and the addresses beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from tracker.timeline.axis import DAY

USUAL = 180
LENGTHS = {
    14: "14 days",
    30: "30 days",
    90: "90 days",
    180: "6 months",
    365: "1 year",
    540: "18 months",
    1095: "3 years",
    3650: "10 years",
}
SHORTEST, LONGEST = 7, 36525
EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True)
class Period:
    """Days `first` to `last`, both shown; `begun` is the first day that anything tells of.

    `chosen` is the word of the choice that it is, empty when it was moved or zoomed by hand.
    """

    first: date
    last: date
    today: date
    begun: date
    chosen: str = ""

    @property
    def days(self) -> int:
        """How many days are shown, at least one."""
        return (self.last - self.first).days + 1

    @property
    def query(self) -> str:
        """The part of the address that gives this period again."""
        return f"days={self.chosen}" if self.chosen else self._query(self.first, self.days)

    @property
    def earlier(self) -> str:
        """The address of half a period before; empty where nothing is before."""
        if self.first <= self.begun:
            return ""
        return self._query(self.first - DAY * max(self.days // 2, 1), self.days)

    @property
    def later(self) -> str:
        """The address of half a period after; empty at today."""
        if self.last >= self.today:
            return ""
        step = min(max(self.days // 2, 1), (self.today - self.last).days)
        return self._query(self.first + DAY * step, self.days)

    @property
    def closer(self) -> str:
        """The address of the half that ends with the period at today, else of its middle half."""
        length = max(self.days // 2, SHORTEST)
        if length >= self.days:
            return ""
        before = self.days - length if self.last >= self.today else (self.days - length) // 2
        return self._query(self.first + DAY * before, length)

    @property
    def wider(self) -> str:
        """The address of twice the days around it; empty when everything is shown already."""
        if self.first <= self.begun and self.last >= self.today:
            return ""
        length = min(self.days * 2, LONGEST)
        last = min(self.last + DAY * ((length - self.days) // 2), self.today)
        return self._query(max(last - DAY * (length - 1), EARLIEST), length)

    @property
    def choices(self) -> Sequence[tuple[str, str, bool]]:
        """(word, label, whether it is shown) of each length, and of everything."""
        told = [(str(days), label, self.chosen == str(days)) for days, label in LENGTHS.items()]
        return [*told, ("all", "Everything", self.chosen == "all")]

    @staticmethod
    def _query(first: date, days: int) -> str:
        return urlencode({"from": max(first, EARLIEST).isoformat(), "days": days})


def asked(words: Mapping[str, str], today: date, begun: date | None) -> Period:
    """The period of `?from=2026-11-03&days=14`, or of `?days=14`, `?days=all`, which end today.

    What cannot be understood is taken for the usual half year; what lies ahead is not shown.
    """
    start, length = begun or today, words.get("days", "")
    if length == "all":
        return Period(min(start, today - DAY * 29), today, today, start, "all")
    days = int(length) if length.isascii() and length.isdigit() and len(length) < 6 else 0
    first = _day(words.get("from", ""))
    if first is None:
        known = days if days in LENGTHS else USUAL
        return Period(today - DAY * (known - 1), today, today, start, str(known))
    days = min(max(days or USUAL, 1), LONGEST)
    first = min(max(first, EARLIEST), today)
    return Period(first, min(first + timedelta(days=days - 1), today), today, start)


def _day(words: str) -> date | None:
    try:
        return date.fromisoformat(words) if len(words) == 10 else None
    except ValueError:
        return None
