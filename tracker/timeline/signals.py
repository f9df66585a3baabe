"""Beside the symptoms, set by people or by rules: episodes, flags, pinned notes, how entries came."""

from collections.abc import Callable, Sequence

from tracker.timeline import bins
from tracker.timeline.axis import Axis
from tracker.timeline.facts import Logged, NotGiven, Pinned, Raised, Spell, day_words
from tracker.timeline.marks import ROW
from tracker.timeline.shapes import (
    Lane,
    Path,
    Text,
    box,
    circle,
    cross,
    diamond,
    shortened,
    spaced,
    square,
    width,
)

TONES = {1: "note", 2: "note", 3: "soon", 4: "urgent", 5: "urgent"}
LONGEST = 220  # pixels of a note's words
STEP = 15  # from one way of coming to the next, so that an entry can have two
Came = Callable[[Logged], bool]


def episodes(axis: Axis, top: float, spells: Sequence[Spell]) -> Lane:
    """A box from start to return with a diamond at its peak; an open one runs out at the right edge."""
    shown = [one for one in spells if axis.shows(one.first, min(one.last or axis.last, axis.last))]
    paths, texts = [], []
    for one in shown:
        left, right = axis.start(one.first), axis.end(one.last or axis.last)
        right = max(right, left + 4)
        css = "chart-episode" if one.last else "chart-episode-open"
        shape = box(left, top + 3, right, top + 15)
        paths.append(Path(shape, css, told(one), fading=one.last is None))
        if one.last is None:
            paths.append(Path(f"M{left:g} {top + 3:g}V{top + 15:g}", "chart-episode-start"))
            texts.append(_since(axis, left, top + 13, f"since {day_words(one.first)}"))
        if one.peak and axis.shows(one.peak):
            peak = f"Peak of the episode, {day_words(one.peak)}"
            paths.append(Path(diamond(axis.x(one.peak), top + 9, 4), "chart-episode-peak", peak))
    return Lane(top, ROW if shown else 0, paths, spaced(texts), own=True)


def _since(axis: Axis, left: float, y: float, words: str) -> Text:
    """Within the box, or before it where there is no room."""
    text = Text(left + 6, y, words)
    return text if text.span[1] < axis.sheet.right - 4 else Text(left - 6, y, words, anchor="end")


def told(one: Spell) -> str:
    """An episode in words."""
    days = day_words(one.first, one.last) if one.last else f"since {day_words(one.first)}, open"
    return f"Episode, {days}. {one.told}".rstrip(". ")


def flags(axis: Axis, top: float, raised: Sequence[Raised]) -> Lane:
    """A pennant on each day of a flag: filled while open, hollow once a review covered it."""
    shown = sorted((one for one in raised if axis.shows(one.day)), key=lambda one: (one.tier, one.day))
    paths = [
        Path(
            _pennant(axis.x(one.day), top + 9),
            f"chart-flag chart-flag-{TONES[one.tier]}{'' if one.open else ' chart-flag-seen'}",
            f"{one.label}, {day_words(one.day)}{'' if one.open else ', seen'}. {one.reason}",
        )
        for one in shown
    ]
    return Lane(top, ROW if shown else 0, paths, own=True)


def notes(axis: Axis, top: float, pinned: Sequence[Pinned]) -> Lane:
    """A folded sheet on the day of each note, with its first words where there is room."""
    shown = sorted((one for one in pinned if axis.shows(one.day)), key=lambda one: one.day)
    paths, texts = [], []
    for place, one in enumerate(shown):
        x = axis.x(one.day)
        ahead = axis.x(shown[place + 1].day) - 10 if place + 1 < len(shown) else axis.sheet.right
        title = f"Note on {day_words(one.day)} by {one.by}: {one.text}"
        paths.append(Path(_sheet(x, top + 9), "chart-note", title))
        behind = axis.x(shown[place - 1].day) + 10 if place else axis.sheet.left
        room, before = ahead - x - 10, x - 10 - behind
        whole = " ".join(one.text.split())
        if room >= min(width(whole), before, LONGEST) or room > 120:
            texts.append(Text(x + 9, top + 13, shortened(whole, min(room, LONGEST))))
        else:
            texts.append(Text(x - 9, top + 13, shortened(whole, min(before, LONGEST)), anchor="end"))
    told = [text for text in texts if len(text.words) > 3]
    return Lane(top, ROW if shown else 0, paths, spaced(told), own=True)


def missed(axis: Axis, top: float, doses: Sequence[NotGiven], entries: Sequence[Logged]) -> Lane:
    """A cross on each day with a dose not taken whole; hollow where a family only said "not all"."""
    crosses: dict[float, list[str]] = {}
    for dose in doses:
        if axis.shows(dose.day):
            crosses.setdefault(bins.place(axis, dose.day), []).append(dose_told(dose))
    said = {bins.place(axis, one.day) for one in entries if one.all_doses is False and axis.shows(one.day)}
    paths = [Path(cross(x, top + 9, 4), "chart-missed", ". ".join(told)) for x, told in crosses.items()]
    radius = bins.radius(axis, 4)
    hollow = "".join(circle(x, top + 9, radius) for x in sorted(said))
    if hollow:
        paths.append(Path(hollow, "chart-not-all", "The family: not all doses given"))
    return Lane(top, ROW if paths else 0, paths, own=True)


def dose_told(dose: NotGiven) -> str:
    """`prednisolone, 3 Nov 2026: vomited (after breakfast)`."""
    why = f" ({dose.reason.rstrip('.')})" if dose.reason else ""
    return f"{dose.agent}, {day_words(dose.day)}: {dose.status.lower()}{why}"


def arrivals(axis: Axis, top: float, entries: Sequence[Logged]) -> Lane:
    """Clocks for late entries, filled when a review missed them; strokes: corrected; squares: by phone."""
    shown = [one for one in entries if axis.shows(one.day)]
    kinds: Sequence[tuple[str, Came, Callable[[float, float], str]]] = (
        ("chart-late", lambda one: bool(one.late) and not one.after_review, _clock),
        ("chart-late chart-missed-review", lambda one: one.after_review, _clock),
        ("chart-amended", lambda one: one.amended, _stroke),
        ("chart-phone", lambda one: one.by_phone, lambda x, y: square(x, y, 3)),
    )
    paths, y = [], top + 9.0
    for css, came, mark in kinds:
        places = sorted({bins.place(axis, one.day) for one in shown if came(one)})
        if places:
            small = mark is _clock and bins.radius(axis, 5) < 5
            drawn = (circle(x, y, bins.radius(axis, 5)) if small else mark(x, y) for x in places)
            paths.append(Path("".join(drawn), css))
            y += STEP
    return Lane(top, ROW + STEP * (len(paths) - 1) if paths else 0, paths)


def _pennant(x: float, y: float) -> str:
    return f"M{x - 3:g} {y + 7:g}v-14l9 4l-9 4"


def _sheet(x: float, y: float) -> str:
    return f"M{x - 5:g} {y - 6:g}h6l4 4v8h-10ZM{x + 1:g} {y - 6:g}v4h4"


def _clock(x: float, y: float) -> str:
    return f"{circle(x, y, 5)}M{x:g} {y - 3:g}v3h2.5"


def _stroke(x: float, y: float) -> str:
    return f"M{x - 4:g} {y + 5:g}l8 -10M{x - 5:g} {y + 7:g}h10"
