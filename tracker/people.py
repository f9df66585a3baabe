"""Registering patients, inviting their families, ending seats: each one transaction with its trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from django.core import signing
from django.db import connection, transaction
from django.utils import timezone

from portal import audit
from portal.identity import acting_as
from portal.models import User
from tracker.models import CheckIn, Clinic, Invitation, Patient, Redaction, Refusal, Seat
from tracker.models.seats import Basis, Ground

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
def invite(
    user: User,
    patient: Patient,
    *,
    name: str,
    email: str,
    basis: Basis,
    ground: Ground,
    ends_on: date | None = None,
) -> Invitation:
    """Offer a seat to the owner of `email` for seven days; one who is invited already keeps that offer.

    `ends_on` is the first day without the seat, `usual_end` unless given; the patient's own has none.
    """
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
        ground=ground,
        seat_ends_at=None if basis == Basis.SELF else midnight(ends_on or usual_end(patient), patient),
        invited_by=user,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    invitation.save(force_insert=True)
    audit.record(user, "family invited", invitation, patient=patient.pk)
    return invitation


def usual_end(patient: Patient) -> date:
    """The day on which a seat on the patient's behalf ends: when they come of age, or else in a year."""
    today = timezone.localdate(timezone=ZoneInfo(patient.zone))
    return max(patient.hand_over_on, today + timedelta(days=365))


def midnight(day: date, patient: Patient) -> datetime:
    """The instant at which `day` begins where the patient lives."""
    return datetime.combine(day, time(), ZoneInfo(patient.zone))


@transaction.atomic
def withdraw(user: User, invitation: Invitation) -> None:
    """Close an offer that nobody took up; its link says that it is over."""
    Invitation.objects.filter(pk=invitation.pk, accepted_at=None).update(expires_at=timezone.now())
    audit.record(user, "invitation withdrawn", invitation, patient=invitation.patient_id)


@transaction.atomic
def refuse(user: User, patient: Patient, *, name: str, basis: Basis, reason: str) -> Refusal:
    """Record that somebody asked for a seat and did not get one, and why."""
    refusal = Refusal(patient=patient, name=name, basis=basis, reason=reason, decided_by=user)
    refusal.full_clean()
    refusal.save(force_insert=True)
    audit.record(user, "seat refused", refusal, patient=patient.pk)
    return refusal


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


@transaction.atomic
def join_team(user: User, patient: Patient, colleague: User) -> Seat:
    """Give a seat on the care team to somebody who works at the patient's clinic.

    Errors: ProgrammingError for oneself or an outsider; IntegrityError for one who holds it already.
    """
    seat = Seat(patient=patient, user=colleague, basis=Basis.CARE_TEAM, ground=Ground.CARE, decided_by=user)
    seat.save(force_insert=True)
    audit.record(user, "seat given", seat, patient=patient.pk)
    return seat


@transaction.atomic
def freeze(user: User, patient: Patient, reason: str) -> None:
    """Shut the record to the whole family, from their next request on, while something is looked into."""
    Patient.objects.filter(pk=patient.pk, frozen_at=None).update(
        frozen_at=timezone.now(), frozen_by=user, frozen_reason=reason
    )
    audit.record(user, "record frozen", patient, patient=patient.pk)


@transaction.atomic
def thaw(user: User, patient: Patient) -> None:
    """Open the record to the family again."""
    Patient.objects.filter(pk=patient.pk).update(frozen_at=None, frozen_by=None, frozen_reason="")
    audit.record(user, "record opened again", patient, patient=patient.pk)


@transaction.atomic
def change_state(user: User, patient: Patient, state: Patient.State, on: date) -> None:
    """Say that the patient is active, transferred, discharged or has died, since `on`.

    What is due is asked of active patients alone, so leaving that state stops it at once. Merging is
    `merge`. Errors: ValueError for merged.
    """
    if state == Patient.State.MERGED:
        raise ValueError("A record is merged by merge().")
    Patient.objects.filter(pk=patient.pk).update(state=state, state_on=on, state_by=user, merged_into=None)
    audit.record(user, f"patient {state}", patient, patient=patient.pk)


@transaction.atomic
def merge(user: User, duplicate: Patient, into: Patient) -> None:
    """Close a record registered twice; its diary stays and its people gain their seats at `into`.

    Errors: ProgrammingError unless `user` keeps both records and they are of one clinic.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT merge_patients(%s, %s)", [duplicate.pk, into.pk])
    audit.record(user, "record merged", f"into {into.pk}", patient=duplicate.pk)
    audit.record(user, "record merged", f"from {duplicate.pk}", patient=into.pk)


@transaction.atomic
def redact(user: User, entry: CheckIn, hidden_from: User, reason: str) -> Redaction:
    """Hide one entry, its corrections included, from one member of the family.

    Errors: IntegrityError when it is hidden from them already.
    """
    redaction = Redaction(
        patient_id=entry.patient_id, check_in=entry, hidden_from=hidden_from, reason=reason, decided_by=user
    )
    redaction.full_clean()
    redaction.save(force_insert=True)
    audit.record(user, "entry hidden", redaction, patient=entry.patient_id)
    return redaction


@transaction.atomic
def reveal(user: User, redaction: Redaction) -> None:
    """Lift a redaction."""
    Redaction.objects.filter(pk=redaction.pk, lifted_at=None).update(lifted_at=timezone.now())
    audit.record(user, "entry shown again", redaction, patient=redaction.patient_id)


@transaction.atomic
def change_person(user: User, person: User, *, name: str, roles: Sequence[str], active: bool) -> None:
    """Give a person of the administrator's clinic their name, roles and whether they may sign in.

    Errors: ProgrammingError for oneself and for people of other clinics.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT change_person(%s, %s, %s, %s)", [person.pk, name, list(roles), active])
    audit.record(user, "person changed", person)
