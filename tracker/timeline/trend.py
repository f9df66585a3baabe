"""One feature as a small line over its period: broken at gaps, zero at the foot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from tracker.timeline import bins
from tracker.timeline.axis import Axis, Sheet, ticks
from tracker.timeline.home_check import GAP
from tracker.timeline.shapes import Path, Text, circle, polyline, spaced

PAPER = Sheet(width=720, left=44, right=700, above=False)
TOP, HEIGHT, FOOT = 12, 120, 24


@dataclass(frozen=True)
class Trend:
    """The drawing, in pixels."""

    width: int
    height: int
    paths: Sequence[Path]
    texts: Sequence[Text]


def trend(told: Sequence[tuple[date, float]], first: date, last: date, most: float | None) -> Trend:
    """Draw (day, number) pairs, oldest first, on an axis of 0 to `most`, else to the highest number.

    Temperatures are far from zero: their axis is 34 to 42 when no number leaves it.
    """
    axis = Axis(first, last, PAPER)
    low, high = bounds([figure for _, figure in told], most)

    def y(figure: float) -> float:
        return round(TOP + HEIGHT * (1 - (figure - low) / (high - low)), 1)

    pieces = bins.spreads(axis, sorted(told))
    days = sorted({day for day, _ in told})
    breaks = {axis.x(after) for before, after in pairwise(days) if after - before > GAP}
    runs: list[list[tuple[float, float]]] = []
    for before, one in zip([None, *pieces], pieces, strict=False):
        if before is None or any(before.x < place <= one.x for place in breaks):
            runs.append([])
        runs[-1].append((one.x, y(one.middle)))
    ranges = "".join(f"M{one.x:g} {y(one.high):g}V{y(one.low):g}" for one in pieces if one.high > one.low)
    grid = "".join(f"M{PAPER.left} {y(level):g}H{PAPER.right}" for level in (low, (low + high) / 2, high))
    dots = "".join(circle(one.x, y(one.middle), 3) for one in pieces)
    paths = [
        Path(grid, "chart-tick"),
        Path(ranges, "chart-range"),
        *(Path(polyline(run), "chart-line") for run in runs),
        Path(dots, "chart-dot"),
    ]
    numbers = [Text(PAPER.left - 6, y(level) + 4, f"{level:g}", anchor="end") for level in (low, high)]
    dates = spaced(Text(axis.start(day), TOP + HEIGHT + 18, words) for day, words in ticks(axis))
    return Trend(PAPER.width, TOP + HEIGHT + FOOT, [path for path in paths if path.d], [*numbers, *dates])


def bounds(figures: Sequence[float], most: float | None) -> tuple[float, float]:
    """From where to where the axis goes; at least one unit."""
    if most is not None:
        return 0, most
    if figures and min(figures) >= 34 and max(figures) <= 42:
        return 34, 42
    return 0, max([*figures, 1])
