"""What the picture is drawn from: plain rows, read once from models that came with their details."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tracker import scoring
from tracker.models import CheckIn, ClinicalEvent, Review, Treatment
from tracker.models.treatments import Unit


@dataclass(frozen=True)
class Logged:
    """One standing check-in. `ratings`: item -> 0-3, None for "cannot tell", absent when not asked."""

    day: date
    at: datetime
    kind: str
    ratings: Mapping[str, int | None]
    score: scoring.Score | None = None
    worried: bool = False

    @property
    def total(self) -> int | None:
        """The home check's total, None for a partial one and for a daily check-in."""
        return self.score.total if self.score else None


@dataclass(frozen=True)
class Given:
    """One treatment; `last` None goes on. `steps`: from this day another amount per dose."""

    agent: str
    form: str
    first: date
    last: date | None
    amount: Decimal | None = None
    unit: str = ""
    per_day: int | None = None
    note: str = ""
    steps: Sequence[tuple[date, Decimal]] = ()

    @property
    def brief(self) -> bool:
        """Given on single days: an infusion or a pulse."""
        return self.form in ("infusion", "pulse")


@dataclass(frozen=True)
class Happened:
    """An event; `last` None is a single day."""

    kind: str
    first: date
    last: date | None
    text: str

    @property
    def words(self) -> str:
        """What it is called: the text, else its kind."""
        return self.text.rstrip(".") or self.kind


@dataclass(frozen=True)
class Seen:
    """One review: when, until when it covers, by whom and with which outcome."""

    day: date
    covers: date
    by: str
    outcome: str


@dataclass(frozen=True)
class Record:
    """Everything one picture shows; entries oldest first, also those of the 8 weeks before the period."""

    entries: Sequence[Logged] = ()
    treatments: Sequence[Given] = ()
    events: Sequence[Happened] = ()
    reviews: Sequence[Seen] = ()

    @property
    def checks(self) -> list[Logged]:
        """The home checks, complete or not."""
        return [entry for entry in self.entries if entry.score is not None]

    @property
    def first_day(self) -> date | None:
        """The earliest day that anything tells of."""
        days = [entry.day for entry in self.entries]
        days += [given.first for given in self.treatments] + [event.first for event in self.events]
        return min(days, default=None)


@dataclass(frozen=True)
class Usual:
    """Each complete check, oldest first, with the usual total that it is compared with."""

    by_check: Sequence[tuple[Logged, Decimal | None]] = ()

    @classmethod
    def of(cls, checks: Sequence[Logged]) -> "Usual":
        """Compute them with `scoring.baselines`; partial checks count for nothing."""
        told = [(check.day, check.total) for check in checks]
        pairs = zip(checks, scoring.baselines(told), strict=True)
        return cls([(check, usual) for check, usual in pairs if check.total is not None])


def record(
    check_ins: Iterable[CheckIn],
    treatments: Iterable[Treatment],
    events: Iterable[ClinicalEvent],
    reviews: Iterable[Review],
) -> Record:
    """Read model rows. Queries: none when check-ins came `with_details()`, treatments with their steps,

    reviews with their reviewer.
    """
    return Record(
        entries=sorted(map(logged, check_ins), key=lambda entry: (entry.day, entry.at)),
        treatments=[_given(row) for row in treatments],
        events=[Happened(row.get_kind_display(), row.on, row.until, row.text) for row in events],
        reviews=[
            Seen(row.at.date(), row.covers_until.date(), str(row.reviewer), row.get_outcome_display())
            for row in reviews
        ],
    )


def logged(row: CheckIn) -> Logged:
    """One check-in that came `with_details()`, so that nothing is asked of the database."""
    ratings = {rating.item: rating.value for rating in row.ratings.all()}
    score = None
    if row.kind == CheckIn.Kind.HOME_CHECK and not row.error_reason:
        kept = row.assessment
        score = scoring.Score(kept.items, kept.rated, kept.total)
    return Logged(row.local_date, row.occurred_at, row.kind, ratings, score, row.worried)


def _given(row: Treatment) -> Given:
    return Given(
        agent=row.agent,
        form=row.form,
        first=row.starts_on,
        last=row.ends_on,
        amount=row.amount,
        unit=unit_words(row.unit),
        per_day=row.doses_per_day,
        note=row.note,
        steps=[(step.on, step.amount) for step in row.steps.all()],
    )


def unit_words(unit: str) -> str:
    """The unit as people read it; "international" is shortened, never to IU or U."""
    return str(Unit(unit).label).replace("international", "int.") if unit else ""


def number(value: Decimal | float) -> str:
    """A number without idle zeros: 7, 2.5."""
    return f"{float(value):g}"


def day_words(day: date, until: date | None = None) -> str:
    """`3 Nov 2026`, or `3 Nov 2026 to 5 Nov 2026`."""
    words = f"{day.day} {day:%b %Y}"
    return f"{words} to {day_words(until)}" if until and until != day else words
