"""Publishing at a set time: an approved release waits for it, and the worker publishes it then."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from conditions.models import Release
from conditions.publishing import publish
from conditions.steps import NotAllowed, State, demand, explained, in_state
from portal import audit
from portal.models import User

FARTHEST = timedelta(days=365)
GRACE = timedelta(minutes=2)  # in which the job, which comes every minute, may still be on its way


def plan(user: User, release: Release, at: datetime | None) -> Release:
    """Set when an approved release is published; None leaves it to somebody's hand again.

    Errors: NotAllowed without the right to publish, in the past or beyond a year.
    """
    if not user.has_perm("conditions.approve_release"):
        demand(user, "conditions.submit_release", "Only an editor or a clinical reviewer sets the time.")
    now = timezone.now()
    if at is not None and not now < at <= now + FARTHEST:
        raise NotAllowed("Choose a time that is still to come, at most a year from now.")
    with explained(), transaction.atomic():
        release = in_state(release, State.APPROVED)
        release.publish_at = at
        release.save(update_fields=["publish_at"])
        audit.record(user, "release.planned" if at else "release.unplanned", release)
    return release


def held(releases: "QuerySet[Release]") -> "QuerySet[Release]":
    """Those whose time has come and that the job could not publish; the page of each says why."""
    return releases.filter(state=State.APPROVED, publish_at__lte=timezone.now() - GRACE).order_by(
        "publish_at"
    )


def publish_due() -> list[Release]:
    """Publish every release whose time has come, with the checks of this moment; give those held back.

    One that is held back is tried again at the next call, until somebody submits anew or clears its time.
    """
    late = Release.objects.filter(state=State.APPROVED, publish_at__lte=timezone.now())
    held: list[Release] = []
    for release in late.order_by("publish_at"):
        try:
            publish(None, release)
        except NotAllowed:
            held.append(release)
    return held
