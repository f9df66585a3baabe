"""The lane of home check totals: a fixed axis of 0 to 18, broken at gaps, with the usual range behind.

Partial checks have no total and stand on a row of their own beneath it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from tracker import scoring
from tracker.timeline import bins, raters
from tracker.timeline.axis import Axis
from tracker.timeline.facts import Logged, Usual, day_words, number
from tracker.timeline.shapes import Lane, Path, Text, box, circle, shortened, spaced, width
from tracker.timeline.totals import Pair, drawn, notable

GAP = timedelta(days=10)  # longer without a complete check, and the line is broken
TOP = scoring.HOME_CHECK.top
HEIGHT, ROW = 162, 24  # the axis, and the row of partial checks beneath it
LINE = 16  # a line of words beneath
MOST_LABELS = 40
STRONG = "chart-text chart-text-strong"
GRID = range(0, TOP + 1, 6)


def lane(axis: Axis, top: float, checks: Sequence[Logged], usual: Usual) -> Lane:
    """Draw what lies in the period; `checks` and `usual` also hold the weeks before it."""
    usual = usual.until(axis.last)
    scale = Scale(axis, top)
    shown = [(check, base) for check, base in usual.by_check if axis.shows(check.day)]
    partial = [check for check in checks if check.total is None and axis.shows(check.day)]
    stretches = list(runs([check for check, _ in shown]))
    paths = [
        Path("".join(scale.grid()), "chart-tick"),
        Path("".join(scale.band(usual)), "chart-band"),
        *drawn(axis, scale.y, shown, stretches),
        *scale.hollow(partial),
    ]
    texts = [*scale.numbers(), *scale.labels(shown), *scale.silences(usual), *scale.unscored(partial)]
    lines = list(caregivers(axis, top + HEIGHT + ROW, [check for check, _ in shown]))
    high = HEIGHT + ROW + LINE * len(lines)
    return Lane(top, high, [path for path in paths if path.d], [*texts, *lines])


def caregivers(axis: Axis, top: float, shown: Sequence[Logged]) -> Iterator[Text]:
    """Whose mark is which and how far they are apart, beneath the lane."""
    names = raters.named(shown, shapes=bins.size(axis) == "day")
    room = axis.sheet.right - axis.sheet.left
    if width(" ".join(names)) <= room:
        names = [" ".join(names)]
    for place, words in enumerate(filter(None, [*names, raters.apart(shown)])):
        yield Text(axis.sheet.left, top + LINE * place + 11, shortened(words, room))


def runs(complete: Sequence[Logged]) -> Iterator[list[Logged]]:
    """Stretches of complete checks in which no two neighbours lie further apart than GAP."""
    run: list[Logged] = []
    for check in complete:
        if run and check.day - run[-1].day > GAP:
            yield run
            run = []
        run.append(check)
    if run:
        yield run


def told(check: Logged) -> str:
    """One check in words: `Home check 7 of 18 on 3 Nov 2026`."""
    words = check.score.words if check.score else ""
    end = "" if check.total is not None else ", no total"
    return f"Home check {words}{end}, {day_words(check.day)}"


class Scale:
    """Totals to pixels, and what is drawn on them."""

    def __init__(self, axis: Axis, top: float) -> None:
        self.axis, self.top = axis, top
        self.row = top + HEIGHT + ROW / 2 + 3

    def y(self, total: Decimal | float) -> float:
        """Where a total (0 to 18) lies; nothing lies outside."""
        kept = min(max(float(total), 0), TOP)
        return round(self.top + HEIGHT * (1 - kept / TOP), 1)

    def point(self, check: Logged) -> tuple[float, float]:
        """Where a complete check lies."""
        return self.axis.x(check.day), self.y(check.total or 0)  # a complete one has a total

    def grid(self) -> Iterator[str]:
        """Hairlines at 0, 6, 12 and 18."""
        for total in GRID:
            yield f"M{self.axis.sheet.left} {self.y(total):g}H{self.axis.sheet.right}"

    def numbers(self) -> Iterator[Text]:
        """The numbers beside the hairlines."""
        for total in GRID:
            yield Text(self.axis.sheet.left - 6, self.y(total) + 4, str(total), anchor="end")

    def band(self, usual: Usual) -> Iterator[str]:
        """From the usual total to the one that is notable, for each stretch whose check was compared."""
        stretches = _stretches(usual, self.axis.last)
        for first, last, base in stretches if bins.size(self.axis) == "day" else _joined(stretches):
            if base is not None and self.axis.shows(first, last):
                low, high = self.y(base), self.y(base + scoring.NOTABLE_RISE)
                yield box(self.axis.x(first), high, self.axis.x(last), low)

    def hollow(self, partial: Sequence[Logged]) -> Iterator[Path]:
        """A hollow mark for each partial check, or for each week or month that has some."""
        if bins.size(self.axis) == "day":
            for check in partial:
                yield Path(circle(self.axis.x(check.day), self.row, 4), "chart-dot-open", told(check))
            return
        days = [(check.day, 0.0) for check in partial]
        for one in bins.spreads(self.axis, days):
            number = "1 home check" if one.number == 1 else f"{one.number} home checks"
            mark = circle(one.x, self.row, bins.radius(self.axis, 4))
            yield Path(mark, "chart-dot-open", f"{number} without a total")

    def labels(self, shown: Sequence[Pair]) -> list[Text]:
        """The newest total with what is usual, then totals that were notable, where there is room."""
        texts = list(self._newest(*shown[-1])) if shown else []
        raised = [(check, base) for check, base in shown if notable(check, base)]
        for check, _ in sorted(raised, key=lambda pair: -(pair[0].total or 0))[:MOST_LABELS]:
            x, y = self.point(check)
            higher = (c for c, _ in shown if (c.total or 0) > (check.total or 0))
            if not any(abs(self.axis.x(c.day) - x) < 9 for c in higher):
                texts.append(Text(x, max(y - 9, self.top + 9), str(check.total), STRONG, "middle"))
        return spaced(texts)

    def _newest(self, check: Logged, base: Decimal | None) -> Iterator[Text]:
        """In the margin when it is fresh and there is one, else over the dot."""
        x, y = self.point(check)
        if self.axis.last - check.day > GAP:
            yield Text(x, max(y - 9, self.top + 9), str(check.total), STRONG, "middle")
            return
        margin = self.axis.sheet.right + 7
        if self.axis.sheet.above:
            yield Text(margin, y + 4, str(check.total), STRONG)
            return
        word = "newest" if self.axis.now else "last"
        yield Text(margin, y + 4, f"{word} {check.total}", STRONG)
        if base is not None:
            usual = self.y(base) + 4
            beneath = usual > y + 4 or y < self.top + 20
            apart = max(usual, y + 19) if beneath else min(usual, y - 11)
            yield Text(margin, apart, f"usual {number(base)}")

    def silences(self, usual: Usual) -> Iterator[Text]:
        """How long there was no total, written into each gap that has room for it."""
        days = [check.day for check, _ in usual.by_check]
        for before, after in pairwise([*days, self.axis.last] if days else []):
            left, right = self.axis.x(before), self.axis.x(after)
            words = f"no total for {(after - before).days} days"
            middle = round((left + right) / 2, 1)
            text = Text(middle, self.top + HEIGHT / 2, words, "chart-text chart-silence", "middle")
            if after - before > GAP and text.span[0] > left + 6 and text.span[1] < right - 6:
                yield text

    def unscored(self, partial: Sequence[Logged]) -> list[Text]:
        """How many items a partial check has, beside its hollow mark, where no other mark is in the way."""
        if bins.size(self.axis) != "day":
            return []
        marks = [(self.axis.x(check.day), check.score.words) for check in partial if check.score]
        texts = []
        for place, (x, words) in enumerate(marks):
            text = Text(x + 8, self.row + 4, words.removesuffix(" items"))
            if text.span[1] > self.axis.sheet.width:
                text = Text(x - 8, self.row + 4, text.words, anchor="end")
            others = (other for index, (other, _) in enumerate(marks) if index != place)
            if not any(text.span[0] - 6 < other < text.span[1] + 6 for other in others):
                texts.append(text)
        return spaced(texts)


Stretch = tuple[date, date, Decimal | None]


def _joined(stretches: Iterable[Stretch]) -> Iterator[Stretch]:
    """Neighbours with the same usual total as one, since on a long axis each is a fraction of a pixel."""
    kept: Stretch | None = None
    for one in stretches:
        if kept and kept[1] == one[0] and kept[2] == one[2]:
            kept = (kept[0], one[1], kept[2])
            continue
        if kept:
            yield kept
        kept = one
    if kept:
        yield kept


def _stretches(usual: Usual, today: date) -> Iterator[Stretch]:
    """(from, to, usual total) between neighbouring checks that no gap parts, and on to today."""
    for (before, _), (after, base) in pairwise(usual.by_check):
        if after.day - before.day <= GAP:
            yield before.day, after.day, base
    if usual.by_check and today - usual.by_check[-1][0].day <= GAP:
        yield usual.by_check[-1][0].day, today, usual.by_check[-1][1]
