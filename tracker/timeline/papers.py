"""What stands beside the diary: treatments, doses, events, ratings, episodes, flags, notes, reviews."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from tracker.scoring import Score


@dataclass(frozen=True)
class Given:
    """One treatment; `last` None goes on. `steps`: from this day another amount per dose.

    `goes_on` says that a changed plan took over after `last`; `never` how it came that the plan did not
    begin, and is empty when it did. `known_at`, here and below: when it was written down.
    """

    agent: str
    form: str
    first: date
    last: date | None
    amount: Decimal | None = None
    unit: str = ""
    per_day: int | None = None
    every: int = 1  # days
    note: str = ""
    steps: Sequence[tuple[date, Decimal]] = ()
    goes_on: bool = False
    never: str = ""
    known_at: datetime | None = None

    @property
    def brief(self) -> bool:
        """Given on single days: an infusion or a pulse."""
        return self.form in ("infusion", "pulse")


@dataclass(frozen=True)
class NotGiven:
    """One dose that was not taken whole: which, what became of it, and why where that was told."""

    day: date
    agent: str
    status: str
    reason: str = ""
    known_at: datetime | None = None


@dataclass(frozen=True)
class Happened:
    """An event; `last` None is a single day."""

    kind: str
    first: date
    last: date | None
    text: str
    known_at: datetime | None = None

    @property
    def words(self) -> str:
        """What it is called: the text, else its kind."""
        return self.text.rstrip(".") or self.kind


@dataclass(frozen=True)
class Rated:
    """A clinician's rating on one version of a scale; `scores`: item -> 0-3, None when not assessable."""

    day: date
    scale: str
    version: str
    rater: str
    setting: str
    score: Score
    scores: Mapping[str, int | None]
    key: UUID | None = None

    @property
    def group(self) -> tuple[str, str, int]:
        """What may share an axis: scale, version and number of items."""
        return self.scale, self.version, self.score.items


@dataclass(frozen=True)
class Spell:
    """One episode; `last` None is open. `told` are trigger, peak and treatment in words."""

    first: date
    last: date | None
    peak: date | None = None
    told: str = ""


@dataclass(frozen=True)
class Raised:
    """One flag: since when it could be raised, how soon to look (1-5), why, and whether it is open."""

    day: date
    tier: int
    label: str
    reason: str
    rule: str
    open: bool
    evidence: Sequence[UUID] = ()
    known_at: datetime | None = None


@dataclass(frozen=True)
class Pinned:
    """A private note on a day."""

    day: date
    text: str
    by: str


@dataclass(frozen=True)
class Seen:
    """One review: when, until when it covers, by whom and with which outcome."""

    day: date
    covers: date
    by: str
    outcome: str
