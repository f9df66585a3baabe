"""Who asked is told once more when the answer stands on the page; then their address is forgotten.

A job looks for them, so that whoever publishes reads no reader's words and no mail delays a publication.
"""

from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from conditions.archiving import IS_ARCHIVED
from conditions.feedback import KEPT
from conditions.models import Feedback, Release
from portal import audit

# No word of what was asked, nor of which condition: see `feedback`.
PUBLISHED = """The answer to what you asked on Steady is published. A clinical reviewer has approved it. It
stands among the questions on the page where you asked.

Your address was deleted with this mail, so nobody can write to you about it again.
"""


def tell_askers() -> int:
    """Tell those whose answer readers see now, and forget who waited too long; gives how many were told.

    Each is told once, since their address goes in the same transaction. Queries: two, and two for each.
    """
    told = 0
    with transaction.atomic():
        waiting = Feedback.objects.filter(status=Feedback.Status.ANSWERED, sealed_address__isnull=False)
        rows = list(waiting.select_for_update(skip_locked=True))
        shown = _shown({said.condition_id for said in rows})
        for said in rows:
            if (said.condition_id, said.draft) in shown:
                told += _tell(said)
            elif said.settled_at is not None and said.settled_at < timezone.now() - KEPT:
                _forget(said, "feedback.address_expired")
    return told


def _shown(conditions: set[int]) -> set[tuple[int, str]]:
    """The keys of the statements that readers see now, each with its condition."""
    newest = Release.objects.published().filter(condition_id__in=conditions)
    newest = newest.order_by("condition_id", "-number").distinct("condition_id")
    kept_up = newest.annotate(archived=IS_ARCHIVED).values_list("condition_id", "snapshot", "archived")
    return {
        (condition, statement["key"])
        for condition, snapshot, archived in kept_up
        if not archived
        for section in snapshot["sections"]
        for statement in section["statements"]
    }


def _tell(said: Feedback) -> bool:
    """Whether a mail was sent; an address whose SECRET_KEY is gone is only forgotten."""
    address = said.address
    _forget(said, "feedback.told" if address else "feedback.address_expired")
    if address:
        send_mail("Your question is answered on Steady", PUBLISHED, None, [address])
    return bool(address)


def _forget(said: Feedback, action: str) -> None:
    said.sealed_address = None
    said.save(update_fields=["sealed_address"])
    audit.record(None, action, said)
