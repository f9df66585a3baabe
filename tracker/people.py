"""Registering patients, inviting their families, ending seats: each one transaction with its trail."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID, uuid4

from django.core import signing
from django.db import connection, transaction
from django.utils import timezone

from portal import audit
from portal.identity import acting_as
from portal.models import User
from tracker.models import Clinic, Invitation, Patient, Seat
from tracker.models.seats import Basis

SALT = "tracker.invitation"
INVITATION_LASTS = timedelta(days=7)


@transaction.atomic
def register(
    user: User, clinic: Clinic, *, name: str, birth_date: date, record_number: str, zone: str = ""
) -> Patient:
    """Register a patient and take the first seat, as `user`, who is the signed identity.

    Errors: IntegrityError when the record number is taken; ProgrammingError when the database
    does not know `user` as a clinician of `clinic`.
    """
    key = uuid4()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT register_patient(%s, %s, %s, %s, %s, %s)",
            [key, clinic.pk, name, birth_date, record_number, zone or clinic.zone],
        )
    patient = Patient.objects.visible_to(user).get(key=key)
    audit.record(user, "patient registered", patient, patient=key)
    return patient


@transaction.atomic
def invite(user: User, patient: Patient, *, name: str, email: str, basis: Basis) -> Invitation:
    """Offer a seat to the owner of `email` for seven days; one who is invited already keeps that offer."""
    with connection.cursor() as cursor:  # two taps at once: the second waits and then sees the first
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"invite {patient.pk}"])
    waiting = Invitation.objects.filter(patient=patient, accepted_at=None, expires_at__gt=timezone.now())
    if twin := waiting.filter(email=email.lower(), basis=basis).first():
        return twin
    invitation = Invitation(
        patient=patient,
        name=name,
        email=email.lower(),
        basis=basis,
        invited_by=user,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    invitation.save(force_insert=True)
    audit.record(user, "family invited", invitation, patient=patient.pk)
    return invitation


def invitation_token(invitation: Invitation) -> str:
    """The secret part of the invitation's link: its key, signed."""
    return signing.dumps(str(invitation.key), salt=SALT)


def invitation_key(token: str) -> UUID | None:
    """The key that `token` proves, or None for a forged or damaged one."""
    try:
        return UUID(signing.loads(token, salt=SALT))
    except (signing.BadSignature, ValueError):
        return None


@dataclass(frozen=True)
class Offer:
    """What an invitation says before it is accepted: never who the patient is."""

    email: str
    name: str
    clinic: str
    expired: bool


def open_offer(invitation: UUID) -> Offer | None:
    """The offer behind a proven key, also once used or too old; None when there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT email, name, clinic, expired FROM open_invitation(%s)", [invitation])
        row = cursor.fetchone()
    return Offer(*row) if row else None


@transaction.atomic
def accept(user: User, invitation: UUID) -> Patient:
    """Take the seat an invitation offers to the address of `user`.

    Errors: ProgrammingError when it is not theirs, was accepted before, or has expired.
    """
    with acting_as(user):
        with connection.cursor() as cursor:
            cursor.execute("SELECT accept_invitation(%s)", [invitation])
            (key,) = cursor.fetchone()
        patient = Patient.objects.visible_to(user).get(key=key)
        audit.record(user, "invitation accepted", f"Invitation {invitation}", patient=key)
    return patient


@transaction.atomic
def end_seat(user: User, seat: Seat) -> None:
    """End a seat now; its holder is out on their next request."""
    Seat.objects.filter(pk=seat.pk).update(ends_at=timezone.now())
    audit.record(user, "seat ended", seat, patient=seat.patient_id)
