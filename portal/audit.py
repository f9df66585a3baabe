"""The access trail: one function writes it, inside the transaction of what it records."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model

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
    signed_in = user if isinstance(user, User) else None
    # bulk_create asks for nothing back: an editor may add to the trail but never read it.
    AuditEvent.objects.bulk_create(
        [
            AuditEvent(
                actor_id=signed_in.pk if signed_in else None,
                actor_name=signed_in.email if signed_in else "not signed in",
                action=action,
                target=target if isinstance(target, str) else f"{type(target).__name__} {target.pk}",
                patient_id=patient,
                patients=list(patients),
            )
        ]
    )
