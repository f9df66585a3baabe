"""The review that a clinician can still take back from the list: their newest one of today."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from tracker.models import PatientStatus, Review
from tracker.worklist.listing import Desk


def undoable(at: Desk) -> Review | None:
    """The reader's newest standing review of today, where the clinic is, with its patient. Queries: one."""
    mine = PatientStatus.objects.visible_to(at.user).values("patient")
    lately = at.now - timedelta(hours=25)  # no day is longer
    reviews = Review.objects.filter(reviewer=at.user.pk, undoing=None, at__gt=lately, patient__in=mine)
    newest = reviews.select_related("patient__clinic").order_by("-at").first()
    if newest is None:
        return None
    zone = ZoneInfo(newest.patient.clinic.zone)
    return newest if newest.at.astimezone(zone).date() == at.now.astimezone(zone).date() else None
