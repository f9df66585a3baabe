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
        self.doses = Doses(diary.treatments, limits)
        self.silence = Silence(limits)
        self.known: dict[date, list[Entry]] = {}
        self.last: object = None

    def hear(self, told: Told) -> None:
        """Take in one thing told."""
        self._hear_silence(told.known_on)
        self._hear_stops(told.known_on)
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
        if until is not None:
            self._hear_silence(until)
            self._hear_stops(until)
        return self.findings.in_order()

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
        self._hear_gaps(entry)

    def _is_repeated(self, entry: Entry) -> bool:
        """Whether the same was told for the same day, by a second tap or a second phone."""
        same_day = self.known.setdefault(entry.local_date, [])
        if any(_same(entry, other) for other in same_day):
            return True
        same_day.append(entry)
        return False

    def _missed(self, told: Told, said: tuple[str, list[object]] | None) -> None:
        if said:
            self.findings.add(told.known_on, "missed_steroid", "missed_doses", *said)

    def _hear_stops(self, day: date) -> None:
        if not self.doses.stops:
            return
        for row in self.doses.stopped_by(day):
            given = wording.days(((row.last or row.first) - row.first).days + 1)
            reason = f"{row.agent} ended after {given} without smaller steps: was that meant?"
            # Dated by the day on which it was due, so that asking again later says the same.
            self.findings.add(self.doses.noticed_on(row), "missed_steroid", "stopped", reason, [])

    def _hear_silence(self, day: date) -> None:
        broken = self.silence.broken_by(day)
        if broken:
            due, last = broken
            reason = f"Nothing was logged for {wording.days((due - last).days)}."
            self.findings.add(due, "too_little_data", "silence", reason, [self.last])

    def _hear_gaps(self, entry: Entry) -> None:
        """Fewer days than usual, or too few to have a usual at all."""
        day, add = entry.local_date, self.findings.add
        sparse = self.silence.is_sparse(day)
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


def _same(one: Entry, other: Entry) -> bool:
    """Same answers; who sent them and in which minute does not matter."""
    return (
        one.kind == other.kind
        and one.items == other.items
        and one.measurements == other.measurements
        and (one.worried, one.all_doses) == (other.worried, other.all_doses)
    )
