"""Sign-off of a diary, what the clinician keeps to themselves, what the family is told. Insert-only."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.utils import timezone

no_nul = ProhibitNullCharactersValidator()


class ReviewQuerySet(models.QuerySet["Review"]):
    """Named questions about reviews."""

    def standing(self) -> "ReviewQuerySet":
        """Those that close something: not undone, and not a mere handing over."""
        return self.filter(undoing=None).exclude(outcome=Review.Outcome.HANDED)


class Review(models.Model):
    """A clinician's sign-off of everything received up to a moment.

    `snapshot` is the SHA-256 of the entries that were shown, so that what came later tells itself from
    what was seen. Handing over closes nothing: it makes a colleague the patient's lead.
    """

    class Outcome(models.TextChoices):
        """What came of the look."""

        NOTED = "noted", "Seen, nothing to do"
        WATCH = "watch", "Seen, watching"
        CONTACTED = "contacted", "Family contacted"
        CHANGED = "changed", "Plan changed"
        VISIT = "visit", "Needs a visit"
        HANDED = "handed", "Handed over"

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="reviews")
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    covers_until = models.DateTimeField(help_text="The newest receipt that the reviewer was shown.")
    outcome = models.CharField(max_length=12, choices=Outcome)
    snapshot = models.CharField(max_length=64, blank=True)
    next_on = models.DateField("next review", null=True, blank=True)
    handed_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["id", "patient"], name="review_of_patient"),
            models.CheckConstraint(
                condition=models.Q(outcome="handed", handed_to__isnull=False)
                | ~models.Q(outcome="handed") & models.Q(handed_to=None),
                name="review_handed_to_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(covers_until__lte=models.F("at")), name="review_covers_the_past"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} by {self.reviewer} on {self.at:%Y-%m-%d}"


class ReviewUndoing(models.Model):
    """That the reviewer took a review back, the same day. Insert-only."""

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="+")
    review = models.OneToOneField(Review, models.PROTECT, related_name="undoing")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"undone by {self.by}"


class PrivateNote(models.Model):
    """Clinicians among themselves; a table of its own, so that its policy can be clinical only.

    With `pinned_on` it belongs to that day of the picture.
    """

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="private_notes")
    review = models.ForeignKey(Review, models.PROTECT, null=True, related_name="private_notes")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField(max_length=4000, validators=[no_nul])
    pinned_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"Private note by {self.author}"


class MessageQuerySet(models.QuerySet["Message"]):
    """Named questions about messages."""

    def of_family(self) -> "MessageQuerySet":
        """What families wrote; what the clinic writes comes with a review."""
        return self.filter(review=None)


class Message(models.Model):
    """What one side tells the other about the diary."""

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="messages")
    review = models.ForeignKey(Review, models.PROTECT, null=True, related_name="messages")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    text = models.TextField(max_length=4000, validators=[no_nul])

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at"]

    def __str__(self) -> str:
        return f"Message by {self.author}"
