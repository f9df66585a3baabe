"""Links by which people without an account read one release that waits for review."""

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from conditions.models.release import Release
from portal.history import kept

LONGEST = timedelta(days=30)


@kept(without=("key_hash",))
class SharedReview(models.Model):
    """One link to one release, read-only, for some days; only the hash of its key is stored.

    It opens while the release waits; it can be revoked, and never given back.
    """

    release = models.ForeignKey(Release, models.PROTECT, related_name="shares")
    key_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(key_hash__regex=r"^[0-9a-f]{64}$"), name="sharedreview_hashed"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at"), expires_at__lte=F("made_at") + LONGEST),
                name="sharedreview_for_some_days",
            ),
        ]

    def __str__(self) -> str:
        return f"link to {self.release_id}"
