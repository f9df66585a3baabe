"""What clinicians write beside the diary: treatments, doses, events, ratings and episodes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.database.turns import take_turns
from portal.models import User
from tracker import scoring, status
from tracker.models import (
    ClinicalEvent,
    ClinicianItem,
    ClinicianRating,
    Dose,
    Episode,
    Patient,
    PlannedStep,
    Treatment,
)

Step = tuple[date, Decimal, str]  # from this day on, so much per dose, in this UCUM unit
TWICE = timedelta(minutes=1)  # the same again within it is a second tap


class Conflict(Exception):
    """The same key was sent before with something else in it; nothing was stored."""


class Superseded(Exception):
    """What was to be changed was changed by another tap; nothing was stored."""


class Closed(Exception):
    """The diary takes nothing of that day any more; nothing was stored."""


class AlreadyOpen(Exception):
    """The patient has an open episode; nothing was stored."""


@transaction.atomic
def plan_treatment(
    user: User, patient: Patient, treatment: Treatment, steps: Sequence[Step] = ()
) -> Treatment:
    """Store a treatment for `patient` with its planned steps: (from day, amount per dose, UCUM unit).

    The same again within a minute is a second tap and gives the first.
    """
    take_turns(f"treatments {patient.pk}")
    again = ("agent", "form", "starts_on", "ends_on", "amount", "unit", "doses_per_day", "replaces")
    lately = patient.treatments.filter(recorded_by=user, recorded_at__gt=timezone.now() - TWICE)
    if twin := lately.filter(**{name: getattr(treatment, name) for name in again}).first():
        return twin
    _store_plan(user, patient, treatment, steps)
    audit.record(user, "treatment planned", treatment, patient=patient.pk)
    return treatment


def _store_plan(user: User, patient: Patient, treatment: Treatment, steps: Iterable[Step]) -> None:
    treatment.patient, treatment.recorded_by = patient, user
    treatment.full_clean(validate_unique=False)
    treatment.save(force_insert=True)
    PlannedStep.objects.bulk_create(
        PlannedStep(patient=patient, treatment=treatment, on=on, amount=amount, unit=unit)
        for on, amount, unit in steps
    )
    status.refresh(patient)


@transaction.atomic
def plan_series(
    user: User, patient: Patient, first: Treatment, turns: Sequence[tuple[date, date]]
) -> list[Treatment]:
    """Store the same treatment for each turn (first and last day): pulses or infusions, a row each."""
    names = ("agent", "form", "amount", "unit", "doses_per_day", "note")
    same = {name: getattr(first, name) for name in names}
    rows = [Treatment(**same, starts_on=start, ends_on=end) for start, end in turns]
    return [plan_treatment(user, patient, row) for row in rows]


@transaction.atomic
def change_treatment(
    user: User, earlier: Treatment, treatment: Treatment, steps: Sequence[Step] = ()
) -> Treatment:
    """Let a new plan go on from an earlier one, which ends the day before and stays as it was.

    An earlier plan that had not begun by then keeps its days; `Treatment.objects.standing()` leaves it out.
    Errors: Superseded when another plan goes on from it already.
    """
    take_turns(f"treatments {earlier.patient_id}")
    if Treatment.objects.filter(replaces=earlier).exists():
        raise Superseded
    treatment.replaces = earlier
    last = treatment.starts_on - timedelta(days=1)
    runs = Treatment.objects.filter(pk=earlier.pk, starts_on__lte=last)
    runs.exclude(ends_on__lte=last).update(ends_on=last)
    _store_plan(user, earlier.patient, treatment, steps)
    audit.record(user, "treatment changed", treatment, patient=earlier.patient_id)
    return treatment


@transaction.atomic
def stop_treatment(user: User, treatment: Treatment, on: date, note: str) -> None:
    """Let a treatment end with the day `on`; `note` replaces its note. Its steps stay as planned.

    Errors: Superseded when another plan goes on from it.
    """
    standing = Treatment.objects.filter(pk=treatment.pk, replaced_by=None)
    if not standing.update(ends_on=on, note=note):
        raise Superseded
    status.refresh(treatment.patient)
    audit.record(user, "treatment stopped", treatment, patient=treatment.patient_id)


@transaction.atomic
def note_event(user: User, patient: Patient, event: ClinicalEvent) -> ClinicalEvent:
    """Store something that happened; it asserts no cause."""
    event.patient, event.recorded_by = patient, user
    event.full_clean()
    event.save(force_insert=True)
    audit.record(user, "event noted", event, patient=patient.pk)
    return event


@dataclass(frozen=True)
class Given:
    """What is told of one dose: `amount` per dose in `unit` (UCUM), both empty when only the status was."""

    occurred_at: datetime
    zone: str
    local_date: date
    amount: Decimal | None = None
    unit: str = ""
    reason: str = ""


@transaction.atomic
def record_dose(
    user: User,
    patient: Patient,
    treatment: Treatment,
    key: UUID,
    outcome: str,
    given: Given,
    *,
    replaces: Dose | None = None,
    received_at: datetime | None = None,
) -> Dose:
    """Store a dose once; the same key again gives the stored one. `outcome` is one of `Dose.Status`.

    Errors: Conflict when the key was used for something else; Superseded when `replaces` no longer
    stands; Closed for a day from which on the patient is no longer active.
    """
    draft = Dose(patient=patient, treatment=treatment, author=user, key=key, status=outcome,
                 replaces=replaces, received_at=received_at or timezone.now(), **vars(given))  # fmt: skip
    known = Dose.objects.filter(author=user, key=key)
    if not patient.takes_entries_of(given.local_date) and not known.exists():
        raise Closed
    draft.clean_fields(exclude=["replaces"])
    Dose.objects.bulk_create([draft], ignore_conflicts=True)
    stored = known.first()
    if stored is None:
        raise Superseded
    if stored.pk != draft.pk:
        same = ("patient_id", "treatment_id", "status", "local_date", "amount", "unit", "reason")
        if any(getattr(stored, name) != getattr(draft, name) for name in (*same, "replaces_id")):
            raise Conflict
        return stored
    status.refresh(patient)
    audit.record(user, "dose recorded", stored, patient=patient.pk)
    return stored


@dataclass(frozen=True)
class Rated:
    """A clinician's rating: item -> 0-3, None where it could not be assessed. `at` is when it was written."""

    on: date
    setting: str
    scores: Mapping[str, int | None]
    note: str = ""
    at: datetime | None = None


@transaction.atomic
def rate(
    user: User, patient: Patient, key: UUID, told: Rated, *, replaces: ClinicianRating | None = None
) -> ClinicianRating:
    """Store a Mitchell-Pike rating once under its key; one that `replaces` another corrects it.

    Errors: Conflict when the key was used for something else; Superseded when `replaces` was corrected
    before; ValueError for an item the scale does not have.
    """
    scale = scoring.MITCHELL_PIKE
    draft = ClinicianRating(
        id=key,
        patient=patient,
        rater=user,
        on=told.on,
        at=told.at or timezone.now(),
        setting=told.setting,
        scale=scale.code,
        version=scale.version,
        note=told.note,
        replaces=replaces,
        **vars(scoring.score(scale, told.scores)),
    )
    if _stored_before(draft, told.scores):
        return draft
    ClinicianItem.objects.bulk_create(
        ClinicianItem(patient=patient, rating=draft, item=item, value=value)
        for item, value in told.scores.items()
    )
    audit.record(user, "clinician rating recorded", draft, patient=patient.pk)
    return draft


def _stored_before(draft: ClinicianRating, scores: Mapping[str, int | None]) -> bool:
    """Insert unless the key is known; whether just this was stored under it before. Errors: see `rate`."""
    draft.clean_fields(exclude=["replaces", "total"])
    take_turns(f"ratings {draft.patient_id}")
    if (
        draft.replaces
        and ClinicianRating.objects.filter(replaces=draft.replaces).exclude(pk=draft.pk).exists()
    ):
        raise Superseded
    known = ClinicianRating.objects.filter(pk=draft.pk, patient=draft.patient_id, rater=draft.rater).first()
    if known is None:
        ClinicianRating.objects.bulk_create([draft], ignore_conflicts=True)
        if not ClinicianRating.objects.filter(pk=draft.pk, patient=draft.patient_id).exists():
            raise Conflict  # the key is that of somebody else's rating
        return False
    same = ("on", "setting", "note", "total", "replaces_id")
    stored = {row.item: row.value for row in known.scores.all()}
    if stored != dict(scores) or any(getattr(known, name) != getattr(draft, name) for name in same):
        raise Conflict
    return True


@transaction.atomic
def mark_rating_in_error(user: User, rating: ClinicianRating, reason: str) -> None:
    """Say that a rating should not stand; both stay visible. Again does no harm.

    Errors: Superseded when it was corrected in the meantime.
    """
    take_turns(f"ratings {rating.patient_id}")
    later = ClinicianRating.objects.filter(replaces=rating).first()
    if later and not later.error_reason:
        raise Superseded
    if later is None:
        same = {name: getattr(rating, name) for name in ("on", "setting", "scale", "version", "items")}
        ClinicianRating.objects.create(
            **same, patient_id=rating.patient_id, rater=user, rated=0, replaces=rating, error_reason=reason
        )
        audit.record(user, "clinician rating marked in error", rating, patient=rating.patient_id)


@transaction.atomic
def start_episode(user: User, patient: Patient, episode: Episode) -> Episode:
    """Store an episode, as a clinician set it. Errors: AlreadyOpen when the patient has an open one."""
    take_turns(f"episodes {patient.pk}")
    if episode.returned_on is None and patient.episodes.filter(returned_on=None).exists():
        raise AlreadyOpen
    episode.patient, episode.set_by = patient, user
    episode.full_clean()
    episode.save(force_insert=True)
    status.refresh(patient)
    audit.record(user, "episode started", episode, patient=patient.pk)
    return episode


@transaction.atomic
def change_episode(user: User, episode: Episode, **told: object) -> None:
    """Say more of an episode, or that it is over; its start and who set it stay.

    Errors: AlreadyOpen when that would open it again beside another open one.
    """
    take_turns(f"episodes {episode.patient_id}")
    others = Episode.objects.filter(patient=episode.patient_id, returned_on=None).exclude(pk=episode.pk)
    if told.get("returned_on", episode.returned_on) is None and others.exists():
        raise AlreadyOpen
    for name, value in told.items():
        setattr(episode, name, value)
    episode.full_clean(validate_unique=False)
    Episode.objects.filter(pk=episode.pk).update(**told)
    status.refresh(episode.patient)
    audit.record(user, "episode changed", episode, patient=episode.patient_id)
