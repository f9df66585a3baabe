"""The only writer of doses: insert-only and keyed, like the diary."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.models import User
from tracker import status
from tracker.models import Dose, Patient, Treatment
from tracker.taps import Conflict, Superseded


class Closed(Exception):
    """The diary takes nothing of that day any more; nothing was stored."""


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
    status.in_turn(patient)
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
