"""Beside the symptoms: events with their words, the family's calls for a look, reviews."""

from collections.abc import Iterator, Sequence

from tracker.timeline.axis import Axis
from tracker.timeline.facts import Happened, Logged, Seen, day_words
from tracker.timeline.shapes import Lane, Path, Text, box, diamond, shortened, triangle, width

ROW = 19
MOST_ROWS = 6
LONGEST = 280  # pixels of one event's words


def events(axis: Axis, top: float, happened: Sequence[Happened]) -> Lane:
    """Marks and spans with their words, on as many rows as keep them apart."""
    rows: list[float] = []  # where the last words of each row end
    paths: list[Path] = []
    texts: list[Text] = []
    for event in sorted(happened, key=lambda one: one.first):
        if not axis.shows(event.first, event.last):
            continue
        left, right, words, x = _placed(axis, event)
        row = next((index for index, end in enumerate(rows) if end + 10 <= left), len(rows))
        rows[row : row + 1] = [right]
        y = top + row % MOST_ROWS * ROW + ROW / 2
        paths.append(_mark(axis, event, y))
        if row < MOST_ROWS and words:
            texts.append(Text(x, y + 4, words))
    return Lane(top, min(len(rows), MOST_ROWS) * ROW, paths, texts, own=True)


def _placed(axis: Axis, event: Happened) -> tuple[float, float, str, float]:
    """From where to where mark and words reach, the words that fit, and where they begin."""
    if event.last and event.last > event.first:
        start, end = axis.start(event.first) + 3, axis.end(event.last)
    else:
        start = end = axis.x(event.first)
    after, before = max(start + 9, end + 6), start - 9
    room_after, room_before = axis.sheet.right - 2 - after, before - axis.sheet.left
    if room_after >= min(room_before, width(event.words)):
        words = shortened(event.words, min(LONGEST, room_after))
        return start - 6, after + width(words), words, after
    words = shortened(event.words, min(LONGEST, room_before))
    begin = round(before - width(words), 1)
    return begin, end + 6, words, begin


def _mark(axis: Axis, event: Happened, y: float) -> Path:
    title = f"{event.kind}, {day_words(event.first, event.last)}. {event.text}"
    if event.last and event.last > event.first:
        return Path(box(axis.start(event.first), y - 4, axis.end(event.last), y + 4), "chart-mark", title)
    return Path(diamond(axis.x(event.first), y, 5), "chart-mark", title)


def calls(axis: Axis, top: float, entries: Sequence[Logged]) -> Lane:
    """A triangle on each day on which the family asked for a look."""
    days = sorted({entry.day for entry in entries if entry.worried and axis.shows(entry.day)})
    paths = [
        Path(
            triangle(axis.x(day), top + 9, 6),
            "chart-mark chart-mark-flag",
            f"Asked for a look, {day_words(day)}",
        )
        for day in days
    ]
    return Lane(top, ROW if days else 0, paths)


def reviews(axis: Axis, top: float, seen: Sequence[Seen]) -> Lane:
    """A tick on each day of a review, and a line from what the last one covers to today."""
    paths = [_tick(axis.x(review.day), top + 9, review) for review in seen if axis.shows(review.day)]
    covered = max((review.covers for review in seen), default=None)
    if covered is None:
        words = [] if paths else [Text(axis.sheet.left, top + 13, "not reviewed yet")]
        return Lane(top, ROW, paths, words, own=True)
    left, right = axis.x(covered) + 9, axis.end(axis.last)
    if right - left > 6 and covered < axis.last:
        paths.append(Path(f"M{left:g} {top + 9:g}H{right:g}", "chart-waiting", "Since the last review"))
    return Lane(top, ROW, paths, own=True)


def _tick(x: float, y: float, review: Seen) -> Path:
    title = f"Reviewed {day_words(review.day)} by {review.by}: {review.outcome}"
    return Path(f"M{x - 4:g} {y:g}l3 4l6 -8", "chart-review", title)


def stays(axis: Axis, happened: Sequence[Happened]) -> Iterator[tuple[float, float]]:
    """From where to where hospital stays reach, to shade them behind every lane."""
    for event in happened:
        if event.kind == "Hospital stay" and axis.shows(event.first, event.last):
            yield axis.start(event.first), axis.end(event.last or event.first)
