"""The whole picture: every lane over one axis, with the words that say it to those who cannot see it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from tracker.timeline import courses, home_check, marks, strips
from tracker.timeline.axis import DAY, NARROW, WIDE, Axis, ticks
from tracker.timeline.days import Pointed, pointed
from tracker.timeline.facts import Record, Usual, day_words, number
from tracker.timeline.shapes import Lane, Path, Text, box, spaced

HEAD = 26  # the dates above the lanes
APART = 14  # between two groups of lanes
STRONG = "chart-text chart-text-strong"
Note = tuple[float, str]  # pixels beneath the lane's name, and words
BESIDE: Sequence[Note] = [(0, "")]
HOME_CHECK: Sequence[Note] = [
    (16, "total of 6 items"),
    (32, "0 to 18, up is worse"),
    (home_check.HEIGHT + 6, "no total"),
]
PERIODS = {"30": 30, "90": 90, "180": 180, "365": 365}


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


@dataclass(frozen=True)
class Picture:
    """The same record twice, for wide and for narrow paper, and said in one paragraph."""

    first: date
    last: date
    wide: Drawing
    narrow: Drawing
    said: str


def period(asked: str, record: Record, today: date) -> tuple[date, date]:
    """First and last day of `30`, `90`, `180`, `365` or `all`; anything else is taken for 180."""
    if asked == "all":
        begun = record.first_day or today
        return min(begun, today - DAY * 29), today
    return today - DAY * (PERIODS.get(asked, 180) - 1), today


def draw(record: Record, first: date, today: date) -> Picture:
    """Draw the days `first` to `today`; `record` also holds the 8 weeks before, for what was usual then."""
    usual = Usual.of(record.checks)
    wide, narrow = (Board(record, usual, Axis(first, today, sheet)).drawing() for sheet in (WIDE, NARROW))
    return Picture(first, today, wide, narrow, said(record, usual, first, today))


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
        record, axis = self.record, self.axis
        self._lay("Events", lambda top: marks.events(axis, top, record.events), BESIDE)
        self._lay("Asks for a look", lambda top: marks.calls(axis, top, record.entries), BESIDE)
        self._lay("Home check", lambda top: home_check.lane(axis, top, record.checks, self.usual), HOME_CHECK)
        self._lay("Daily check-in", lambda top: strips.lane(axis, top, record.entries))
        self._lay("Treatments", lambda top: courses.lane(axis, top, record.treatments))
        self._lay("Reviewed", lambda top: marks.reviews(axis, top, record.reviews), BESIDE)
        narrow = axis.sheet.above
        days = () if narrow else pointed(record, self.usual, axis)
        return Drawing(
            axis.sheet.width,
            self.y,
            list(self._behind()),
            self._dates(),
            self.lanes,
            list(self._front()),
            days,
        )

    def _lay(self, name: str, lane: Callable[[float], Lane], notes: Sequence[Note] = ()) -> None:
        """Put a lane under the last one, with its name over it, or beside it where it has notes."""
        sheet = self.axis.sheet
        over = sheet.above or not notes
        laid = lane(self.y + (20 if over else 0))
        if not laid.height:
            return
        edge = sheet.left if sheet.above else sheet.left - 10 - (22 if len(notes) > 1 else 0)
        texts = [Text(edge, self.y + 13, name, STRONG, "start" if sheet.above else "end")]
        if not over:
            texts += [Text(edge, self.y + 13 + down, words, anchor="end") for down, words in notes if words]
        self.lanes += [Lane(self.y, 0, texts=texts), laid]
        self.y = laid.bottom + APART

    def _dates(self) -> list[Text]:
        today = Text(self.axis.sheet.right, 12, "today", STRONG, "end")
        labels = [Text(self.axis.start(day) + 3, 12, words) for day, words in ticks(self.axis)]
        return spaced([today, *labels])

    def _behind(self) -> Iterator[Path]:
        bottom = self.y
        for left, right in marks.stays(self.axis, self.record.events):
            yield Path(box(left, HEAD - 6, right, bottom), "chart-stay")
        lines = (f"M{self.axis.start(day):g} 2V{bottom:g}" for day, _ in ticks(self.axis))
        yield Path("".join(lines), "chart-tick")

    def _front(self) -> Iterator[Path]:
        x = self.axis.sheet.right
        yield Path(f"M{x:g} {HEAD - 8}V{self.y:g}", "chart-today")


def said(record: Record, usual: Usual, first: date, today: date) -> str:
    """What the picture shows, in a few sentences."""
    checks = [check for check in record.checks if first <= check.day <= today]
    complete = [(check, base) for check, base in usual.by_check if first <= check.day <= today]
    words = [f"Home checks: {len(complete)} with a total, {len(checks) - len(complete)} without."]
    if complete:
        newest, base = complete[-1]
        compared = f", usually {number(base)}" if base is not None else ""
        words.append(f"The newest total is {newest.total} of 18, on {day_words(newest.day)}{compared}.")
    breaks = len(list(home_check.runs([check for check, _ in complete]))) - 1
    if breaks > 0:
        times = "once" if breaks == 1 else f"{breaks} times"
        words.append(f"The line is broken {times}, where no total came.")
    daily = sum(entry.kind == "daily" and first <= entry.day <= today for entry in record.entries)
    agents = dict.fromkeys(row.agent for row in record.treatments if (row.last or today) >= first)
    given = ", ".join(agents) if agents else "none recorded"
    return " ".join([*words, f"Daily check-ins: {daily}.", f"Treatments: {given}."])
