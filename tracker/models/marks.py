"""Marks with an end that rules of red flags ask for: immunosuppressed, steroid-exposed, a limit."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.history import kept


@kept()
class Mark(models.Model):
    """What holds for a patient: who said so, since when, until when.

    Without an end it goes on: an end needs a person. A limit is the patient's own, in millimetres of
    mercury, since no number fits every child.
    """

    class Name(models.TextChoices):
        """What is marked; rules about fever and steroids ask for it."""

        IMMUNOSUPPRESSED = "immunosuppressed", "Immunosuppressed"
        STEROID_EXPOSED = "steroid_exposed", "Steroid-exposed"
        PRESSURE_LIMIT = "pressure_limit", "Blood pressure limit"

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="marks")
    name = models.CharField(max_length=20, choices=Name)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    systolic = models.PositiveSmallIntegerField(null=True, blank=True)
    diastolic = models.PositiveSmallIntegerField(null=True, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["name", "starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "name", "starts_on"], name="mark_once_a_day"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="mark_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(name__in=["immunosuppressed", "steroid_exposed"], systolic=None, diastolic=None)
                | Q(
                    name="pressure_limit",
                    systolic__isnull=False,
                    diastolic__isnull=False,
                    systolic__range=(40, 260),
                    diastolic__range=(20, 200),
                    diastolic__lt=F("systolic"),
                ),
                name="mark_known",
            ),
        ]

    def __str__(self) -> str:
        limit = f" {self.systolic}/{self.diastolic} mm Hg" if self.systolic else ""
        return f"{self.get_name_display()}{limit}"

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day, both ends included."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
