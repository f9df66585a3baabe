"""Sign-off of a diary, what the clinician keeps to themselves, what the family is told. Insert-only."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.utils import timezone

no_nul = ProhibitNullCharactersValidator()


class Review(models.Model):
    """A clinician's sign-off of everything received up to a moment."""

    class Outcome(models.TextChoices):
        """What came of the look."""

        NOTED = "noted", "Seen, nothing to do"
        WATCH = "watch", "Seen, watching"
        CONTACTED = "contacted", "Family contacted"
        CHANGED = "changed", "Plan changed"
        VISIT = "visit", "Visit arranged"

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    covers_until = models.DateTimeField(help_text="The newest receipt that the reviewer was shown.")
    outcome = models.CharField(max_length=12, choices=Outcome)

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["id", "patient"], name="review_of_patient"),
            models.CheckConstraint(
                condition=models.Q(covers_until__lte=models.F("at")), name="review_covers_the_past"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} by {self.reviewer} on {self.at:%Y-%m-%d}"


class PrivateNote(models.Model):
    """Clinicians among themselves; a table of its own, so that its policy can be clinical only."""

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="private_notes")
    review = models.ForeignKey(Review, models.PROTECT, null=True, related_name="private_notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField(max_length=4000, validators=[no_nul])

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"Private note by {self.author}"


class Message(models.Model):
    """What one side tells the other about the diary."""

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="messages")
    review = models.ForeignKey(Review, models.PROTECT, null=True, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField(max_length=4000, validators=[no_nul])

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"Message by {self.author}"
