"""What happened beside the symptoms."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class ClinicalEvent(models.Model):
    """Something on a day or over days; it asserts no cause. Insert-only."""

    class Kind(models.TextChoices):
        """What kind of event."""

        ILLNESS = "illness", "Illness"
        VACCINATION = "vaccination", "Vaccination"
        FALL = "fall", "Fall"
        HOSPITAL = "hospital", "Hospital stay"
        SURGERY = "surgery", "Surgery"
        SEARCH = "tumour_search", "Tumour search"
        TRAVEL = "travel", "Travel"
        SCHOOL = "school", "School"
        OTHER = "other", "Other"

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="events")
    kind = models.CharField(max_length=20, choices=Kind)
    on = models.DateField()
    until = models.DateField(null=True, blank=True)
    text = models.CharField(max_length=300, blank=True, validators=[ProhibitNullCharactersValidator()])
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("on")), name="clinicalevent_ends_after_start"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.on}"
