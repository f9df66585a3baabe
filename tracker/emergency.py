"""Emergency access: opening a record without a seat, for an hour, in everybody's sight."""

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from django.core.cache import cache
from django.core.mail import send_mail
from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from portal import audit
from portal.models import AuditEvent, User
from tracker.models import EmergencyAccess, Patient, Seat
from tracker.models.emergency import Purpose
from tracker.models.seats import EMERGENCY_LASTS, Basis

TRIES, WITHIN = 10, timedelta(hours=1)
SUBJECT = "Emergency access was used on Steady"
# Read on a locked screen or over a shoulder: no name, no clinic, nothing of health.
MAIL = """Hello,

A clinician used emergency access to open a diary that you can see on Steady.

Clinicians do this when they need to help and are not on the care team. It ends by itself after one hour. \
Somebody checks every time that it was right.

You do not need to do anything. To see who it was and when, sign in:
{site}

If this worries you, call your clinic.
"""


class Opened(NamedTuple):
    """A record that was asked for; `new` says that it was opened now, not reached already."""

    patient: Patient
    new: bool


class Identity(NamedTuple):
    """Who a patient is, for the auditor."""

    name: str
    birth_date: date
    record_number: str
    clinic: str


def may_try(user: User) -> bool:
    """Count one more attempt; False, and so in the trail, after ten within the hour."""
    _one_at_a_time(user)
    now = timezone.now()
    tries = [at for at in cache.get(f"emergency:{user.pk}", []) if at > now - WITHIN]
    if len(tries) >= TRIES:
        audit.record(user, "emergency access: too many attempts")
        return False
    cache.set(f"emergency:{user.pk}", [*tries, now], WITHIN.total_seconds())
    return True


@transaction.atomic
def open_record(
    user: User, *, record_number: str, birth_date: date, purpose: Purpose, reason: str, site: str
) -> Opened | None:
    """Open the record with exactly this number and birth date within the clinic network; tell the family.

    `site` is the address that the mail gives. None when there is no such record; that, too, is in the trail.
    """
    _one_at_a_time(user)
    newest = _opened_by(user).aggregate(newest=Max("pk"))["newest"] or 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT break_glass(%s, %s, %s, %s)", [record_number, birth_date, purpose, reason])
        (key,) = cursor.fetchone()
    if key is None:
        audit.record(user, "emergency access: no such record")
        return None
    patient = Patient.objects.visible_to(user).get(key=key)
    new = _opened_by(user).filter(pk__gt=newest).exists()
    if new:
        _tell_family(patient, site)
    audit.record(user, "emergency access" if new else "emergency access: not needed", patient, patient=key)
    return Opened(patient, new)


@transaction.atomic
def end(user: User, access: EmergencyAccess) -> None:
    """End one's own emergency access now; once it is over there is nothing to do."""
    held = Seat.objects.filter(pk=access.pk, user_id=user.pk, basis=Basis.BREAK_GLASS, ends_at__gt=Now())
    if held.update(ends_at=Now()):  # the database's clock: its policy lets no seat end in the future
        audit.record(user, "emergency access ended", access, patient=access.patient_id)


@transaction.atomic
def review(user: User, access: EmergencyAccess, finding: str) -> bool:
    """Take an emergency access off the auditor's list, with what was found.

    False, and so in the trail, when it was their own or is reviewed already.
    """
    waiting = EmergencyAccess.objects.waiting().exclude(clinician=user)
    reviewed = bool(
        waiting.filter(pk=access.pk).update(reviewed_by=user, reviewed_at=timezone.now(), finding=finding)
    )
    action = "emergency access reviewed" if reviewed else "emergency access: review refused"
    audit.record(user, action, access, patient=access.patient_id)
    return reviewed


def identity(user: User, patient: UUID) -> Identity | None:
    """Who the patient is, asked by an auditor and in the trail; None for everybody else."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, birth_date, record_number, clinic FROM audited_identity(%s)", [patient])
        row = cursor.fetchone()
    if row is None:
        return None
    audit.record(user, "identity viewed", f"Patient {patient}", patient=patient)
    return Identity(*row)


def acts(access: EmergencyAccess) -> QuerySet[AuditEvent]:
    """What the clinician did with the record from the opening to an hour later, as auditors may read it."""
    within = (access.opened_at, access.opened_at + EMERGENCY_LASTS)
    theirs = AuditEvent.objects.filter(actor_id=access.clinician_id, at__range=within)
    of_record = Q(patient_id=access.patient_id) | Q(patients__contains=[access.patient_id])
    return theirs.filter(of_record).order_by("at", "id")


def _opened_by(user: User) -> QuerySet[EmergencyAccess]:
    return EmergencyAccess.objects.filter(clinician=user)


def _one_at_a_time(user: User) -> None:
    """Two taps at once: the second waits, then finds the record open and the attempt counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"emergency {user.pk}"])


def _tell_family(patient: Patient, site: str) -> None:
    """A mail for each who holds a family seat now, which nobody does while the record is frozen.

    It is queued in this transaction: no record is open without it, and no mail server delays the clinician.
    """
    seats = patient.seats.current().of_family().filter(user__is_active=True)
    for address in seats.values_list("user__email", flat=True).distinct():
        send_mail(SUBJECT, MAIL.format(site=site), None, [address])
