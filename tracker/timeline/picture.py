"""The whole picture: every lane over one axis, with the words that say it to those who cannot see it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from tracker.timeline import bins, courses, home_check, marks, measured, ratings, signals, strips
from tracker.timeline.axis import NARROW, WIDE, Axis, ticks
from tracker.timeline.days import Pointed, pointed
from tracker.timeline.facts import Rated, Record, Usual, day_words
from tracker.timeline.saying import said
from tracker.timeline.shapes import Lane, Path, Text, box, spaced

HEAD = 26  # the dates above the lanes
APART = 14  # between two groups of lanes
TOUCH = 14  # pixels a day must have on narrow paper to be chosen with a finger
STRONG = "chart-text chart-text-strong"
Note = tuple[float, str]  # pixels beneath the lane's name, and words
BESIDE: Sequence[Note] = [(0, "")]
HOME_CHECK: Sequence[Note] = [
    (16, "total of 6 items"),
    (32, "0 to 18, up is worse"),
    (home_check.HEIGHT + 6, "no total"),
]
WARMTH: Sequence[Note] = [(0, ""), (16, "line at 38.0 °C")]
PRESSURE: Sequence[Note] = [(0, ""), (16, "upper to lower, mm Hg")]
SLEEP: Sequence[Note] = [(0, ""), (16, "hours of 24")]


@dataclass(frozen=True)
class Drawing:
    """One SVG: its size in pixels, what lies behind the lanes, the lanes, and the days to point at."""

    width: int
    height: float
    behind: Sequence[Path]
    dates: Sequence[Text]
    lanes: Sequence[Lane]
    front: Sequence[Path]
    days: Sequence[Pointed] = ()

    @property
    def below(self) -> float:
        """The height of what lies beneath the dates."""
        return self.height - HEAD + 6

    @property
    def fading(self) -> bool:
        """Whether anything runs out to the right, so that the gradient is needed."""
        return any(path.fading for lane in self.lanes for path in lane.paths)


@dataclass(frozen=True)
class Picture:
    """The same record twice, for wide and for narrow paper, and said in one paragraph.

    `gathered` says how a long span was drawn: `weeks: median and range`; empty for days.
    """

    first: date
    last: date
    wide: Drawing
    narrow: Drawing
    said: str
    gathered: str = ""

    @property
    def days(self) -> int:
        """How many days are shown."""
        return (self.last - self.first).days + 1


def draw(record: Record, first: date, last: date, *, now: bool = True) -> Picture:
    """Draw the days `first` to `last`; `record` also holds earlier home checks, for what was usual then.

    `now` says that `last` is today.
    """
    usual = Usual.of(record.checks)
    wide, narrow = (Board(record, usual, Axis(first, last, sheet, now)).drawing() for sheet in (WIDE, NARROW))
    gathered = bins.SAID[bins.size(Axis(first, last, WIDE))]
    return Picture(first, last, wide, narrow, said(record, usual, first, last), gathered)


@dataclass
class Board:
    """One sheet while lanes are laid on it, one beneath the other."""

    record: Record
    usual: Usual
    axis: Axis
    lanes: list[Lane] = field(default_factory=list)
    y: float = HEAD + 6

    def drawing(self) -> Drawing:
        """Lay every lane, then what runs through all of them."""
        self._around()
        self._symptoms()
        self._care()
        axis = self.axis
        chosen = axis.step >= TOUCH or not axis.sheet.above
        days = pointed(self.record, self.usual, axis) if chosen else ()
        return Drawing(
            axis.sheet.width,
            self.y,
            list(self._behind()),
            self._dates(),
            self.lanes,
            list(self._front()),
            days,
        )

    def _around(self) -> None:
        """What happened, and what asks for a look."""
        record, axis = self.record, self.axis
        self._lay("Events", lambda top: marks.events(axis, top, record.events), BESIDE)
        self._lay("Episodes", lambda top: signals.episodes(axis, top, record.episodes), BESIDE)
        self._lay("Flags", lambda top: signals.flags(axis, top, record.flags), BESIDE)
        self._lay("Asks for a look", lambda top: marks.calls(axis, top, record.entries), BESIDE)

    def _symptoms(self) -> None:
        """The family's ratings, the clinicians' in lanes of their own, and what was measured."""
        record, axis, entries = self.record, self.axis, self.record.entries
        self._lay("Home check", lambda top: home_check.lane(axis, top, record.checks, self.usual), HOME_CHECK)
        for group in ratings.groups(record.rated):
            self._clinicians(group)
        self._lay("Daily check-in", lambda top: strips.lane(axis, top, entries))
        self._lay("Sleep", lambda top: measured.sleep(axis, top, entries), SLEEP)
        self._lay("Times awake", lambda top: measured.counts(axis, top, entries, "wakings"), BESIDE)
        self._lay("Falls", lambda top: measured.counts(axis, top, entries, "falls"), BESIDE)
        self._lay("Temperature", lambda top: measured.temperature(axis, top, entries), WARMTH)
        self._lay("Blood pressure", lambda top: measured.pressure(axis, top, entries), PRESSURE)

    def _clinicians(self, group: Sequence[Rated]) -> None:
        scale, version, items = group[0].group
        notes = [(0, ""), (16, ratings.NAMES.get(scale, scale)), (32, f"0 to {items * 3}, version {version}")]
        self._lay("Clinician rating", lambda top: ratings.lane(self.axis, top, group), notes)

    def _care(self) -> None:
        """What was given and not given, what was noted, how entries came, and who looked."""
        record, axis, entries = self.record, self.axis, self.record.entries
        self._lay("Treatments", lambda top: courses.lane(axis, top, record.treatments))
        self._lay("Doses not given", lambda top: signals.missed(axis, top, record.not_given, entries), BESIDE)
        self._lay("Notes", lambda top: signals.notes(axis, top, record.notes), BESIDE)
        self._lay("How entries came", lambda top: signals.arrivals(axis, top, entries), BESIDE)
        self._lay("Reviewed", lambda top: marks.reviews(axis, top, record.reviews), BESIDE)

    def _lay(self, name: str, lane: Callable[[float], Lane], notes: Sequence[Note] = ()) -> None:
        """Put a lane under the last one, with its name over it, or beside it where it has notes."""
        sheet = self.axis.sheet
        over = sheet.above or not notes
        laid = lane(self.y + (20 if over else 0))
        if not laid.height:
            return
        edge = sheet.left if sheet.above else sheet.left - 10 - (22 if len(notes) > 1 else 0)
        words = (
            f"{name}, 0 to {notes[-1][1].split()[2].rstrip(',')}"
            if sheet.above and name.startswith("Clin")
            else name
        )
        texts = [Text(edge, self.y + 13, words, STRONG, "start" if sheet.above else "end")]
        if not over:
            texts += [Text(edge, self.y + 13 + down, told, anchor="end") for down, told in notes if told]
        self.lanes += [Lane(self.y, 0, texts=texts), laid]
        self.y = laid.bottom + APART

    def _dates(self) -> list[Text]:
        words = "today" if self.axis.now else day_words(self.axis.last)
        edge = Text(self.axis.sheet.right, 12, words, STRONG, "end")
        labels = [Text(self.axis.start(day) + 3, 12, words) for day, words in ticks(self.axis)]
        return spaced([edge, *labels])

    def _behind(self) -> Iterator[Path]:
        bottom = self.y
        for left, right in marks.stays(self.axis, self.record.events):
            yield Path(box(left, HEAD - 6, right, bottom), "chart-stay")
        lines = (f"M{self.axis.start(day):g} 2V{bottom:g}" for day, _ in ticks(self.axis))
        yield Path("".join(lines), "chart-tick")

    def _front(self) -> Iterator[Path]:
        if self.axis.now:
            yield Path(f"M{self.axis.sheet.right:g} {HEAD - 8}V{self.y:g}", "chart-today")
