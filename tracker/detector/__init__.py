"""Finds change in a diary against the patient's own usual: rows in, findings with their evidence out.

Pure: no query, no request, no clock. The rules are those of the project's clinical reference (section
2.3), a proposal that is **not validated**; `docs/detector.md` has them in words, with figures. They say
"possible change"; what it is, a clinician says. They never delay care: worry, a jump and red flags are
said at once, on the day they are told.
"""

from tracker.detector.diary import Diary, Dose, Entry, Event, Sign, known_on
from tracker.detector.finding import Finding, Kind
from tracker.detector.thresholds import STANDARD, VERSION, Thresholds
from tracker.detector.watcher import findings
from tracker.redflags import Mark, Tier, Treatment

__all__ = [
    "STANDARD",
    "VERSION",
    "Diary",
    "Dose",
    "Entry",
    "Event",
    "Finding",
    "Kind",
    "Mark",
    "Sign",
    "Thresholds",
    "Tier",
    "Treatment",
    "findings",
    "known_on",
]
