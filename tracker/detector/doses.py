"""Steroids missed or stopped at once."""

from collections.abc import Iterable
from dataclasses import InitVar, dataclass, field
from datetime import date, timedelta
from operator import itemgetter

from tracker.detector.diary import Dose, Entry, Told
from tracker.detector.thresholds import Thresholds
from tracker.redflags import STEROIDS, Treatment

NOT_TAKEN = ("missed", "vomited", "refused")
SAME_DOSE = timedelta(hours=2)  # two phones telling of one dose
AT_HOME = ("daily", "taper_step", "taper", "pulse")
TAKES_OVER = ("daily", "taper_step", "taper")  # a single pulse or infusion replaces no daily steroid
NEW_AFTER = 7  # days without a missed dose, before missing some is news again
GOES_ON = timedelta(days=3)  # until the next steroid, when one takes over from another

Said = tuple[str, list[object]]


@dataclass
class Doses:
    """Counts missed steroid doses: those told one by one, and days on which not all were given.

    `said` are the days of missed doses that were said, or that followed so closely as to be the same.
    """

    treatments: tuple[Treatment, ...]
    limits: Thresholds
    given: InitVar[Iterable[Dose]] = ()
    told: dict[date, list[Dose]] = field(default_factory=dict)
    taken: dict[date, list[Dose]] = field(default_factory=dict)
    short: dict[date, object] = field(default_factory=dict)
    said: set[date] = field(default_factory=set)
    stops: list[tuple[date, Treatment]] = field(init=False)

    def __post_init__(self, given: Iterable[Dose]) -> None:
        for dose in given:
            if dose.status == "taken":
                self.taken.setdefault(dose.local_date, []).append(dose)
        self.treatments = tuple(row for row in self.treatments if row.holds(STEROIDS))
        stops = [(_asked_on(row), row) for row in self.treatments if self._is_stop(row)]
        self.stops = sorted(stops, key=itemgetter(0))

    def take(self, dose: Dose) -> Said | None:
        """Take in a dose; a reason and its evidence when this makes enough missed ones."""
        if dose.status not in NOT_TAKEN or not self._is_steroid(dose):
            return None
        same_day = self.told.setdefault(dose.local_date, [])
        known = [other for other in same_day if not self._was_taken(other, dose.known_on)]
        if any(_is_same(dose, other) for other in known):
            return None
        same_day.append(dose)
        return self._count(dose)

    def take_short_day(self, entry: Entry) -> Said | None:
        """Take in an entry that says not all doses were given, while a steroid is given at home."""
        if not self._at_home(entry.local_date) or entry.local_date in self.short:
            return None
        self.short[entry.local_date] = entry.ref
        return self._count(entry)

    def stopped_by(self, day: date, heard: date) -> list[tuple[date, Treatment]]:
        """Long steroids that ended without smaller steps, with the day to ask on; each is told once.

        One that ended long before the clinic first `heard` of the patient is history.
        """
        if not self.stops or self.stops[0][0] > day:
            return []
        due = [stop for stop in self.stops if stop[0] <= day]
        self.stops = self.stops[len(due) :]
        limit = timedelta(days=self.limits.stopped_days) - GOES_ON
        return [(on, row) for on, row in due if heard - on <= limit]

    def _count(self, told: Told) -> Said | None:
        """The fullest span of days with this one in it, since an earlier day may be told of later."""
        span = timedelta(days=self.limits.missed_days)
        ends = [told.local_date + timedelta(days=ahead) for ahead in range(span.days + 1)]
        spans = [self._missed(end - span, end, told.known_on) for end in ends]
        days, refs = max(spans, key=lambda found: len(found[1]))
        if told.local_date not in days:
            return None
        if any(
            told.local_date + timedelta(days=near) in self.said for near in range(-NEW_AFTER, NEW_AFTER + 1)
        ):
            self.said.add(told.local_date)
            return None
        if len(refs) < self.limits.missed_least:
            return None
        self.said.update(days)
        return f"{len(refs)} steroid doses missed within {self.limits.missed_days + 1} days.", refs

    def _missed(self, first: date, last: date, known_on: date) -> tuple[set[date], list[object]]:
        """The days and one ref for each missed dose; a day told both ways counts once for the two."""
        days: set[date] = set()
        refs: list[object] = []
        for number in range((last - first).days + 1):
            day = first + timedelta(days=number)
            told = [dose.ref for dose in self.told.get(day, ()) if not self._was_taken(dose, known_on)]
            told = told or [self.short[day]] if day in self.short else told
            if told:
                days.add(day)
                refs += told
        return days, refs

    def _was_taken(self, dose: Dose, known_on: date) -> bool:
        """Whether somebody else told, by then, that it was taken; what is vomited was taken before."""
        return dose.status != "vomited" and any(
            _is_same(dose, other) and other.known_on <= known_on
            for other in self.taken.get(dose.local_date, ())
        )

    def _is_steroid(self, dose: Dose) -> bool:
        if dose.agent:
            return Treatment(dose.agent, "", dose.local_date).holds(STEROIDS)
        return self._at_home(dose.local_date)

    def _at_home(self, day: date) -> bool:
        return any(row.form in AT_HOME and row.on(day) for row in self.treatments)

    def _is_stop(self, row: Treatment) -> bool:
        """Whether it was long, had no smaller steps near its end, and nothing took over."""
        if row.form != "daily" or row.last is None:
            return False
        long = (row.last - row.first).days >= self.limits.stopped_days
        near = [other for other in self.treatments if other is not row and self._touches(other, row.last)]
        return long and not near

    def _touches(self, other: Treatment, end: date) -> bool:
        if other.form not in TAKES_OVER:
            return False
        begins = end - timedelta(days=self.limits.stopped_days) <= other.first <= end + GOES_ON
        return other.on(end + timedelta(days=1)) or begins


def _asked_on(row: Treatment) -> date:
    """When its stop is news: once nothing took over."""
    return (row.last or row.first) + GOES_ON


def _is_same(one: Dose, other: Dose) -> bool:
    """Whether both tell of one dose; without an agent it may be any."""
    agents = {dose.agent.strip().lower() for dose in (one, other)} - {""}
    return abs(one.at - other.at) < SAME_DOSE and len(agents) < 2
