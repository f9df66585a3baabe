"""What the care team writes beside the diary: treatments with their steps, and events."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.db import transaction

from portal import audit
from portal.models import User
from tracker.models import ClinicalEvent, Patient, PlannedStep, Treatment


@transaction.atomic
def plan_treatment(
    user: User, patient: Patient, treatment: Treatment, steps: Sequence[tuple[date, Decimal, str]] = ()
) -> Treatment:
    """Store a treatment for `patient` with its planned steps: (from day, amount per dose, UCUM unit)."""
    treatment.patient, treatment.recorded_by = patient, user
    treatment.full_clean()
    treatment.save(force_insert=True)
    PlannedStep.objects.bulk_create(
        PlannedStep(patient=patient, treatment=treatment, on=on, amount=amount, unit=unit)
        for on, amount, unit in steps
    )
    audit.record(user, "treatment planned", treatment, patient=patient.pk)
    return treatment


@transaction.atomic
def note_event(user: User, patient: Patient, event: ClinicalEvent) -> ClinicalEvent:
    """Store something that happened; it asserts no cause."""
    event.patient, event.recorded_by = patient, user
    event.full_clean()
    event.save(force_insert=True)
    audit.record(user, "event noted", event, patient=patient.pk)
    return event
