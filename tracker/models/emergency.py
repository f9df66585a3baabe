"""Emergency access: what a clinician opened without a seat, and who looked at it afterwards."""

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import Q

from portal.history import kept
from tracker.models.seats import Seat

no_nul = ProhibitNullCharactersValidator()


class Purpose(models.TextChoices):
    """Why a record had to be opened at once."""

    TREATING = "treating", "I am treating the patient now"
    ADVICE = "advice", "I am asked for advice on the patient now"
    SAFETY = "safety", "I fear for the patient's safety"
    OTHER = "other", "Another reason"


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
