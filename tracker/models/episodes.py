"""Episodes: a relapse or flare, set by a clinician."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.history import kept


@kept()
class Episode(models.Model):
    """A relapse or flare, set by a clinician: start, trigger, peak, treatment, return to the own baseline.

    Open until `returned_on`; a patient has one at a time. It asserts no cause: the trigger is what was
    noted before it.
    """

    class Trigger(models.TextChoices):
        """What came before the start."""

        NONE = "none", "None known"
        INFECTION = "infection", "Infection or fever"
        TAPER = "taper", "Taper step"
        MISSED = "missed", "Missed doses"
        VACCINATION = "vaccination", "Vaccination"
        STRESS = "stress", "Stress"
        OTHER = "other", "Other"

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="episodes")
    started_on = models.DateField()
    trigger = models.CharField(max_length=12, choices=Trigger, default=Trigger.NONE)
    peak_on = models.DateField(null=True, blank=True)
    peak_total = models.PositiveSmallIntegerField(
        "home check at the peak", null=True, blank=True, help_text="0 to 18, as the family rated it."
    )
    treated_with = models.CharField(
        max_length=300, blank=True, validators=[ProhibitNullCharactersValidator()]
    )
    returned_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=1000, blank=True, validators=[ProhibitNullCharactersValidator()])
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["started_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(returned_on=None), name="episode_one_open"
            ),
            models.CheckConstraint(
                condition=Q(returned_on=None) | Q(returned_on__gte=F("started_on")),
                name="episode_returns_after_start",
            ),
            models.CheckConstraint(
                condition=Q(peak_on=None)
                | Q(peak_on__gte=F("started_on")) & (Q(returned_on=None) | Q(peak_on__lte=F("returned_on"))),
                name="episode_peaks_within",
            ),
            models.CheckConstraint(
                condition=Q(peak_total=None) | Q(peak_total__range=(0, 18)), name="episode_peak_0_to_18"
            ),
        ]

    def __str__(self) -> str:
        return f"Episode from {self.started_on}"
