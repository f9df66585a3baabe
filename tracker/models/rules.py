"""What a clinic decided about its flags. Insert-only."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone


class RulesQuerySet(models.QuerySet["Rules"]):
    """Named questions about clinics' rules."""

    def in_force(self) -> "RulesQuerySet":
        """The newest set of each clinic."""
        return self.order_by("clinic_id", "-at").distinct("clinic_id")


class Rules(models.Model):
    """What a clinic decided about flags: whether they are raised, and at which thresholds.

    Each decision is a whole new set. Without one, a clinic keeps a diary only. `detector` and
    `worklist` hold the numbers that differ from the standard, by name; `trial` what the try-out on
    past data said when the set was decided on.
    """

    class Mode(models.TextChoices):
        """How far the clinic relies on the detector; see `docs/adr/0001`."""

        DIARY = "diary", "Diary only"
        FLAGS = "flags", "Flags for clinicians"
        ALERTS = "alerts", "Flags, and reminders by mail of those that wait"

    clinic = models.ForeignKey("Clinic", models.PROTECT, related_name="rules")
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.DIARY)
    detector = models.JSONField(default=dict, blank=True)
    worklist = models.JSONField(default=dict, blank=True)
    trial = models.JSONField(default=dict, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    safety_officer = models.CharField(
        max_length=200, blank=True, validators=[ProhibitNullCharactersValidator()]
    )
    reason = models.CharField(max_length=500, validators=[ProhibitNullCharactersValidator()])
    at = models.DateTimeField(default=timezone.now)

    objects = RulesQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at"]
        verbose_name_plural = "rules"
        constraints = [
            models.CheckConstraint(
                condition=Q(mode__in=["diary", "flags", "alerts"]), name="rules_mode_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="rules_say_why"),
            models.CheckConstraint(
                condition=Q(mode="diary") | ~Q(safety_officer=""), name="rules_name_the_safety_officer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_mode_display()} since {self.at:%Y-%m-%d}"
