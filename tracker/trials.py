"""Thresholds tried on past diaries, before they hold."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tracker import detector, flags, observed
from tracker.models import Patient, PatientStatus, Rules
from tracker.models.people import PatientQuerySet
from tracker.worklist.sections import SECTIONS, Statuses, counted, numbered
from tracker.worklist.terms import Book, Terms, terms_of

TRIED_DAYS = 180
MOST_TRIED = 60  # patients; a try-out is a look before a decision, not a study
KIND_WORDS = {
    "emergency": "Urgent",
    "same_day": "Same day",
    "missed_steroid": "Missed steroid",
    "possible_change": "Possible change",
    "slow_drift": "Slow drift",
    "watch": "Watch",
    "too_little_data": "Too little data",
}


@dataclass(frozen=True)
class Tried:
    """How many findings of a kind, or patients in a section: with the rules now, and as proposed."""

    kind: str
    now: int
    proposed: int


@dataclass(frozen=True)
class Trial:
    """A try-out over so many patients' last days, by kind of finding; `years` are patient-years.

    `sections` has where all patients of the clinic stand on the worklist today.
    """

    patients: int
    years: float
    rows: list[Tried]
    sections: list[Tried]

    def kept(self) -> dict[str, object]:
        """What the decision keeps of it."""
        return {
            "patients": self.patients,
            "years": self.years,
            "found": {row.kind: [row.now, row.proposed] for row in self.rows},
            "sections": {row.kind: [row.now, row.proposed] for row in self.sections},
        }


def try_out(
    chosen: Sequence[Patient], everybody: PatientQuerySet, now: Rules | None, proposed: Rules, today: date
) -> Trial:
    """Both sets over the last 180 days of the diaries of the chosen, and over where everybody stands.

    Nothing is stored.
    """
    first = today - timedelta(days=TRIED_DAYS)
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for patient in chosen:
        diary = observed.read(patient, first - flags.READ_BACK)
        for numbers, counts in ((now.detector if now else {}, before), (proposed.detector, after)):
            found = detector.findings(diary, flags.thresholds(numbers))
            counts.update(each.kind for each in found if each.on >= first)
    rows = [Tried(words, before[kind], after[kind]) for kind, words in KIND_WORDS.items()]
    statuses = PatientStatus.objects.filter(patient__in=everybody)
    sections = _sections(statuses, proposed.clinic_id, today, (terms_of(now), terms_of(proposed)))
    return Trial(len(chosen), round(len(chosen) * TRIED_DAYS / 365.25, 1), rows, sections)


def _sections(statuses: Statuses, clinic: int, today: date, both: tuple[Terms, Terms]) -> list[Tried]:
    books = [Book({clinic: terms}, {clinic: today}) for terms in both]
    now, proposed = (counted(numbered(statuses, book)) for book in books)
    return [Tried(each.title, now.get(at, 0), proposed.get(at, 0)) for at, each in enumerate(SECTIONS)]
