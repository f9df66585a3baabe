"""The strips of the daily check-in: one column a day, as high and as dark as the rating.

Asked and not seen is a low foot; could not be judged is hatched; not asked and silence stay blank. A
column of a week or a month is as high and as dark as its median, with a thin stroke up to its highest.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from math import ceil

from tracker import scoring
from tracker.timeline import bins
from tracker.timeline.axis import Axis
from tracker.timeline.facts import Logged
from tracker.timeline.shapes import Lane, Path, Text, posts

HEIGHT, SPACE = 18, 6
HEIGHTS = (2.5, 7.5, 12.5, 18)  # of ratings 0 to 3, in pixels
UNSURE = -1
Days = Mapping[str, Mapping[date, int]]


def lane(axis: Axis, top: float, entries: Sequence[Logged]) -> Lane:
    """Six strips, one beneath the other, each with its name."""
    days = by_item(entry for entry in entries if entry.kind == "daily" and axis.shows(entry.day))
    paths, texts = [], []
    y = top
    for item in scoring.DAILY.items:
        y += 15 if axis.sheet.above else 0
        foot = y + HEIGHT
        texts.append(name(axis, foot, item.label))
        paths.append(Path(f"M{axis.sheet.left} {foot:g}H{axis.sheet.right}", "chart-tick"))
        told = days.get(item.key, {})
        paths.extend(_columns(axis, foot, told) if bins.size(axis) == "day" else _bins(axis, foot, told))
        y = foot + SPACE
    return Lane(top, y - top - SPACE, paths, texts)


def name(axis: Axis, foot: float, words: str) -> Text:
    """A strip's name: beside it, or above it on narrow paper."""
    if axis.sheet.above:
        return Text(axis.sheet.left, foot - HEIGHT - 3, words)
    return Text(axis.sheet.left - 10, foot - 4, words, anchor="end")


def by_item(entries: Iterator[Logged]) -> Days:
    """Item -> day -> the highest rating of that day, UNSURE when nobody could judge it."""
    days: dict[str, dict[date, int]] = defaultdict(dict)
    for entry in entries:
        for item, value in entry.ratings.items():
            told = UNSURE if value is None else value
            days[item][entry.day] = max(told, days[item].get(entry.day, UNSURE))
    return days


def _columns(axis: Axis, foot: float, days: Mapping[date, int]) -> Iterator[Path]:
    for level in (*range(scoring.TOP + 1), UNSURE):
        places = [axis.x(day) for day, rating in sorted(days.items()) if rating == level]
        if places:
            kind, high = ("unsure", HEIGHT) if level == UNSURE else (str(level), HEIGHTS[level])
            wide = round(axis.step - 1 if axis.step > 4 else axis.step, 1)
            d = posts(places, foot, high)
            yield Path(d, f"chart-cell chart-cell-{kind}", hatched=level == UNSURE, stroke=wide)


def _bins(axis: Axis, foot: float, days: Mapping[date, int]) -> Iterator[Path]:
    """Medians as columns; behind them strokes up to the highest; hatched where nothing could be judged."""
    wide = bins.size(axis)
    told = [(day, rating) for day, rating in sorted(days.items()) if rating != UNSURE]
    spreads = bins.spreads(axis, told)
    levels: dict[float, list[float]] = defaultdict(list)
    for one in spreads:
        levels[one.middle].append(one.x)
    column = bin_width(axis)
    above = "".join(
        f"M{one.x:g} {foot - height(one.middle):g}V{foot - height(one.high):g}"
        for one in spreads
        if one.high > one.middle
    )
    yield from [Path(above, "chart-cell-most")] if above else []
    for level, places in sorted(levels.items()):
        d = posts(places, foot, height(level))
        yield Path(d, f"chart-cell chart-cell-{ceil(level)}", stroke=column)
    judged = {bins.bin_of(day, wide) for day, _ in told}
    unsure = {bins.place(axis, day) for day in days if bins.bin_of(day, wide) not in judged}
    if unsure:
        d = posts(sorted(unsure), foot, HEIGHT)
        yield Path(d, "chart-cell chart-cell-unsure", hatched=True, stroke=column)


def bin_width(axis: Axis) -> float:
    """Pixels that a bin's column takes, with a pixel between two where there is room."""
    wide = axis.step * {"day": 1, "week": 7, "month": 30}[bins.size(axis)]
    return round(wide - 1 if wide > 4 else wide, 1)


def height(level: float) -> float:
    """Pixels of a rating of 0 to 3, between two in halves."""
    below = int(level)
    above = min(below + 1, scoring.TOP)
    return HEIGHTS[below] + (HEIGHTS[above] - HEIGHTS[below]) * (level - below)
