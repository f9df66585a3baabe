"""Translations of a condition's content: who wrote them, who checked them, where they stand."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from conditions.models.condition import Condition
from conditions.models.release import Release
from conditions.models.statement import no_nul
from portal.history import kept


class TranslationQuerySet(models.QuerySet["TranslationRelease"]):
    """Named questions about translations."""

    def underway(self) -> "TranslationQuerySet":
        """Being written or waiting for the check; at most one of a condition in a language."""
        return self.filter(state__in=["draft", "check"])

    def published(self) -> "TranslationQuerySet":
        """What readers may see; at most one of a condition in a language."""
        return self.filter(state=TranslationRelease.State.PUBLISHED)


@kept()
class TranslationRelease(models.Model):
    """A condition's content in another language, piece by piece, laid over whichever release is shown.

    `pieces` gives for each key (see `conditions.pieces`) the hash of the English text and the translation.
    Digest, version and who edited are the database's to fill in. Once submitted, no piece changes.
    """

    class State(models.TextChoices):
        """Where a translation stands."""

        DRAFT = "draft"
        CHECK = "check", "Waiting for the check"
        PUBLISHED = "published"
        REPLACED = "replaced", "Replaced by a later one"
        WITHDRAWN = "withdrawn"

    class Method(models.TextChoices):
        """What wrote the first words of it."""

        HUMAN = "human", "People"
        MACHINE = "machine draft"

    condition = models.ForeignKey(Condition, models.PROTECT, related_name="translations")
    language = models.CharField(max_length=10)
    release = models.ForeignKey(
        Release,
        models.PROTECT,
        null=True,
        related_name="translations",
        help_text="What it was submitted against; empty for a draft that never was.",
    )
    method = models.CharField(max_length=15, choices=Method, default=Method.HUMAN)
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    pieces = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, help_text="SHA-256 of the pieces, as the database writes them.")
    version = models.PositiveIntegerField(default=1, help_text="Counts the changes of the pieces.")
    edited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    edited_at = models.DateTimeField(default=timezone.now)
    moved_at = models.DateTimeField(default=timezone.now, help_text="When its state last changed.")

    objects = TranslationQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-moved_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["condition", "language"],
                condition=Q(state__in=["draft", "check"]),
                name="translation_one_underway",
            ),
            models.UniqueConstraint(
                fields=["condition", "language"],
                condition=Q(state="published"),
                name="translation_one_published",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(release__isnull=False), name="translation_of_a_release"
            ),
            models.CheckConstraint(
                condition=Q(language__regex=r"^[a-z]{2,3}(-[a-z]{2,4})?$") & ~Q(language="en"),
                name="translation_language_code",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.condition} ({self.language}), {self.get_state_display().lower()}"


class TranslationVerdict(models.Model):
    """What a bilingual checker says of a translation, bound to its digest."""

    class Verdict(models.TextChoices):
        """Approve, give back or take from readers; the last two with a reason."""

        APPROVED = "approved"
        RETURNED = "returned"
        WITHDRAWN = "withdrawn"

    translation = models.ForeignKey(TranslationRelease, models.PROTECT, related_name="verdicts")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    verdict = models.CharField(max_length=10, choices=Verdict)
    digest = models.CharField(max_length=64)
    note = models.TextField(max_length=2000, blank=True, validators=[no_nul])
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="approved") | ~Q(note=""), name="translation_verdict_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.reviewer}"
