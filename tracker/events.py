"""The only writer of events: what happened to a patient, without a cause."""

from django.db import transaction

from portal import audit
from portal.models import User
from tracker.models import ClinicalEvent, Patient


@transaction.atomic
def note_event(user: User, patient: Patient, event: ClinicalEvent) -> ClinicalEvent:
    """Store something that happened; it asserts no cause."""
    event.patient, event.recorded_by = patient, user
    event.full_clean()
    event.save(force_insert=True)
    audit.record(user, "event noted", event, patient=patient.pk)
    return event
