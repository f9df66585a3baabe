"""What happens to a whole record or an entry: each one transaction with its trail."""

from datetime import date

from django.db import connection, transaction
from django.utils import timezone

from portal import audit
from portal.models import User
from tracker.models import CheckIn, Invitation, Patient, PrivateNote, Redaction


@transaction.atomic
def freeze(user: User, patient: Patient, reason: str) -> None:
    """Shut the record to the whole family, from their next request on, while something is looked into.

    Again does no harm: the first reason stays.
    """
    open_until_now = Patient.objects.filter(pk=patient.pk, frozen_at=None)
    if open_until_now.update(frozen_at=timezone.now(), frozen_by=user, frozen_reason=reason):
        audit.record(user, "record frozen", patient, patient=patient.pk)


@transaction.atomic
def thaw(user: User, patient: Patient, reason: str) -> None:
    """Open the record to the family again; why is a private note of the care team."""
    frozen = Patient.objects.filter(pk=patient.pk, frozen_at__isnull=False)
    if frozen.update(frozen_at=None, frozen_by=None, frozen_reason=""):
        PrivateNote.objects.create(patient=patient, author=user, text=f"Opened to the family again: {reason}")
        audit.record(user, "record opened again", patient, patient=patient.pk)


class Merged(Exception):
    """The record goes on in another; nothing was changed."""


@transaction.atomic
def change_state(user: User, patient: Patient, state: Patient.State, on: date) -> None:
    """Say that the patient is active, transferred, discharged or has died, since `on`.

    What is due is asked of active patients alone, so leaving that state stops it at once. After a death
    nobody is invited any more. Errors: ValueError for merged, which is `merge`; Merged once it was.
    """
    if state == Patient.State.MERGED:
        raise ValueError("A record is merged by merge().")
    going_on = Patient.objects.filter(pk=patient.pk, merged_into=None)
    if not going_on.update(state=state, state_on=on, state_by=user):
        raise Merged
    if state == Patient.State.DIED:
        _close_invitations(patient)
    audit.record(user, f"patient {state}", patient, patient=patient.pk)


class Unlike(Exception):
    """One of two records is frozen and the other is not; nothing was merged."""


@transaction.atomic
def merge(user: User, duplicate: Patient, into: Patient) -> None:
    """Close a record registered twice; its diary stays and its people gain their seats at `into`.

    Errors: Unlike when that would open a frozen record to the family; ProgrammingError unless `user`
    keeps both records, they are of one clinic, and neither was merged before.
    """
    frozen = Patient.objects.filter(pk__in=[duplicate.pk, into.pk], frozen_at__isnull=False).count()
    if frozen == 1:
        raise Unlike
    with connection.cursor() as cursor:
        cursor.execute("SELECT merge_patients(%s, %s)", [duplicate.pk, into.pk])
    _close_invitations(duplicate)
    audit.record(user, "record merged", f"into {into.pk}", patient=duplicate.pk)
    audit.record(user, "record merged", f"from {duplicate.pk}", patient=into.pk)


def _close_invitations(patient: Patient) -> None:
    now = timezone.now()
    Invitation.objects.filter(patient=patient, accepted_at=None, expires_at__gt=now).update(expires_at=now)


@transaction.atomic
def redact(user: User, entry: CheckIn, hidden_from: User, reason: str) -> Redaction:
    """Hide one entry, its corrections included, from one member of the family.

    Errors: IntegrityError when it is hidden from them already.
    """
    redaction = Redaction(
        patient_id=entry.patient_id,
        check_in=first_version(entry),  # so that each entry is hidden once, whichever version was chosen
        hidden_from=hidden_from,
        reason=reason,
        decided_by=user,
    )
    redaction.full_clean(validate_constraints=False)
    redaction.save(force_insert=True)
    audit.record(user, "entry hidden", redaction, patient=entry.patient_id)
    return redaction


def first_version(entry: CheckIn) -> CheckIn:
    """The entry that `entry` and all before it put right. Queries: one a correction."""
    while entry.replaces is not None:
        entry = entry.replaces
    return entry


@transaction.atomic
def reveal(user: User, redaction: Redaction) -> None:
    """Lift a redaction."""
    hidden = Redaction.objects.filter(pk=redaction.pk, lifted_at=None)
    if hidden.update(lifted_at=timezone.now()):
        audit.record(user, "entry shown again", redaction, patient=redaction.patient_id)
