"""Who reaches a patient and who works at a clinic: each act one transaction with its trail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.core import signing
from django.db import connection, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from portal import audit
from portal.database.turns import take_turns
from portal.identity import acting_as
from portal.models import User
from portal.roles import Role
from tracker import status
from tracker.models import Clinic, ClinicStaff, Invitation, Patient, Refusal, Seat
from tracker.models.seats import FAMILY_BASES, Basis, Ground

SALT = "tracker.invitation"
INVITATION_LASTS = timedelta(days=7)
YEAR = timedelta(days=365)


class LastSeat(Exception):
    """Nobody else on the care team could reach these `patients`; nothing was ended."""

    def __init__(self, patients: Sequence[Patient]) -> None:
        super().__init__(f"{len(patients)} records would be out of reach")
        self.patients = patients


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
    Patient.objects.filter(key=key).update(lead=user)
    patient = Patient.objects.visible_to(user).get(key=key)
    status.refresh(patient)
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
    take_turns(f"invite {patient.pk}")
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
    """The day on which a seat on the patient's behalf ends: when they come of age; after that, in a year."""
    today = timezone.localdate(timezone=ZoneInfo(patient.zone))
    return patient.hand_over_on if patient.hand_over_on > today else today + YEAR


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
def accept(user: User, invitation: UUID) -> Patient | None:
    """Take the seat an invitation offers to the address of `user`; None while the record is frozen.

    Errors: ProgrammingError when it is not theirs, was accepted before, or has expired.
    """
    with acting_as(user):
        with connection.cursor() as cursor:
            cursor.execute("SELECT accept_invitation(%s)", [invitation])
            (key,) = cursor.fetchone()
        patient = Patient.objects.visible_to(user).filter(key=key).first()
        audit.record(user, "invitation accepted", f"Invitation {invitation}", patient=key)
    return patient


@transaction.atomic
def end_seat(user: User, seat: Seat) -> None:
    """End a seat now; its holder is out on their next request.

    Errors: LastSeat when it is the only one by which somebody of the care team reaches the record.
    """
    take_turns(f"team {seat.patient_id}")
    if is_last(seat):
        raise LastSeat([seat.patient])
    Seat.objects.filter(pk=seat.pk).held().update(ends_at=timezone.now())
    audit.record(user, "seat ended", seat, patient=seat.patient_id)


def is_last(seat: Seat) -> bool:
    """Whether no other active clinician sits on the care team. Queries: one."""
    others = Seat.objects.held().of_team().filter(patient_id=seat.patient_id).exclude(user_id=seat.user_id)
    return seat.basis == Basis.CARE_TEAM and not others.exists()


@transaction.atomic
def renew(user: User, seat: Seat, ends_on: date) -> None:
    """Let a seat on the patient's behalf last until `ends_on`, the first day without it."""
    Seat.objects.filter(pk=seat.pk).held().update(ends_at=midnight(ends_on, seat.patient))
    audit.record(user, "seat renewed", seat, patient=seat.patient_id)


def colleagues(patient: Patient) -> QuerySet[User]:
    """Active clinicians of the patient's clinic who are not on the care team."""
    team = Seat.objects.held().of_team().filter(patient=patient)
    clinicians = User.objects.filter(is_active=True, roles__contains=[Role.CLINICIAN])
    here = clinicians.filter(clinic_posts__clinic=patient.clinic_id)
    return here.exclude(pk__in=team.values("user")).order_by("name", "pk")


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
def change_person(user: User, person: User, *, name: str, roles: Sequence[str], active: bool) -> None:
    """Give a person of the administrator's clinic their name, roles and whether they may sign in.

    Errors: ProgrammingError for oneself and for people of other clinics.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT change_person(%s, %s, %s, %s)", [person.pk, name, list(roles), active])
    audit.record(user, "person changed", person)


@transaction.atomic
def employ(user: User, clinic: Clinic, *, name: str, email: str, roles: Sequence[str]) -> User:
    """Make an account for somebody who begins at the administrator's clinic; they set their own password.

    Errors: IntegrityError when the address has an account; ProgrammingError for another's clinic.
    """
    # The database takes a new person with no roles, and roles from the administrator of their clinic.
    person = User.objects.create_user(email, name=name)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    ClinicStaff.objects.create(clinic=clinic, user=person)
    audit.record(user, "person added", person)
    change_person(user, person, name=name, roles=roles, active=True)
    person.refresh_from_db()
    return person


def password_path(person: User) -> str:
    """The page, for three days, on which somebody without a password chooses one."""
    key = {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}
    return reverse("account_reset_password_from_key", kwargs=key)


@transaction.atomic
def end_post(user: User, post: ClinicStaff) -> None:
    """Somebody leaves a clinic, and with it the records of its patients; their account stays.

    Errors: LastSeat when they alone reach some of them; ProgrammingError for oneself and other clinics.
    """
    held = Seat.objects.held().filter(user_id=post.user_id, patient__clinic=post.clinic_id)
    seats = list(held.exclude(basis__in=FAMILY_BASES).select_related("patient").order_by("patient"))
    for seat in seats:
        take_turns(f"team {seat.patient_id}")
    if alone := [seat.patient for seat in seats if is_last(seat)]:
        raise LastSeat(alone)
    for seat in seats:
        end_seat(user, seat)
    post.delete()
    audit.record(user, "person left the clinic", f"User {post.user_id}")
