"""What became of flags: how often a look at one led to an action."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tracker.models import Flag, Patient, Review
from tracker.trials import KIND_WORDS

ACTED = (Review.Outcome.CONTACTED, Review.Outcome.CHANGED, Review.Outcome.VISIT)


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
