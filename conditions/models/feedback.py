"""What readers say of a page: whether it helped, what is wrong, what they would like to know."""

from typing import ClassVar
from uuid import uuid4

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Length
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conditions.models.condition import Condition
from conditions.models.release import Release
from conditions.models.statement import no_nul
from portal.history import kept
from portal.secrecy import box

LONGEST = 2000  # letters
PURPOSE = "conditions.feedback"


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    """Named questions about readers' words."""

    def owed(self) -> "FeedbackQuerySet":
        """What still waits for its answer, the longest due first."""
        return self.filter(status=Feedback.Status.OPEN, due_on__isnull=False).order_by("due_on")

    def overdue(self) -> "FeedbackQuerySet":
        """What should have been answered before today."""
        return self.owed().filter(due_on__lt=timezone.localdate())


@kept(without=("text", "sealed_address"))
class Feedback(models.Model):
    """One reader's word about one release; anybody adds it, editors alone read it.

    Questions and reported errors are owed an answer by `due_on`; a vote is owed none. The reader's address
    is kept sealed, and only until they were told for the last time.
    """

    class Kind(models.TextChoices):
        """What the reader wants."""

        HELPFUL = "helpful", _("This page helped me")
        UNHELPFUL = "unhelpful", _("This page did not help me")
        ERROR = "error", _("Something here is wrong")
        QUESTION = "question", _("I have a question about this condition")

    class Status(models.TextChoices):
        """What became of it."""

        OPEN = "open"
        ANSWERED = "answered"
        CLOSED = "closed", "Closed without an answer on the page"

    VOTES = (Kind.HELPFUL, Kind.UNHELPFUL)

    # A key of our own making: asking the database for one would need the right to read the table.
    key = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    condition = models.ForeignKey(Condition, models.PROTECT, related_name="feedback", editable=False)
    release = models.ForeignKey(Release, models.PROTECT, related_name="feedback", editable=False)
    kind = models.CharField(max_length=10, choices=Kind, editable=False)
    text = models.TextField(max_length=LONGEST, blank=True, validators=[no_nul], editable=False)
    sealed_address = models.BinaryField(null=True)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="who answers",
    )
    due_on = models.DateField("answer due on", null=True, blank=True)
    note = models.CharField(
        max_length=300, blank=True, validators=[no_nul], editable=False, help_text="Why it was closed."
    )
    draft = models.CharField(
        "draft answer", max_length=80, blank=True, editable=False, help_text="The key of the statement."
    )
    settled_at = models.DateTimeField(null=True, editable=False)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-sent_at"]
        verbose_name_plural = "feedback"
        indexes: ClassVar = [models.Index(fields=["status", "due_on"], name="feedback_due")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["helpful", "unhelpful", "error", "question"]),
                name="feedback_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["helpful", "unhelpful"]) | ~Q(text=""), name="feedback_has_words"
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(Length("text"), LONGEST), name="feedback_words_fit"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["helpful", "unhelpful"]) | Q(due_on__isnull=False),
                name="feedback_answer_is_due",
                violation_error_message="Say by when this is answered.",
            ),
            models.CheckConstraint(
                condition=Q(status="open", settled_at=None)
                | Q(status="answered", settled_at__isnull=False, owner__isnull=False) & ~Q(draft="")
                | Q(status="closed", settled_at__isnull=False, owner__isnull=False, sealed_address=None)
                & ~Q(note=""),
                name="feedback_settled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.condition}"

    @property
    def address(self) -> str:
        """Whom to tell, or '': also where the SECRET_KEY that sealed it is gone."""
        if not self.sealed_address:
            return ""
        try:
            return box(PURPOSE).decrypt(bytes(self.sealed_address)).decode()
        except InvalidToken:
            return ""
