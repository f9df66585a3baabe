"""Thresholds tried on past diaries, before they hold."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from tracker import detector, flags, observed
from tracker.models import Patient

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
    """How many findings of a kind past diaries would have given: with the rules now, and as proposed."""

    kind: str
    now: int
    proposed: int


@dataclass(frozen=True)
class Trial:
    """A try-out over so many patients' last days, by kind of finding; `years` are patient-years."""

    patients: int
    years: float
    rows: list[Tried]

    def kept(self) -> dict[str, object]:
        """What the decision keeps of it."""
        return {
            "patients": self.patients,
            "years": self.years,
            "found": {row.kind: [row.now, row.proposed] for row in self.rows},
        }


def try_out(
    patients: Iterable[Patient], now: Mapping[str, float], proposed: Mapping[str, float], today: date
) -> Trial:
    """Run both sets over the last 180 days of these patients' diaries; nothing is stored."""
    first, chosen = today - timedelta(days=TRIED_DAYS), list(patients)[:MOST_TRIED]
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for patient in chosen:
        diary = observed.read(patient, first - flags.READ_BACK)
        for numbers, counted in ((now, before), (proposed, after)):
            found = detector.findings(diary, flags.thresholds(numbers))
            counted.update(each.kind for each in found if each.on >= first)
    rows = [Tried(words, before[kind], after[kind]) for kind, words in KIND_WORDS.items()]
    return Trial(len(chosen), round(len(chosen) * TRIED_DAYS / 365.25, 1), rows)
