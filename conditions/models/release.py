"""Releases: immutable versions of a condition's content, and who answered for them."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from conditions.models.condition import Condition
from conditions.models.statement import no_nul
from portal.history import kept


class ReleaseQuerySet(models.QuerySet["Release"]):
    """Named questions about releases."""

    def published(self) -> "ReleaseQuerySet":
        """What readers may see, newest first; never a draft, never a withdrawn one."""
        return self.filter(state=Release.State.PUBLISHED).order_by("-number")

    def pending(self) -> "ReleaseQuerySet":
        """Submitted or approved, but not published."""
        return self.filter(state__in=[Release.State.SUBMITTED, Release.State.APPROVED])


@kept(without=("snapshot", "self_audit"))
class Release(models.Model):
    """A condition's content frozen when it was submitted.

    The snapshot never changes (a trigger refuses); only the state moves:
    submitted -> approved -> published -> withdrawn, or returned, or superseded by a later submission.
    """

    class State(models.TextChoices):
        """Where a release stands."""

        SUBMITTED = "submitted"
        RETURNED = "returned"
        SUPERSEDED = "superseded"
        APPROVED = "approved"
        PUBLISHED = "published"
        WITHDRAWN = "withdrawn"

    condition = models.ForeignKey(Condition, models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField(null=True, editable=False, help_text="Given on publication.")
    state = models.CharField(max_length=12, choices=State, default=State.SUBMITTED, editable=False)
    snapshot = models.JSONField(editable=False)
    digest = models.CharField(max_length=64, editable=False, help_text="SHA-256 of the snapshot.")
    reason = models.CharField(
        max_length=300, blank=True, validators=[no_nul], help_text="What changed, for readers."
    )
    clinically_approved = models.BooleanField(default=False, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )
    submitted_at = models.DateTimeField(default=timezone.now, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    publish_at = models.DateTimeField(
        null=True, editable=False, help_text="When the worker publishes it, once approved; empty for by hand."
    )
    self_audit = models.JSONField(
        default=list, editable=False, help_text="What `conditions.discern` found on submission."
    )

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-submitted_at"]
        constraints = [
            models.UniqueConstraint(fields=["condition", "number"], name="release_number_once"),
            models.UniqueConstraint(
                fields=["condition"],
                condition=Q(state__in=["submitted", "approved"]),
                name="release_one_pending",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["published", "withdrawn"])
                | Q(number__gte=1, published_at__isnull=False),
                name="release_published_is_numbered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.condition} {self.number or self.state}"

    def get_absolute_url(self) -> str:
        """The page of this very version."""
        return reverse("conditions:release", args=[self.condition.slug, self.number])


class Approval(models.Model):
    """A clinical reviewer's verdict on one release, bound to its digest."""

    class Verdict(models.TextChoices):
        """Approve, give back or take from readers with a reason, sign that, find nothing to mend, give up."""

        APPROVED = "approved"
        RETURNED = "returned"
        WITHDRAWN = "withdrawn"
        CONFIRMED = "confirmed", "Withdrawal signed"
        REAFFIRMED = "reaffirmed", "Re-affirmed unchanged"
        ARCHIVED = "archived", "Archived: no longer kept up"

    release = models.ForeignKey(Release, models.PROTECT, related_name="approvals")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict)
    digest = models.CharField(max_length=64)
    note = models.TextField(max_length=2000, blank=True, validators=[no_nul])
    interests = models.TextField(
        max_length=600,
        blank=True,
        validators=[no_nul],
        help_text="As the reviewer declared them, for readers.",
    )
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["release", "reviewer", "verdict"],
                condition=~Q(verdict="reaffirmed"),  # which comes round every year
                name="approval_once_a_verdict",
            ),
            models.CheckConstraint(
                condition=~Q(verdict__in=["returned", "withdrawn", "archived"]) | ~Q(note=""),
                name="approval_returned_with_reason",
            ),
            models.CheckConstraint(
                condition=~Q(verdict__in=["approved", "reaffirmed"]) | ~Q(interests=""),
                name="approval_with_interests",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.reviewer}"


class Edit(models.Model):
    """That somebody touched a condition's working rows; written by trigger, from the signed identity.

    Whoever stands here since the last published release cannot approve the next one.
    """

    condition = models.ForeignKey(Condition, models.CASCADE, related_name="edits")
    editor_id = models.BigIntegerField(null=True, help_text="Empty when a command loaded a pack.")
    table = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["condition", "-at"], name="edit_newest")]

    def __str__(self) -> str:
        return f"{self.table} by {self.editor_id}"
