"""The few shapes that lanes are made of; templates write them out as they are."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

EM = 6.2  # pixels that a Latin letter takes at 12 pixels, on the wide side
WIDE_EM = 12.5


@dataclass(frozen=True)
class Path:
    """One SVG path with its classes; `title` is said when it is pointed at, `hatched` fills it,

    `stroke` is the width of its line where the stylesheet gives none, `fading` lets it run out to the right.
    """

    d: str
    css: str
    title: str = ""
    hatched: bool = False
    stroke: float = 0
    fading: bool = False


@dataclass(frozen=True)
class Text:
    """Words at a point; `y` is the line they stand on."""

    x: float
    y: float
    words: str
    css: str = "chart-text"
    anchor: str = "start"

    @property
    def span(self) -> tuple[float, float]:
        """From which x to which x the words reach, guessed on the wide side."""
        wide = width(self.words)
        left = {"start": self.x, "middle": self.x - wide / 2, "end": self.x - wide}[self.anchor]
        return left, left + wide


@dataclass(frozen=True)
class Lane:
    """One row of the picture, in pixels from the top.

    `own`: its marks are no entries and say themselves what they are, so that they lie over the days.
    """

    top: float
    height: float
    paths: Sequence[Path] = ()
    texts: Sequence[Text] = ()
    own: bool = False

    @property
    def bottom(self) -> float:
        """Where the next lane may begin."""
        return self.top + self.height


def width(words: str) -> float:
    """Pixels that `words` take at 12 pixels; East Asian letters are twice as wide."""
    return sum(WIDE_EM if unicodedata.east_asian_width(letter) in "WF" else EM for letter in words)


def shortened(words: str, room: float) -> str:
    """`words`, or as many of their letters as fit into `room` pixels and an ellipsis."""
    if width(words) <= room:
        return words
    while words and width(words) + EM * 2 > room:
        words = words[:-1]
    return f"{words.rstrip(' ,;:.')}…"


def box(left: float, top: float, right: float, bottom: float) -> str:
    """Path data of a rectangle."""
    return f"M{left:g} {top:g}H{right:g}V{bottom:g}H{left:g}Z"


def circle(x: float, y: float, radius: float) -> str:
    """Path data of a circle."""
    arc = f"a{radius:g} {radius:g} 0 1 0"
    return f"M{x - radius:g} {y:g}{arc} {radius * 2:g} 0{arc} {-radius * 2:g} 0Z"


def square(x: float, y: float, half: float) -> str:
    """Path data of a square around (x, y)."""
    return box(round(x - half, 1), round(y - half, 1), round(x + half, 1), round(y + half, 1))


def cross(x: float, y: float, half: float) -> str:
    """Path data of two strokes that cross at (x, y)."""
    return f"M{x - half:g} {y - half:g}l{half * 2:g} {half * 2:g}m0 -{half * 2:g}l-{half * 2:g} {half * 2:g}"


def triangle(x: float, y: float, size: float) -> str:
    """Path data of a triangle that points up, its middle at (x, y)."""
    return f"M{x:g} {y - size:g}L{x + size:g} {y + size * 0.8:g}H{x - size:g}Z"


def diamond(x: float, y: float, size: float) -> str:
    """Path data of a diamond around (x, y)."""
    return f"M{x:g} {y - size:g}l{size:g} {size:g}l{-size:g} {size:g}l{-size:g} {-size:g}Z"


def posts(places: Sequence[float], foot: float, high: float) -> str:
    """Path data of upright strokes at each of `places`, told as steps from one to the next."""
    steps = (f"m{after - before:.1f} {high:g}v-{high:g}" for before, after in pairwise(places))
    return f"M{places[0]:g} {foot:g}v-{high:g}{''.join(steps)}"


def polyline(points: Iterable[tuple[float, float]]) -> str:
    """Path data of one unbroken line."""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def spaced(texts: Iterable[Text], gap: float = 4) -> list[Text]:
    """Those of `texts`, in their order, that do not run into one kept before on the same line."""
    kept: list[Text] = []
    for text in texts:
        left, right = text.span
        clear = (
            left >= other.span[1] + gap or right + gap <= other.span[0] or abs(text.y - other.y) >= 13
            for other in kept
        )
        if all(clear):
            kept.append(text)
    return kept
