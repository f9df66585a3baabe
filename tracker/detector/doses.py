"""Steroids missed or stopped at once."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from tracker.detector.diary import Dose, Entry, Told
from tracker.detector.thresholds import Thresholds
from tracker.redflags import STEROIDS, Treatment

NOT_TAKEN = ("missed", "vomited", "refused")
SAME_DOSE = timedelta(hours=2)  # two phones telling of one dose
AT_HOME = ("daily", "taper_step", "taper", "pulse")
TAKES_OVER = ("daily", "taper_step", "taper")  # a pulse beside it does not
NEW_AFTER = timedelta(days=7)  # without a missed dose, before missing some is news again
GOES_ON = timedelta(days=3)  # until the next steroid, when one takes over from another


@dataclass
class Doses:
    """Counts missed steroid doses: those told one by one, and days on which not all were given."""

    treatments: tuple[Treatment, ...]
    limits: Thresholds
    told: dict[date, list[Dose]] = field(default_factory=dict)
    taken: dict[date, list[Dose]] = field(default_factory=dict)
    short: dict[date, object] = field(default_factory=dict)
    last: date | None = None
    open: bool = False
    stops: list[Treatment] = field(init=False)

    def __post_init__(self) -> None:
        self.treatments = tuple(row for row in self.treatments if row.holds(STEROIDS))
        self.stops = sorted((row for row in self.treatments if self._is_stop(row)), key=_end)

    def take(self, dose: Dose) -> tuple[str, list[object]] | None:
        """Take in a dose; a reason and its evidence when this makes enough missed ones.

        What one phone says was taken was taken, whatever another says of the same dose.
        """
        if not self._is_steroid(dose):
            return None
        missed = self.told.setdefault(dose.local_date, [])
        taken = self.taken.setdefault(dose.local_date, [])
        if dose.status not in NOT_TAKEN:
            taken.append(dose)
            missed[:] = [each for each in missed if not _is_same(each, dose)]
            return None
        if any(_is_same(each, dose) for each in (*missed, *taken)):
            return None
        missed.append(dose)
        return self._count(dose)

    def take_short_day(self, entry: Entry) -> tuple[str, list[object]] | None:
        """Take in an entry that says not all doses were given, while a steroid is given at home."""
        if not self._at_home(entry.local_date) or entry.local_date in self.short:
            return None
        self.short[entry.local_date] = entry.ref
        return self._count(entry)

    def stopped_by(self, day: date) -> list[Treatment]:
        """Long steroids that ended before `day` without smaller steps; each is told once."""
        due = [row for row in self.stops if _end(row) + GOES_ON <= day]
        self.stops = [row for row in self.stops if row not in due]
        return [row for row in due if (day - _end(row)).days <= self.limits.stopped_days]

    def noticed_on(self, row: Treatment) -> date:
        """The first day on which it is clear that nothing took over."""
        return _end(row) + GOES_ON

    def _count(self, told: Told) -> tuple[str, list[object]] | None:
        day = told.local_date
        if self.last is not None and day - self.last > NEW_AFTER:
            self.open = False
        self.last = day if self.last is None else max(day, self.last)
        span = timedelta(days=self.limits.missed_days)  # told late, it may lie before others
        starts = [day - timedelta(days=back) for back in range(self.limits.missed_days, -1, -1)]
        refs = max((self._missed(start, start + span) for start in starts), key=len)
        if self.open or len(refs) < self.limits.missed_least:
            return None
        self.open = True
        return f"{len(refs)} steroid doses missed within {self.limits.missed_days + 1} days.", refs

    def _missed(self, first: date, last: date) -> list[object]:
        """One ref for each missed dose; a day told both ways counts once for the two."""
        refs: list[object] = []
        for day in sorted({*self.told, *self.short}):
            if first <= day <= last:
                missed = [dose.ref for dose in self.told.get(day, ())]
                refs += missed or ([self.short[day]] if day in self.short else [])
        return refs

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
        others = [other for other in self.treatments if other is not row and other.form in TAKES_OVER]
        near = [other for other in others if self._touches(other, row.last)]
        return long and not near

    def _touches(self, other: Treatment, end: date) -> bool:
        begins = end - timedelta(days=self.limits.stopped_days) <= other.first <= end + GOES_ON
        return other.on(end + timedelta(days=1)) or begins


def _is_same(one: Dose, other: Dose) -> bool:
    """Two phones telling of one dose."""
    return one.agent.lower() == other.agent.lower() and abs(one.at - other.at) < SAME_DOSE


def _end(row: Treatment) -> date:
    return row.last or row.first
