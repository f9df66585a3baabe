"""Rows of the database -> the plain rows that the picture is drawn from. Asks nothing of its own."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from tracker import scoring, taper
from tracker.models import (
    CheckIn,
    ClinicalEvent,
    ClinicianRating,
    Dose,
    Episode,
    Flag,
    PrivateNote,
    Review,
    Treatment,
)
from tracker.timeline import papers
from tracker.timeline.arrival import Covered, late_words, review_missed
from tracker.timeline.facts import Logged, day_words, unit_words


class Row(NamedTuple):
    """The columns of a check-in that the picture needs; the last three are of its assessment."""

    id: UUID
    author_id: int
    kind: str
    local_date: date
    occurred_at: datetime
    received_at: datetime
    zone: str
    worried: bool
    all_doses: bool | None
    by_phone: bool
    replaces_id: UUID | None
    items: int | None
    rated: int | None
    total: int | None


COLUMNS = (*Row._fields[:-3], "assessment__items", "assessment__rated", "assessment__total")


@dataclass(frozen=True)
class Details:
    """Of many check-ins: (check-in, item, 0-3 or None) and (check-in, kind, number)."""

    ratings: Iterable[tuple[UUID, str, int | None]]
    measured: Iterable[tuple[UUID, str, Decimal]]


def entries(
    rows: Iterable[Row], details: Details, names: Mapping[int, str], covered: Covered
) -> list[Logged]:
    """Standing check-ins, oldest first; `names` of their authors by number."""
    ratings: dict[UUID, dict[str, int | None]] = defaultdict(dict)
    measured: dict[UUID, dict[str, Decimal]] = defaultdict(dict)
    for check_in, item, value in details.ratings:
        ratings[check_in][item] = value
    for check_in, kind, figure in details.measured:
        measured[check_in][kind] = figure
    read = [_logged(row, ratings.get(row.id, {}), measured.get(row.id, {}), names, covered) for row in rows]
    return sorted(read, key=lambda entry: (entry.day, entry.at))


def _logged(
    row: Row,
    ratings: Mapping[str, int | None],
    measured: Mapping[str, Decimal],
    names: Mapping[int, str],
    covered: Covered,
) -> Logged:
    missed = review_missed(row.local_date, row.received_at, covered)
    late = filter(None, [late_words(row.local_date, row.received_at, row.zone), missed])
    score = None
    if row.items is not None and row.rated is not None:
        score = scoring.Score(row.items, row.rated, row.total)
    return Logged(
        row.local_date,
        row.occurred_at,
        row.kind,
        ratings,
        score,
        row.worried,
        key=row.id,
        author=names.get(row.author_id, ""),
        measured=measured,
        all_doses=row.all_doses,
        late=", ".join(late),
        after_review=bool(missed),
        amended=row.replaces_id is not None,
        by_phone=row.by_phone,
    )


def logged(row: CheckIn) -> Logged:
    """One check-in that came `with_details()`, so that nothing is asked of the database."""
    ratings = {rating.item: rating.value for rating in row.ratings.all()}
    score = None
    if row.kind == CheckIn.Kind.HOME_CHECK and not row.error_reason:
        kept = row.assessment
        score = scoring.Score(kept.items, kept.rated, kept.total)
    return Logged(row.local_date, row.occurred_at, row.kind, ratings, score, row.worried, key=row.pk)


def covered(reviews: Iterable[Review], zone: str) -> Covered:
    """What standing reviews cover, each on its day at the clinic."""
    return [(row.at.astimezone(ZoneInfo(zone)).date(), row.covers_until) for row in reviews]


def seen(reviews: Iterable[Review], zone: str) -> list[papers.Seen]:
    """Reviews that came with their reviewer, on their days at the clinic."""
    here = ZoneInfo(zone)
    return [
        papers.Seen(
            row.at.astimezone(here).date(),
            row.covers_until.astimezone(here).date(),
            str(row.reviewer),
            row.get_outcome_display(),
        )
        for row in reviews
    ]


def given(treatments: Sequence[Treatment]) -> list[papers.Given]:
    """Treatments that came with their steps; one that a changed plan goes on from ends the day before it.

    A plan that never began keeps its days as planned, and says so.
    """
    after = {row.replaces_id: row for row in treatments if row.replaces_id}
    return [_given(row, after.get(row.pk)) for row in treatments]


def _given(row: Treatment, later: Treatment | None) -> papers.Given:
    last, steps = row.ends_on, [(step.on, step.amount) for step in row.steps.all()]
    never = ""
    if later is not None and later.starts_on <= row.starts_on:
        never = f"{'taken back' if row.taken_back else 'changed'} before it began"
    elif later is not None:
        eve = later.starts_on - timedelta(days=1)
        last = min(last or eve, eve)
    steps = [step for step in steps if last is None or step[0] <= last]
    return papers.Given(
        agent=row.agent,
        form=row.form,
        first=row.starts_on,
        last=taper.last_given(last, steps),
        amount=row.amount,
        unit=unit_words(row.unit),
        per_day=row.doses_per_day,
        every=row.every_days,
        note=row.note,
        steps=steps,
        goes_on=later is not None and not never,
        never=never,
        known_at=row.recorded_at,
    )


def not_given(doses: Iterable[Dose]) -> list[papers.NotGiven]:
    """Doses that came with their treatment, without those that were taken."""
    return [
        papers.NotGiven(
            row.local_date, row.treatment.agent, row.get_status_display(), row.reason, row.received_at
        )
        for row in doses
        if row.status != Dose.Status.TAKEN
    ]


def happened(events: Iterable[ClinicalEvent]) -> list[papers.Happened]:
    """Events."""
    return [
        papers.Happened(row.get_kind_display(), row.on, row.until, row.text, row.recorded_at)
        for row in events
    ]


def rated(ratings: Iterable[ClinicianRating]) -> list[papers.Rated]:
    """Clinicians' ratings that came with rater and scores."""
    return [
        papers.Rated(
            row.on,
            row.scale,
            row.version,
            str(row.rater),
            row.get_setting_display(),
            scoring.Score(row.items, row.rated, row.total),
            {score.item: score.value for score in row.scores.all()},
            row.pk,
        )
        for row in ratings
    ]


def spells(episodes: Iterable[Episode]) -> list[papers.Spell]:
    """Episodes with what is known of them in words."""
    return [papers.Spell(row.started_on, row.returned_on, row.peak_on, _told(row)) for row in episodes]


def _told(row: Episode) -> str:
    words = [f"Before it: {row.get_trigger_display().lower()}"]
    if row.peak_on:
        height = f", home check {row.peak_total} of 18" if row.peak_total is not None else ""
        words.append(f"Peak {day_words(row.peak_on)}{height}")
    words += [f"Treated with {row.treated_with.rstrip('.')}"] if row.treated_with else []
    words += [row.note.rstrip(".")] if row.note else []
    return ". ".join(words)


def raised(flags: Iterable[Flag], until: datetime | None) -> list[papers.Raised]:
    """Flags, worst first; open when no standing review covers what was raised, `until` being the newest."""
    return [
        papers.Raised(
            row.on,
            row.tier,
            row.get_tier_display(),
            row.reason,
            f"{row.rule.replace('_', ' ')}, version {row.version}",
            until is None or row.raised_at > until,
            tuple(row.evidence),
            row.raised_at,
        )
        for row in flags
    ]


def pinned(notes: Iterable[PrivateNote]) -> list[papers.Pinned]:
    """Private notes that belong to a day, with their author."""
    return [papers.Pinned(row.pinned_on, row.text, str(row.author)) for row in notes if row.pinned_on]
