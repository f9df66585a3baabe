"""The record as a sheet: features as rows, days, weeks, months or visits as columns, newest first.

Zero is `0`, not asked a dash, cannot tell `?`, and silence an empty cell.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Literal

from tracker import scoring
from tracker.timeline import bins, ratings
from tracker.timeline.axis import DAY
from tracker.timeline.facts import Logged, Rated, Record, number

By = Literal["day", "week", "month", "visit"]
NOT_ASKED, UNSURE, SILENCE = "–", "?", ""
MEASURED = {
    "sleep_hours": "Sleep, hours",
    "wakings": "Times awake",
    "temperature_c": "Temperature, °C",
    "falls": "Falls",
    "systolic_mmhg": "Blood pressure, upper, mm Hg",
    "diastolic_mmhg": "Blood pressure, lower, mm Hg",
}
Source = Logged | Rated
# What one entry says of a feature: a number, None for "cannot tell", or the words for neither.
Answer = float | None | str


@dataclass(frozen=True)
class Feature:
    """One row: its key in addresses, label and block, which entries could tell of it, and what they say."""

    key: str
    label: str
    block: str
    asked: Callable[[Source], bool]
    answer: Callable[[Source], Answer]
    most: float | None = None


@dataclass(frozen=True)
class Column:
    """Days `first` to `last`, by their name."""

    first: date
    last: date
    name: str

    @property
    def days(self) -> int:
        """How many days it gathers."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Cell:
    """What it says, and how dark it is: 0 to 3, None without a shade."""

    words: str
    level: int | None = None


@dataclass(frozen=True)
class Line:
    """A feature with a cell for each column, and the numbers behind the cells, oldest first."""

    feature: Feature
    cells: Sequence[Cell]
    told: Sequence[tuple[date, float]]


@dataclass(frozen=True)
class Sheet:
    """The columns, newest first, and the lines in blocks."""

    columns: Sequence[Column]
    blocks: Sequence[tuple[str, Sequence[Line]]]

    @property
    def across(self) -> int:
        """How many columns a table has, the names included."""
        return len(self.columns) + 1

    @property
    def tables(self) -> Sequence[tuple[str, Sequence[str], Sequence[tuple[Column, Sequence[Cell]]]]]:
        """The same turned: for each block its labels across, and a row for each column that says anything."""
        found = []
        for block, lines in self.blocks:
            cells = zip(self.columns, zip(*(line.cells for line in lines), strict=True), strict=True)
            rows = [(column, row) for column, row in cells if any(cell.words for cell in row)]
            if rows:
                found.append((block, [line.feature.label for line in lines], rows))
        return found


def sheet(record: Record, first: date, last: date, by: By, today: date) -> Sheet:
    """The sheet of a period; only columns in which something was told."""
    sources: list[Source] = [one for one in record.entries if first <= one.day <= last]
    sources += [one for one in record.rated if first <= one.day <= last]
    span = _visits(record, first, last) if by == "visit" else lambda day: bins.bin_of(day, by)
    gathered: dict[tuple[date, date], list[Source]] = defaultdict(list)
    for one in sources:
        gathered[span(one.day)].append(one)
    order = sorted(gathered, reverse=True)
    columns = [Column(begin, end, _name(begin, end, by, today)) for begin, end in order]
    blocks: dict[str, list[Line]] = {}
    for feature in features(record):
        cells = [_cell(feature, gathered[place]) for place in order]
        told = [(one.day, value) for one in sources if isinstance(value := _said(feature, one), float)]
        blocks.setdefault(feature.block, []).append(Line(feature, cells, told))
    return Sheet(columns, list(blocks.items()))


def features(record: Record) -> Iterator[Feature]:
    """All that a sheet has rows for; a clinician's scale has a block of its own, never the family's."""
    check = scoring.HOME_CHECK
    yield Feature("home_check", "Total, 0 to 18", check.name, _is("home_check"), _total, check.top)
    yield from _items("home_check", check)
    yield from _items("daily", scoring.DAILY)
    for kind, label in MEASURED.items():
        yield Feature(f"measured.{kind}", label, "Measured", _logged, _figure(kind))
    for group in ratings.groups(record.rated):
        yield from _clinical(group)


def _items(kind: str, scale: scoring.Scale) -> Iterator[Feature]:
    for item in scale.items:
        yield Feature(f"{kind}.{item.key}", item.label, scale.name, _is(kind), _rating(item.key), 3)


def _clinical(group: Sequence[Rated]) -> Iterator[Feature]:
    scale, version, items = group[0].group
    block = f"Clinician: {ratings.NAMES.get(scale, scale)}, version {version}"
    named = f"clinician.{scale}.{version}.{items}"

    def mine(one: Source) -> bool:
        return isinstance(one, Rated) and one.group == (scale, version, items)

    yield Feature(named, f"Total, 0 to {items * 3}", block, mine, _total, items * 3)
    for key in dict.fromkeys(key for one in group for key in one.scores):
        yield Feature(f"{named}.{key}", ratings.LABELS.get(key, key), block, mine, _rating(key), 3)


def _logged(one: Source) -> bool:
    return isinstance(one, Logged)


def _is(kind: str) -> Callable[[Source], bool]:
    return lambda one: isinstance(one, Logged) and one.kind == kind


def _total(one: Source) -> Answer:
    if one.score is None:
        return NOT_ASKED
    if one.score.total is None:
        return one.score.words.removesuffix(" items")
    return float(one.score.total)


def _rating(key: str) -> Callable[[Source], Answer]:
    def answer(one: Source) -> Answer:
        told = one.scores if isinstance(one, Rated) else one.ratings
        if key not in told:
            return NOT_ASKED
        value = told[key]
        return None if value is None else float(value)

    return answer


def _figure(kind: str) -> Callable[[Source], Answer]:
    def answer(one: Source) -> Answer:
        told = one.measured if isinstance(one, Logged) else {}
        return float(told[kind]) if kind in told else NOT_ASKED

    return answer


def _said(feature: Feature, one: Source) -> Answer:
    return feature.answer(one) if feature.asked(one) else SILENCE


def _cell(feature: Feature, sources: Iterable[Source]) -> Cell:
    """One number; the median with its range for several; else what stands for none."""
    answers = [feature.answer(one) for one in sources if feature.asked(one)]
    numbers = [answer for answer in answers if isinstance(answer, float)]
    if numbers:
        middle, low, high = median(numbers), min(numbers), max(numbers)
        words = number(middle) if low == high else f"{number(middle)} ({number(low)}–{number(high)})"
        shade = round(3 * middle / feature.most) if feature.most else None
        return Cell(words, shade if shade is None or middle == 0 else max(shade, 1))
    if not answers:
        return Cell(SILENCE)
    partial = [answer for answer in answers if isinstance(answer, str) and answer != NOT_ASKED]
    if partial:
        return Cell(partial[0] if len(partial) == 1 else "no total")
    return Cell(UNSURE if None in answers else NOT_ASKED)


def _visits(record: Record, first: date, last: date) -> Callable[[date], tuple[date, date]]:
    """The days after one clinician's rating up to the next one's day; after the last to the end."""
    ends = sorted({one.day for one in record.rated if first <= one.day <= last})

    def span(day: date) -> tuple[date, date]:
        end = next((one for one in ends if one >= day), last)
        begin = max((one + DAY for one in ends if one < day), default=first)
        return begin, end

    return span


def _name(first: date, last: date, by: By, today: date) -> str:
    """`today`, else `3 Nov 26`; the month; the span of a week or of the time up to a visit."""
    if by == "month":
        return f"{first:%b %Y}"
    if first <= today <= last:
        return "today" if by == "day" else f"{first.day} {first:%b} to today"
    if first == last:
        return f"{first.day} {first:%b %y}"
    return f"{first.day} {first:%b} to {last.day} {last:%b %y}"
