"""One entry against earlier ones, item by item, on those items that both have."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import sub

from tracker.detector.diary import EYE_MOTOR, Row

MOOD = 4  # mood's place among the items of a home check
LEAST_ITEMS = 3  # fewer in common say nothing


def is_usable(row: Row) -> bool:
    """Whether it holds enough to be compared: three items, one of them of eyes or movement."""
    return len(row) - row.count(None) >= LEAST_ITEMS and any(value is not None for value in row[:EYE_MOTOR])


class Past:
    """An earlier entry; `bias` is what its writer usually adds, in points of all items and of eye/motor.

    `total` allows for it; it is None when an item was not rated.
    """

    __slots__ = ("bias", "row", "total")

    def __init__(self, row: Row, bias: tuple[float, float] = (0.0, 0.0)) -> None:
        self.row, self.bias = row, bias
        self.total = None if None in row else _sum(row) - bias[0]

    def has(self, places: Sequence[int]) -> bool:
        """Whether it was rated in all these places."""
        return all(self.row[place] is not None for place in places)

    def only(self, places: Sequence[int]) -> "Past":
        """The same with these items alone."""
        return Past(tuple(self.row[place] for place in places), self.bias)


@dataclass(frozen=True, slots=True)
class Comparison:
    """`places` are the items compared; `rises` theirs, over their medians; sums allow for the writer.

    `motor` is the sum of the eye and motor items now, `eye_motor` its rise; `bias` what the writer adds,
    which is in `usual`.
    """

    places: tuple[int, ...]
    now: int
    usual: float
    rise: float
    eye_motor: float
    motor: int
    rises: dict[int, float]
    climbs: float
    bias: float

    def counted(self, mood_counts: float) -> float:
        """The rise of the sum in which mood, which medicines move too, has only a limited part."""
        return self.rise - max(0.0, self.rises.get(MOOD, 0.0) - mood_counts)

    @property
    def moved(self) -> bool:
        """Whether an eye or motor item is over its usual."""
        return any(rise > 0 for place, rise in self.rises.items() if place < EYE_MOTOR)


def middle(values: Iterable[float]) -> float:
    """The median; `statistics.median` does the same, several times slower, and this is asked most."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def compare(
    now: Row, bias: tuple[float, float], past: Sequence[Past], least: int, takes: int
) -> Comparison | None:
    """Compare with the last `takes` of `past` (oldest first); None with fewer than `least` to compare with.

    An item that too few of them have is left out on both sides.
    """
    least = max(least, 1)
    if len(past) < least:
        return None
    places = [place for place, value in enumerate(now) if value is not None]
    rows = [each for each in past if each.total is not None or each.has(places)]
    while len(rows) < least and len(places) >= LEAST_ITEMS:
        places.remove(min(places, key=lambda place: sum(each.row[place] is not None for each in past)))
        rows = [each for each in past if each.has(places)]
    if len(rows) < least or len(places) < LEAST_ITEMS or places[0] >= EYE_MOTOR:
        return None
    return _measure(Past(now, bias), rows[-takes:], tuple(places))


def _measure(now: Past, rows: Sequence[Past], places: tuple[int, ...]) -> Comparison:
    motor = sum(place < EYE_MOTOR for place in places)
    if len(places) < len(now.row):
        now, rows = now.only(places), [each.only(places) for each in rows]
    totals = [each.total or 0 for each in rows]
    usual = middle(totals)
    # A daily entry is eye and motor items only, and most entries are daily.
    motors = totals if motor == len(now.row) else [_sum(each.row[:motor]) - each.bias[1] for each in rows]
    columns = zip(*[each.row for each in rows], strict=True)
    medians = [middle(column) for column in columns]
    return Comparison(
        places=places,
        now=_sum(now.row),
        usual=usual + now.bias[0],
        rise=(now.total or 0) - usual,
        motor=_sum(now.row[:motor]),
        eye_motor=_sum(now.row[:motor]) - now.bias[1] - middle(motors),
        rises=dict(zip(places, map(sub, now.row, medians), strict=True)),
        climbs=totals[-1] - totals[0],
        bias=now.bias[0],
    )


def _sum(row: Row) -> int:
    """The sum of a row of which nothing is missing."""
    return sum(filter(None, row))
