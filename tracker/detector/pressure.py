"""Blood pressure over the patient's own limit, which a clinician has set; without one nothing is said."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from tracker.detector.diary import Entry, Sign
from tracker.detector.finding import Kind
from tracker.detector.findings import Findings
from tracker.redflags import Mark, over_limit

RUNNING = timedelta(days=7)  # readings further apart are not one after the other
WITH = timedelta(days=1)  # a sign of the day before or after goes with a reading
SYMPTOMS = {
    "severe_headache": "a severe headache",
    "seizure": "a seizure",
    "floppy": "being floppy, pale or hard to wake",
}


@dataclass
class Pressure:
    """Remembers the last reading over the limit and what was said of it.

    `said` is the tier said since a reading was last at or under the limit.
    """

    findings: Findings
    marks: tuple[Mark, ...]
    high: Entry | None = None
    words: str = ""
    said: str = ""
    signs: dict[str, date] = field(default_factory=dict)

    def take(self, entry: Entry) -> None:
        """Take in an entry; one without both numbers says nothing."""
        upper, lower = (entry.measurements.get(name) for name in ("systolic_mmhg", "diastolic_mmhg"))
        if upper is None or lower is None:
            return
        limit = over_limit(entry.local_date, upper, lower, self.marks)
        if limit is None:
            self.high, self.said = None, ""
            return
        before, self.high = self.high, entry
        running = before is not None and abs(entry.local_date - before.local_date) <= RUNNING
        if not running:
            self.said = ""
        earlier = f", after {self.words}" if running else ""
        self.words = f"{upper:g}/{lower:g}"
        bound = f"{limit.systolic:g}/{limit.diastolic:g}"
        over = f"Blood pressure {self.words}{earlier}, over the limit of {bound}"
        if before is not None and running and not self.said:
            self.said = "same_day"
            self._say(entry.known_on, "same_day", f"{over}.", before, entry)
        self._with_signs(entry.known_on, over)

    def tick(self, sign: Sign) -> None:
        """Take in a sign: with a reading over the limit it is more urgent."""
        if sign.name in SYMPTOMS:
            self.signs[sign.name] = max(sign.local_date, self.signs.get(sign.name, sign.local_date))
            self._with_signs(sign.known_on, f"Blood pressure {self.words}, over the limit")

    def _with_signs(self, known_on: date, over: str) -> None:
        if self.high is None or self.said == "emergency":
            return
        on = self.high.local_date
        name = next((name for name, day in self.signs.items() if abs(day - on) <= WITH), None)
        if name is not None:
            self.said = "emergency"
            self._say(known_on, "emergency", f"{over}, with {SYMPTOMS[name]}.", self.high)

    def _say(self, known_on: date, kind: Kind, reason: str, *entries: Entry) -> None:
        self.findings.add(known_on, kind, "blood_pressure", reason, [each.ref for each in entries])
