"""The access trail: one function writes it, inside the transaction of what it records."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model

from portal.identity import speaker, speaking_as
from portal.models import AuditEvent, User


def record(
    user: User | AnonymousUser | None,
    action: str,
    target: Model | str = "",
    *,
    patient: UUID | None = None,
    patients: Sequence[UUID] = (),
) -> None:
    """Write one act into the trail; call it in the transaction of the act, so neither exists alone.

    `target` is stored as its kind and key, never its content. `patient` is whose record it was,
    `patients` every one that a list showed.
    """
    record_each(user, action, [target], patient=patient, patients=patients)


def record_each(
    user: User | AnonymousUser | None,
    action: str,
    targets: Sequence[Model | str],
    *,
    patient: UUID | None = None,
    patients: Sequence[UUID] = (),
) -> None:
    """The same act on many targets, an event each; see `record`."""
    signed_in = user if isinstance(user, User) else None
    events = [
        AuditEvent(
            actor_id=signed_in.pk if signed_in else None,
            actor_name=signed_in.email if signed_in else "not signed in",
            action=action,
            target=target if isinstance(target, str) else f"{target._meta.object_name} {target.pk}",
            patient_id=patient,
            patients=list(patients),
        )
        for target in targets
    ]
    # bulk_create asks for nothing back: an editor may add to the trail but never read it.
    with _signed(signed_in):
        AuditEvent.objects.bulk_create(events)


def _signed(actor: User | None) -> AbstractContextManager[None]:
    """The database takes an act from its actor alone: at the door, that is not yet who speaks."""
    subject, told = str(actor.pk) if actor else "", speaker.get()
    as_told = told == subject or (actor is None and told.startswith("job:"))
    return nullcontext() if as_told else speaking_as(subject)
