"""What was measured: sleep and counts as columns, temperature as dots, blood pressure as strokes."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from tracker.timeline import bins, strips
from tracker.timeline.axis import Axis
from tracker.timeline.facts import Logged, day_words, number
from tracker.timeline.shapes import Lane, Path, Text, circle, spaced

SLEEP, COUNT = 36, 18  # heights in pixels
MOST_HOURS, MOST_TIMES = 24, 10
FOOT = 2  # so that zero is drawn
WARM, COOL, HOT = 38.0, 34.0, 42.0
WARMTH = 48
LOW, HIGH, PRESSED = 20, 180, 48  # mm Hg at the foot and the top of the lane, and its height
SCALED = (60, 120)  # mm Hg with a hairline
Told = list[tuple[date, float]]


def told(axis: Axis, entries: Sequence[Logged], kind: str) -> Told:
    """(day, number) of each entry in the period that has it, oldest first."""
    return [
        (entry.day, float(entry.measured[kind]))
        for entry in entries
        if kind in entry.measured and axis.shows(entry.day)
    ]


def sleep(axis: Axis, top: float, entries: Sequence[Logged]) -> Lane:
    """Hours of sleep, on a fixed axis of 0 to 24."""
    figures = told(axis, entries, "sleep_hours")
    if not figures:
        return Lane(top, 0)
    foot = top + SLEEP
    lines = "".join(f"M{axis.sheet.left} {y:g}H{axis.sheet.right}" for y in (top, top + SLEEP / 2, foot))
    paths = [Path(lines, "chart-tick"), *_columns(axis, foot, figures, _hours)]
    marks = ((foot, "0"), (top + SLEEP / 2 + 4, "12"), (top + 8, "24"))
    side = axis.sheet.left - 6
    texts = [Text(side, y, words, anchor="end") for y, words in marks if not axis.sheet.above]
    return Lane(top, SLEEP, paths, texts)


def counts(axis: Axis, top: float, entries: Sequence[Logged], kind: str) -> Lane:
    """Times awake or falls: a column of up to 10; more are as high as 10 and darker."""
    figures = told(axis, entries, kind)
    if not figures:
        return Lane(top, 0)
    foot = top + COUNT
    baseline = Path(f"M{axis.sheet.left} {foot:g}H{axis.sheet.right}", "chart-tick")
    most = max(figure for _, figure in figures)
    texts = [Text(axis.sheet.right + 7, foot - 4, f"most {number(most)}")] if not axis.sheet.above else []
    return Lane(top, COUNT, [baseline, *_columns(axis, foot, figures, _times)], texts)


def temperature(axis: Axis, top: float, entries: Sequence[Logged]) -> Lane:
    """Temperatures on a fixed axis of 34 to 42, a line at 38.0; what reaches it is filled and said."""
    figures = told(axis, entries, "temperature_c")
    if not figures:
        return Lane(top, 0)
    line = Path(f"M{axis.sheet.left} {_warmth(top, WARM):g}H{axis.sheet.right}", "chart-limit")
    paths = [line, *_dots(axis, top, figures)]
    texts = _degrees(axis, top, figures)
    edge = axis.sheet.left - 6
    return Lane(top, WARMTH, paths, [Text(edge, _warmth(top, WARM) + 4, "38", anchor="end"), *texts])


def pressure(axis: Axis, top: float, entries: Sequence[Logged]) -> Lane:
    """Blood pressure on a fixed axis of 20 to 180 mm Hg: a stroke from the lower number to the upper one.

    On long axes the highest of a week or month, each number for itself.
    """
    upper, lower = (told(axis, entries, kind) for kind in ("systolic_mmhg", "diastolic_mmhg"))
    if not upper:
        return Lane(top, 0)
    if bins.size(axis) == "day":
        strokes = [(axis.x(day), high, low) for (day, high), (_, low) in zip(upper, lower, strict=True)]
    else:
        pairs = zip(bins.spreads(axis, upper), bins.spreads(axis, lower), strict=True)
        strokes = [(high.x, high.high, low.high) for high, low in pairs]
    lines = "".join(f"M{axis.sheet.left} {_pressed(top, mark):g}H{axis.sheet.right}" for mark in SCALED)
    bars = "".join(f"M{x:g} {_pressed(top, high):g}V{_pressed(top, low):g}" for x, high, low in strokes)
    side = axis.sheet.left - 6
    texts = [Text(side, _pressed(top, mark) + 4, str(mark), anchor="end") for mark in SCALED]
    return Lane(top, PRESSED, [Path(lines, "chart-tick"), Path(bars, "chart-range chart-pressure")], texts)


def _pressed(top: float, figure: float) -> float:
    kept = min(max(figure, LOW), HIGH)
    return round(top + PRESSED * (HIGH - kept) / (HIGH - LOW), 1)


def _dots(axis: Axis, top: float, figures: Told) -> Iterator[Path]:
    """A dot for each reading, or the highest of each bin with the range as a stroke."""
    warm, cool, ranges = "", "", ""
    if bins.size(axis) == "day":
        points = [(axis.x(day), figure) for day, figure in figures]
    else:
        gathered = bins.spreads(axis, figures)
        points = [(one.x, one.high) for one in gathered]
        ranges = "".join(
            f"M{one.x:g} {_warmth(top, one.high):g}V{_warmth(top, one.low):g}"
            for one in gathered
            if one.high > one.low
        )
    for x, figure in points:
        mark = circle(x, _warmth(top, figure), 3)
        warm, cool = (warm + mark, cool) if figure >= WARM else (warm, cool + mark)
    marks = ((ranges, "chart-range"), (cool, "chart-warmth"), (warm, "chart-warmth chart-fever"))
    yield from (Path(d, css) for d, css in marks if d)


def _degrees(axis: Axis, top: float, figures: Told) -> list[Text]:
    """The highest first, where there is room: those that reach the line."""
    fevers = sorted((one for one in figures if one[1] >= WARM), key=lambda one: -one[1])[:40]
    return spaced(
        Text(axis.x(day), max(_warmth(top, figure) - 6, top + 8), f"{figure:.1f}", anchor="middle")
        for day, figure in fevers
    )


def _columns(axis: Axis, foot: float, figures: Told, high: Callable[[float], float]) -> Iterator[Path]:
    """Columns side by side; of several entries of a day, as of a bin, the median with its range above."""
    by_place: dict[float, list[float]] = defaultdict(list)
    for day, figure in figures:
        by_place[bins.place(axis, day)].append(figure)
    gathered = [bins.spread(x, some) for x, some in by_place.items()]
    plain = "".join(f"M{one.x:g} {foot:g}v-{high(one.middle):g}" for one in gathered)
    over = "".join(
        f"M{one.x:g} {foot - high(one.middle):g}V{foot - high(one.high):g}"
        for one in gathered
        if one.high > one.middle
    )
    yield Path(plain, "chart-cell chart-count", stroke=strips.bin_width(axis))
    if over:
        yield Path(over, "chart-cell-most")


def _hours(figure: float) -> float:
    return round(max(FOOT, SLEEP * min(figure, MOST_HOURS) / MOST_HOURS), 1)


def _times(figure: float) -> float:
    return round(max(FOOT, COUNT * min(figure, MOST_TIMES) / MOST_TIMES), 1)


def _warmth(top: float, figure: float) -> float:
    kept = min(max(figure, COOL), HOT)
    return round(top + WARMTH * (HOT - kept) / (HOT - COOL), 1)


def words(day: date, figure: float) -> str:
    """One temperature in words."""
    return f"{number(figure)} °C on {day_words(day)}"
