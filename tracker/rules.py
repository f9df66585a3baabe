"""A clinic's thresholds: tried on past diaries before they hold, and judged by what came of their flags."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.models import User
from tracker import detector, flags, status
from tracker.models import Clinic, Flag, Patient, Review, Rules

TRIED_DAYS = 180
MOST_TRIED = 60  # patients; a try-out is a look before a decision, not a study
ACTED = (Review.Outcome.CONTACTED, Review.Outcome.CHANGED, Review.Outcome.VISIT)
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


@dataclass(frozen=True)
class Yield:
    """What became of flags of one kind: raised, looked at, and led to an action."""

    kind: str
    raised: int
    seen: int
    acted: int

    @property
    def share(self) -> str:
        """`7 of 12`, of those that somebody looked at."""
        return f"{self.acted} of {self.seen}" if self.seen else "none looked at yet"


def in_force(clinic: Clinic) -> Rules | None:
    """The clinic's newest decision; None while it keeps a diary only, by standard."""
    return Rules.objects.in_force().filter(clinic=clinic).first()


def try_out(
    patients: Iterable[Patient], now: Mapping[str, float], proposed: Mapping[str, float], today: date
) -> Trial:
    """Run both sets over the last 180 days of these patients' diaries; nothing is stored."""
    first, chosen = today - timedelta(days=TRIED_DAYS), list(patients)[:MOST_TRIED]
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for patient in chosen:
        diary = flags.read(patient, first - flags.READ_BACK)
        for numbers, counted in ((now, before), (proposed, after)):
            found = detector.findings(diary, flags.thresholds(numbers))
            counted.update(each.kind for each in found if each.on >= first)
    rows = [Tried(words, before[kind], after[kind]) for kind, words in KIND_WORDS.items()]
    return Trial(len(chosen), round(len(chosen) * TRIED_DAYS / 365.25, 1), rows)


def yields(patients: Iterable[Patient], since: datetime) -> list[Yield]:
    """What became of the flags raised since then, by kind. Queries: one."""
    by_kind: dict[str, list[str]] = {}
    for kind, outcome in Flag.objects.filter(patient__in=patients, raised_at__gte=since).outcomes():
        by_kind.setdefault(kind, []).append(outcome)
    return [
        Yield(words, len(came), sum(map(bool, came)), sum(each in ACTED for each in came))
        for kind, words in KIND_WORDS.items()
        if (came := by_kind.get(kind, []))
    ]


@transaction.atomic
def decide(user: User, rules: Rules) -> Rules:
    """Put a new set of rules into force; the earlier ones stay on record.

    Errors: ValidationError for a name or number that the rules do not have.
    """
    rules.author, rules.at = user, timezone.now()
    rules.full_clean()
    rules.save(force_insert=True)
    audit.record(user, "rules decided", rules)
    patients = Patient.objects.filter(clinic=rules.clinic, state=Patient.State.ACTIVE)
    for patient in patients.visible_to(user):
        status.refresh(patient)
    return rules


def standard() -> dict[str, float]:
    """Every threshold of the detector and its standard value."""
    return asdict(detector.STANDARD)
