"""Emergency access: opening a record without a seat, for an hour, in everybody's sight."""

from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from portal import audit
from portal.models import User
from tracker.models import EmergencyAccess, Patient
from tracker.models.emergency import Purpose


@transaction.atomic
def open_record(
    user: User, *, record_number: str, birth_date: date, purpose: Purpose, reason: str
) -> Patient | None:
    """Open the record with exactly this number and birth date within the clinic network.

    None when there is no such record; that, too, is in the trail.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT break_glass(%s, %s, %s, %s)", [record_number, birth_date, purpose, reason])
        (key,) = cursor.fetchone()
    if key is None:
        audit.record(user, "emergency access: no such record")
        return None
    patient = Patient.objects.visible_to(user).get(key=key)
    audit.record(user, "emergency access", patient, patient=key)
    return patient


@transaction.atomic
def review(user: User, access: EmergencyAccess, finding: str) -> None:
    """Take an emergency access off the auditor's list, with what was found."""
    EmergencyAccess.objects.filter(pk=access.pk, reviewed_at=None).update(
        reviewed_by=user, reviewed_at=timezone.now(), finding=finding
    )
    audit.record(user, "emergency access reviewed", access, patient=access.patient_id)
