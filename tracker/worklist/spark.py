"""The last home checks as a line of a few millimetres: totals in, the shapes of an SVG out."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from tracker import scoring

TOP = scoring.TOP * len(scoring.HOME_CHECK.items)  # 18, always: a line is never stretched to look worse
PLACES = 8
STEP, PAD, HIGH = 11, 4, 27  # width of a step, room around the line, height of the scale
WIDTH, HEIGHT = (PLACES - 1) * STEP + 2 * PAD, HIGH + 2 * PAD


@dataclass(frozen=True)
class Spark:
    """The line in pieces, its dots, the last one apart, and all of it in words.

    An empty place is a partial check: a gap in the line.
    """

    lines: list[str]
    dots: list[tuple[float, float]]
    last: tuple[float, float] | None
    words: str
    width: int = WIDTH
    height: int = HEIGHT
    floor: int = HIGH + PAD


def spark(course: Sequence[int | None]) -> Spark | None:
    """The picture of up to eight totals, oldest first, the newest at the right; None without any check."""
    if not course:
        return None
    shown = list(course)[-PLACES:]
    first = PLACES - len(shown)
    points = [
        None if total is None else (float(PAD + (first + index) * STEP), PAD + HIGH - HIGH * total / TOP)
        for index, total in enumerate(shown)
    ]
    known = [(round(x, 1), round(y, 1)) for x, y in (point for point in points if point)]
    pieces = [list(run) for there, run in groupby(points, key=bool) if there]
    lines = [" ".join(f"{x:g},{y:.1f}" for x, y in (p for p in run if p)) for run in pieces if len(run) > 1]
    told = ", ".join("partial" if total is None else str(total) for total in shown)
    newest = known[-1] if points[-1] else None
    words = f"Last home checks, oldest first, of {TOP}: {told}."
    return Spark(lines, known[:-1] if newest else known, newest, words)
