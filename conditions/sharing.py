"""Sharing a review: make a link, open it, revoke it.

Each function is one transaction with its line in the trail. Only the link's hash is stored, so that
neither the database nor its backup opens anything.
"""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from conditions.models import Release, SharedReview
from conditions.models.sharing import LONGEST
from conditions.publishing import NotAllowed
from portal import audit
from portal.models import User

RIGHTS = ("conditions.submit_release", "conditions.approve_release")
WAITING = (Release.State.SUBMITTED, Release.State.APPROVED)


def may_share(user: User) -> bool:
    """Whether GRANTS lets this person share a review: editors and clinical reviewers."""
    return any(user.has_perm(right) for right in RIGHTS)


def share(user: User, release: Release, *, days: int) -> str:
    """Make a link to a release that waits for review, and give its key, which is nowhere else.

    Errors: NotAllowed without the right, for a release that no longer waits, and beyond 30 days.
    """
    if not may_share(user):
        raise NotAllowed("Only an editor or a clinical reviewer shares a review.")
    if not 1 <= days <= LONGEST.days:
        raise NotAllowed(f"A link lives for 1 to {LONGEST.days} days.")
    key, now = secrets.token_urlsafe(32), timezone.now()
    with transaction.atomic():
        if not Release.objects.filter(pk=release.pk, state__in=WAITING).exists():
            raise NotAllowed("This release no longer waits for review, so there is nothing to share.")
        made = SharedReview.objects.create(
            release=release,
            key_hash=_hashed(key),
            made_by=user,
            made_at=now,
            expires_at=now + timedelta(days=days),
        )
        audit.record(user, "shared review made", made)
    return key


def revoke(user: User, shared: SharedReview) -> None:
    """End a link at once; twice is as good as once. Errors: NotAllowed without the right."""
    if not may_share(user):
        raise NotAllowed("Only an editor or a clinical reviewer revokes a link.")
    with transaction.atomic():
        open_links = SharedReview.objects.filter(pk=shared.pk, revoked_at=None)
        if open_links.update(revoked_at=timezone.now()):
            audit.record(user, "shared review revoked", shared)


def opened(key: str) -> SharedReview | None:
    """The link whose key this is, with its release; None for one that never was, is over or was revoked.

    Queries: one.
    """
    living = SharedReview.objects.filter(revoked_at=None, expires_at__gt=timezone.now())
    found = living.filter(key_hash=_hashed(key), release__state__in=WAITING)
    return found.select_related("release__condition").first()


def _hashed(key: str) -> str:
    """256 bits of chance need no salt and no slow hash."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
