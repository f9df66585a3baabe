"""The only writers of clinicians' ratings: insert-only and keyed, corrected by a new one, marked in error."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.database.turns import take_turns
from portal.models import User
from tracker import scoring
from tracker.models import ClinicianItem, ClinicianRating, Patient
from tracker.taps import Conflict, Repeated, Superseded


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

    Errors: Repeated when just this was stored under the key; Conflict when something else was; Superseded
    when `replaces` was corrected before; ValueError for an item the scale does not have.
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
    _insert_once(draft, told.scores)
    ClinicianItem.objects.bulk_create(
        ClinicianItem(patient=patient, rating=draft, item=item, value=value)
        for item, value in told.scores.items()
    )
    audit.record(user, "clinician rating recorded", draft, patient=patient.pk)
    return draft


def _insert_once(draft: ClinicianRating, scores: Mapping[str, int | None]) -> None:
    """Insert unless the key is known. Errors: see `rate`."""
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
        return
    same = ("on", "setting", "note", "total", "replaces_id")
    stored = {row.item: row.value for row in known.scores.all()}
    if stored != dict(scores) or any(getattr(known, name) != getattr(draft, name) for name in same):
        raise Conflict
    raise Repeated


@transaction.atomic
def mark_rating_in_error(user: User, rating: ClinicianRating, reason: str) -> None:
    """Say that a rating should not stand; both stay visible.

    Errors: Repeated when that was said already; Superseded when it was corrected in the meantime.
    """
    take_turns(f"ratings {rating.patient_id}")
    if later := ClinicianRating.objects.filter(replaces=rating).first():
        raise Repeated if later.error_reason else Superseded
    same = {name: getattr(rating, name) for name in ("on", "setting", "scale", "version", "items")}
    ClinicianRating.objects.create(
        **same, patient_id=rating.patient_id, rater=user, rated=0, replaces=rating, error_reason=reason
    )
    audit.record(user, "clinician rating marked in error", rating, patient=rating.patient_id)
