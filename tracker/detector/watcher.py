"""Goes through a diary as it became known, and asks every rule."""

from datetime import date

from tracker.detector import wording
from tracker.detector.alarms import Alarms
from tracker.detector.case import Case
from tracker.detector.daily import Daily
from tracker.detector.diary import Diary, Dose, Entry, Event, Sign, Told
from tracker.detector.doses import Doses
from tracker.detector.finding import Finding
from tracker.detector.findings import Findings
from tracker.detector.home import HomeChecks
from tracker.detector.silence import Silence
from tracker.detector.surroundings import Surroundings
from tracker.detector.thresholds import STANDARD, Thresholds


def findings(diary: Diary, thresholds: Thresholds = STANDARD) -> list[Finding]:
    """Everything the rules say about a diary, by day.

    Each finding uses only what was known on its day, so that a longer diary never changes the findings of
    earlier days: told again every day, the new ones are those of that day.
    """
    watcher = Watcher(diary, thresholds)
    for told in diary.told():
        watcher.hear(told)
    return watcher.close(diary.until)


class Watcher:
    """The rules at work on one patient."""

    def __init__(self, diary: Diary, limits: Thresholds) -> None:
        self.limits = limits
        self.findings = Findings()
        self.case = Case(limits, self.findings, Surroundings(diary.treatments, limits))
        self.alarms = Alarms(self.case, diary.treatments, diary.marks)
        self.checks = HomeChecks(self.case)
        self.daily = Daily(self.case, self.checks)
        self.doses = Doses(diary.treatments, limits, diary.doses)
        self.silence = Silence(limits)
        self.known: set[object] = set()
        self.last: object = None
        self.newest: Entry | None = None
        self.heard: date | None = None

    def hear(self, told: Told) -> None:
        """Take in one thing told."""
        self.heard = self.heard or told.known_on
        self._pass_to(told.known_on)
        self.silence.hear(told.known_on)
        match told:
            case Entry():
                self._read(told)
            case Dose():
                self._missed(told, self.doses.take(told))
            case Event():
                self.case.surroundings.hear(told)
            case Sign():
                self.alarms.tick(told)

    def close(self, until: date | None) -> list[Finding]:
        """Judge the silence up to a day, and give everything found."""
        self._hear_gaps(date.max)
        if until is not None:
            self._pass_to(until)
        return self.findings.in_order()

    def _pass_to(self, day: date) -> None:
        """What the days up to this one bring of themselves."""
        self._hear_gaps(day)
        self.daily.pass_to(day)
        self._hear_silence(day)
        self._hear_stops(day)

    def _read(self, entry: Entry) -> None:
        if self._is_repeated(entry):
            return
        day = entry.local_date
        self.case.began = min(day, self.case.began or day)
        self.alarms.take(entry)
        if entry.all_doses is False:
            self._missed(entry, self.doses.take_short_day(entry))
        if entry.kind == "home_check":
            self.checks.take(entry)
        else:
            self.daily.take(entry)
        self.silence.write(day, entry.known_on)
        self.last = entry.ref
        if self.newest is None or day >= self.newest.local_date:
            self.newest = entry

    def _is_repeated(self, entry: Entry) -> bool:
        """Whether the same was told for the same day, by a second tap or a second phone."""
        told = _answers(entry)
        repeated = told in self.known
        self.known.add(told)
        return repeated

    def _missed(self, told: Told, said: tuple[str, list[object]] | None) -> None:
        if said:
            self.findings.add(told.known_on, "missed_steroid", "missed_doses", *said)

    def _hear_stops(self, day: date) -> None:
        for on, row in self.doses.stopped_by(day, self.heard or date.min):
            given = wording.days(((row.last or row.first) - row.first).days + 1)
            reason = f"{row.agent} ended after {given} without smaller steps: was that meant?"
            self.findings.add(on, "missed_steroid", "stopped", reason, [])

    def _hear_silence(self, day: date) -> None:
        broken = self.silence.broken_by(day)
        if broken:
            due, last = broken
            reason = f"Nothing was logged for {wording.days((due - last).days)}."
            self.findings.add(due, "too_little_data", "silence", reason, [self.last])

    def _hear_gaps(self, today: date) -> None:
        """Fewer days than usual, or too few to have a usual at all; asked once a day's entries are in."""
        entry = self.newest
        if entry is None or entry.known_on >= today:
            return
        self.newest = None
        day, add = entry.local_date, self.findings.add
        sparse = self.silence.is_sparse(day, entry.known_on)
        if sparse:
            (recent, usual), span = sparse, self.limits.sparse_days
            reason = f"Logged on {recent} of the last {span} days, against a usual {usual}."
            add(entry.known_on, "too_little_data", "sparse", reason, [entry.ref])
        has_one = self.checks.has_usual(day) or self.daily.has_usual(day)
        if self.silence.lacks_usual(day, has_one=has_one):
            least, span = self.limits.baseline_least, self.limits.baseline_days
            count = self.checks.recent(day)
            reason = f"Home checks in {span} days: {count}, and {least} are needed to know the usual."
            add(entry.known_on, "too_little_data", "no_usual", reason, [entry.ref])


def _answers(entry: Entry) -> object:
    """What it says, and of which day; who sent it and in which minute does not matter."""
    given = frozenset(entry.items.items()), frozenset(entry.measurements.items())
    return entry.local_date, entry.kind, given, entry.worried, entry.all_doses
