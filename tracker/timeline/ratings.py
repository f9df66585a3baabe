"""Clinicians' ratings in lanes of their own: one for each scale, version and number of items.

Never in the lane of the home check, on its axis, with its symbols, or joined by a line: they are made
months apart, by other people, on another scale.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker import scoring
from tracker.timeline.axis import Axis
from tracker.timeline.facts import Rated, day_words
from tracker.timeline.shapes import Lane, Path, Text, spaced, square

HEIGHT, ROW = 62, 20
NAMES = {scoring.MITCHELL_PIKE.code: scoring.MITCHELL_PIKE.name}
LABELS = {item.key: item.label for item in scoring.MITCHELL_PIKE.items}
STRONG = "chart-text chart-text-strong"


def groups(rated: Sequence[Rated]) -> list[list[Rated]]:
    """What may share an axis, each in order of the day."""
    kept: dict[tuple[str, str, int], list[Rated]] = {}
    for one in sorted(rated, key=lambda one: one.day):
        kept.setdefault(one.group, []).append(one)
    return list(kept.values())


def lane(axis: Axis, top: float, group: Sequence[Rated]) -> Lane:
    """Squares on stems over the group's own axis, each with its total; hollow ones have no total."""
    shown = [one for one in group if axis.shows(one.day)]
    if not shown:
        return Lane(top, 0)
    most = shown[0].score.items * 3
    foot = top + HEIGHT
    grid = "".join(f"M{axis.sheet.left} {top + HEIGHT * share:g}H{axis.sheet.right}" for share in (0, 0.5, 1))
    marks = [_mark(axis, top, most, one) for one in shown]
    numbers = [Text(axis.sheet.left - 6, foot + 4, "0", anchor="end")]
    numbers.append(Text(axis.sheet.left - 6, top + 4, str(most), anchor="end"))
    partial = any(one.score.total is None for one in shown)
    texts = [*numbers, *spaced(label for one in reversed(shown) for label in _label(axis, top, most, one))]
    return Lane(top, HEIGHT + ROW * partial, [Path(grid, "chart-tick"), *marks], texts, own=True)


def told(one: Rated) -> str:
    """One rating in words, scale and version named."""
    scale = NAMES.get(one.scale, one.scale)
    setting = one.setting[:1].lower() + one.setting[1:]
    return (
        f"{scale} {score_words(one)}, {day_words(one.day)}, by {one.rater}, {setting}. Version {one.version}"
    )


def _mark(axis: Axis, top: float, most: int, one: Rated) -> Path:
    x = axis.x(one.day)
    if one.score.total is None:
        return Path(square(x, top + HEIGHT + ROW / 2 + 2, 4), "chart-rating-open", told(one))
    y = _height(top, most, one.score.total)
    return Path(f"M{x:g} {top + HEIGHT:g}V{y:g}{square(x, y, 4)}", "chart-rating", told(one))


def _label(axis: Axis, top: float, most: int, one: Rated) -> list[Text]:
    x = axis.x(one.day)
    if one.score.total is None:
        words = one.score.words.removesuffix(" items")
        return [Text(x + 8, top + HEIGHT + ROW / 2 + 6, words)]
    return [Text(x + 8, _height(top, most, one.score.total) + 4, str(one.score.total), STRONG)]


def _height(top: float, most: int, total: int) -> float:
    return round(top + HEIGHT * (1 - min(total, most) / most), 1)


@dataclass(frozen=True)
class Sheet:
    """The ratings of one scale as a table: items across, newest first."""

    name: str
    items: Sequence[str]
    rows: Sequence[tuple[Rated, str, Sequence[str]]]


def rows(rated: Sequence[Rated]) -> list[Sheet]:
    """A table for each scale, version and number of items."""
    return [_sheet(group) for group in groups(rated)]


def _sheet(group: Sequence[Rated]) -> Sheet:
    scale, version, items = group[0].group
    keys = list(dict.fromkeys(key for one in group for key in one.scores))
    table = [
        (one, score_words(one), [value_words(one.scores, key) for key in keys]) for one in reversed(group)
    ]
    named = f"{NAMES.get(scale, scale)}, version {version}, total 0 to {items * 3}"
    return Sheet(named, [LABELS.get(key, key) for key in keys], table)


def score_words(one: Rated) -> str:
    """`7 of 18`, or `4 of 6 items, no total`."""
    return one.score.words if one.score.total is not None else f"{one.score.words}, no total"


def value_words(scores: Mapping[str, int | None], key: str) -> str:
    """`2`, `not assessable`, or a dash for an item that was not rated."""
    if key not in scores:
        return "–"
    return "not assessable" if scores[key] is None else str(scores[key])
