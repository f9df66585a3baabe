"""Totals of home checks as marks: each by its author's shape, or a week's or month's median and range."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from statistics import median

from tracker import scoring
from tracker.timeline import bins, raters
from tracker.timeline.axis import Axis
from tracker.timeline.facts import Logged
from tracker.timeline.shapes import Path, circle, diamond, polyline, square, triangle

Pair = tuple[Logged, Decimal | None]
Height = Callable[[Decimal | float], float]


def notable(check: Logged, base: Decimal | None) -> bool:
    """Whether a total lies so far over the usual one that it may be a change."""
    return check.total is not None and base is not None and check.total - base >= scoring.NOTABLE_RISE


def drawn(axis: Axis, y: Height, shown: Sequence[Pair], runs: Sequence[Sequence[Logged]]) -> list[Path]:
    """Lines and marks of complete checks; `runs` are the stretches that no gap parts."""
    if bins.size(axis) == "day":
        return [*_lines(axis, y, runs), *_marks(axis, y, shown)]
    return list(_gathered(axis, y, shown, runs))


def _lines(axis: Axis, y: Height, runs: Sequence[Sequence[Logged]]) -> Iterator[Path]:
    """Each stretch as one line through the days' totals; between two of one day it takes the middle."""
    for run in runs:
        days = groupby(run, key=lambda check: check.day)
        points = [(axis.x(day), y(median(check.total or 0 for check in checks))) for day, checks in days]
        yield Path(polyline(points), "chart-line")


def _marks(axis: Axis, y: Height, shown: Sequence[Pair]) -> Iterator[Path]:
    """A mark for each check in its author's shape; a triangle where the total is notable."""
    letters = raters.letters([check for check, _ in shown])
    radius = 3.5 if axis.step * 7 > 14 else 2.5
    shapes = (circle, square, diamond)
    found: dict[str, str] = defaultdict(str)
    for check, base in shown:
        x, high, place = axis.x(check.day), y(check.total or 0), raters.shape(check, letters)
        if notable(check, base):
            found["chart-dot chart-raised" + " chart-dot-b" * bool(place)] += triangle(x, high, 5.5)
        else:
            mark = shapes[place](x, high, radius + 0.7 * bool(place))
            found["chart-dot" + " chart-dot-b" * bool(place)] += mark
    for css, d in found.items():
        yield Path(d, css)


def _gathered(
    axis: Axis, y: Height, shown: Sequence[Pair], runs: Sequence[Sequence[Logged]]
) -> Iterator[Path]:
    """For each bin the range as a stroke and the median as a dot; a gap within a bin parts it in two."""
    ranges, dots = "", ""
    for run in runs:
        pieces = _pieces(axis, run)
        yield Path(polyline((one.x, y(one.middle)) for one in pieces), "chart-line")
        dots += "".join(circle(one.x, y(one.middle), 2.5) for one in pieces)
        ranges += "".join(
            f"M{one.x:g} {y(one.high):g}V{y(one.low):g}" for one in pieces if one.high > one.low
        )
    yield Path(ranges, "chart-range")
    yield Path(dots, "chart-dot")
    yield Path("".join(_raised(axis, y, shown)), "chart-dot chart-raised")


def _pieces(axis: Axis, run: Sequence[Logged]) -> list[bins.Spread]:
    """The bins of one stretch, each in the middle of its checks."""
    wide = bins.size(axis)
    pieces = []
    for _, group in groupby(run, key=lambda check: bins.bin_of(check.day, wide)):
        checks = list(group)
        x = round((axis.x(checks[0].day) + axis.x(checks[-1].day)) / 2, 1)
        pieces.append(bins.spread(x, [check.total or 0 for check in checks]))
    return pieces


def _raised(axis: Axis, y: Height, shown: Sequence[Pair]) -> Iterator[str]:
    """The highest notable total of each bin, on its day."""
    highest: dict[object, Logged] = {}
    for check, base in shown:
        if notable(check, base):
            key = bins.bin_of(check.day, bins.size(axis))
            highest[key] = max(highest.get(key, check), check, key=lambda one: one.total or 0)
    for check in highest.values():
        yield triangle(axis.x(check.day), y(check.total or 0), 5)
