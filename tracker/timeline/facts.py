"""What the picture is drawn from: one patient's record as plain rows, read once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from tracker import scoring
from tracker.models.treatments import Unit
from tracker.numbers import number
from tracker.timeline.papers import Given, Happened, NotGiven, Pinned, Raised, Rated, Seen, Spell

__all__ = [
    "Given",
    "Happened",
    "Logged",
    "NotGiven",
    "Pinned",
    "Raised",
    "Rated",
    "Record",
    "Seen",
    "Spell",
    "Usual",
    "day_words",
    "number",
    "unit_words",
]


@dataclass(frozen=True)
class Logged:
    """One standing check-in. `ratings`: item -> 0-3, None for "cannot tell", absent when not asked.

    `measured`: kind -> number in the unit of `scoring.MEASUREMENTS`. `late` says in words how it came too
    late, and is empty when it did not; `after_review` that a review of its day had not seen it.
    """

    day: date
    at: datetime
    kind: str
    ratings: Mapping[str, int | None]
    score: scoring.Score | None = None
    worried: bool = False
    key: UUID | None = None
    author: str = ""
    measured: Mapping[str, Decimal] = field(default_factory=dict)
    all_doses: bool | None = None
    late: str = ""
    after_review: bool = False
    amended: bool = False
    by_phone: bool = False

    @property
    def total(self) -> int | None:
        """The home check's total, None for a partial one and for a daily check-in."""
        return self.score.total if self.score else None


@dataclass(frozen=True)
class Record:
    """Everything one picture shows; entries oldest first, and half a year of earlier home checks."""

    entries: Sequence[Logged] = ()
    treatments: Sequence[Given] = ()
    events: Sequence[Happened] = ()
    reviews: Sequence[Seen] = ()
    not_given: Sequence[NotGiven] = ()
    rated: Sequence[Rated] = ()
    episodes: Sequence[Spell] = ()
    flags: Sequence[Raised] = ()
    notes: Sequence[Pinned] = ()

    @property
    def checks(self) -> list[Logged]:
        """The home checks, complete or not."""
        return [entry for entry in self.entries if entry.score is not None]

    @property
    def first_day(self) -> date | None:
        """The earliest day that anything tells of."""
        days = [entry.day for entry in self.entries[:1]] + [one.day for one in self.rated]
        days += [one.first for one in self.treatments] + [one.first for one in self.events]
        return min(days, default=None)


@dataclass(frozen=True)
class Usual:
    """Each complete check, oldest first, with the usual total that it is compared with."""

    by_check: Sequence[tuple[Logged, Decimal | None]] = ()

    @classmethod
    def of(cls, checks: Sequence[Logged]) -> "Usual":
        """Compute them with `scoring.baselines`; partial checks count for nothing."""
        usual = scoring.baselines((check.day, check.total) for check in checks)
        pairs = zip(checks, usual, strict=True)
        return cls([(check, base) for check, base in pairs if check.total is not None])

    def until(self, last: date) -> "Usual":
        """Without what came after a day."""
        return Usual([(check, base) for check, base in self.by_check if check.day <= last])


def unit_words(unit: str) -> str:
    """The unit as people read it; "international" is shortened, never to IU or U."""
    return str(Unit(unit).label).replace("international", "int.") if unit else ""


def day_words(day: date, until: date | None = None) -> str:
    """`3 Nov 2026`, or `3 Nov 2026 to 5 Nov 2026`."""
    words = f"{day.day} {day:%b %Y}"
    return f"{words} to {day_words(until)}" if until and until != day else words
