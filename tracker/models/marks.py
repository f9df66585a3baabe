"""Marks with an end that make a sign more dangerous: immunosuppressed, steroid-exposed."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.history import kept

no_nul = ProhibitNullCharactersValidator()


@kept()
class Mark(models.Model):
    """That a patient is immunosuppressed or steroid-exposed: who said so, since when, until when.

    Without an end it goes on: an end needs a person.
    """

    class Name(models.TextChoices):
        """What is marked; rules about fever and steroids ask for it."""

        IMMUNOSUPPRESSED = "immunosuppressed", "Immunosuppressed"
        STEROID_EXPOSED = "steroid_exposed", "Steroid-exposed"

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="marks")
    name = models.CharField(max_length=20, choices=Name)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
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
                condition=Q(name__in=["immunosuppressed", "steroid_exposed"]), name="mark_known"
            ),
        ]

    def __str__(self) -> str:
        return self.get_name_display()

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day, both ends included."""
        return self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)
