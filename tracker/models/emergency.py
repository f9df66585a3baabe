"""Emergency access: what a clinician opened without a seat, and who looked at it afterwards."""

from datetime import timedelta

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import Case, F, Q, When
from django.utils import timezone

from portal.history import kept
from tracker.models.seats import Seat

no_nul = ProhibitNullCharactersValidator()
SHOWN_FOR = timedelta(days=30)  # to the family and the care team


class Purpose(models.TextChoices):
    """Why a record had to be opened at once."""

    TREATING = "treating", "I am treating the patient now"
    ADVICE = "advice", "I am asked for advice on the patient now"
    SAFETY = "safety", "I fear for the patient's safety"
    OTHER = "other", "Another reason"


# The reasons as the family reads them; what the clinician wrote in their own words is not for them.
FAMILY_WORDS = {
    Purpose.TREATING: "They said they were treating {} right then.",
    Purpose.ADVICE: "They said they were asked for advice about {} right then.",
    Purpose.SAFETY: "They said it was to keep {} safe.",
    Purpose.OTHER: "They gave another reason. Ask your clinic if you want to know more.",
}


class EmergencyAccessQuerySet(models.QuerySet["EmergencyAccess"]):
    """Named questions about emergency access."""

    def recent(self) -> "EmergencyAccessQuerySet":
        """Of the last 30 days, newest first, with who it was and where they work."""
        since = timezone.now() - SHOWN_FOR
        named = self.filter(opened_at__gte=since).select_related("clinician")
        return named.prefetch_related("clinician__clinic_posts__clinic").order_by("-opened_at")

    def waiting(self) -> "EmergencyAccessQuerySet":
        """Not reviewed by an auditor yet."""
        return self.filter(reviewed_at=None)

    def for_review(self) -> "EmergencyAccessQuerySet":
        """Those that wait first, the longest wait on top; then the reviewed, newest first."""
        wait = Case(When(reviewed_at=None, then=F("opened_at")))
        ordered = self.order_by(wait.asc(nulls_last=True), F("reviewed_at").desc(nulls_last=True), "pk")
        return ordered.select_related("clinician", "reviewed_by")


@kept()
class EmergencyAccess(models.Model):
    """One breaking of the glass; it stays on the auditor's list until reviewed."""

    seat = models.OneToOneField(Seat, models.PROTECT, primary_key=True, related_name="emergency")
    patient = models.ForeignKey("Patient", models.PROTECT, related_name="emergencies")
    clinician = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=10, choices=Purpose)
    reason = models.TextField(max_length=1000, validators=[no_nul])
    opened_at = models.DateTimeField()
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    finding = models.TextField(max_length=1000, blank=True, validators=[no_nul])

    objects = EmergencyAccessQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="emergency_says_why"),
            models.CheckConstraint(condition=Q(purpose__in=Purpose.values), name="emergency_purpose_known"),
            models.CheckConstraint(
                condition=Q(reviewed_by=None, reviewed_at=None, finding="")
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False) & ~Q(finding=""),
                name="emergency_reviewed_with_a_finding",
            ),
        ]

    def __str__(self) -> str:
        return f"opened by {self.clinician}"

    @property
    def clinics(self) -> str:
        """Where the clinician works."""
        return ", ".join(post.clinic.name for post in self.clinician.clinic_posts.all())

    def words_for_family(self, name: str) -> str:
        """Why, in a sentence about the patient called `name`."""
        return FAMILY_WORDS[Purpose(self.purpose)].format(name)
