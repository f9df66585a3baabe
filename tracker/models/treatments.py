"""What the patient is treated with, and when doses step."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator, ProhibitNullCharactersValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.history import kept
from tracker import taper

no_nul = ProhibitNullCharactersValidator()


class Unit(models.TextChoices):
    """UCUM units a dose may carry; `U` and `IU` are refused, being ambiguous or invalid."""

    MG = "mg", "mg"
    UG = "ug", "µg"
    G = "g", "g"
    ML = "mL", "mL"
    MG_KG = "mg/kg", "mg/kg"
    G_KG = "g/kg", "g/kg"
    MG_M2 = "mg/m2", "mg/m²"
    IU = "[iU]", "international units"
    IU_M2 = "[iU]/m2", "international units/m²"


class TreatmentQuerySet(models.QuerySet["Treatment"]):
    """Named questions about treatments."""

    def standing(self) -> "TreatmentQuerySet":
        """The plans in force and past courses: without those that a later plan replaced before they began."""
        return self.exclude(replaced_by__starts_on__lte=F("starts_on"))

    def unreplaced(self) -> "TreatmentQuerySet":
        """Without any that a later plan goes on from."""
        return self.filter(replaced_by=None)


@kept()
class Treatment(models.Model):
    """One agent over a time, as the clinic planned it."""

    class Form(models.TextChoices):
        """How it is given."""

        DAILY = "daily", "Daily"
        PULSE = "pulse", "Pulse"
        INFUSION = "infusion", "Infusion"
        TAPER = "taper", "Taper"

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="treatments")
    agent = models.CharField(max_length=120, validators=[no_nul])
    form = models.CharField(max_length=10, choices=Form)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    amount = models.DecimalField(
        "per dose", max_digits=9, decimal_places=3, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    unit = models.CharField(max_length=10, choices=Unit, blank=True)
    doses_per_day = models.PositiveSmallIntegerField(null=True, blank=True)
    every_days = models.PositiveSmallIntegerField(
        default=1, help_text="1 is daily, 2 every other day, 7 once a week."
    )
    note = models.CharField(max_length=300, blank=True, validators=[no_nul])
    replaces = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="replaced_by",
        help_text="The plan that this one goes on from; a changed plan never edits the earlier one.",
    )
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = TreatmentQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["starts_on", "agent"]
        constraints = [
            models.UniqueConstraint(fields=["id", "patient"], name="treatment_of_patient"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="treatment_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(amount=None, unit="") | Q(amount__gte=0, unit__in=Unit.values),
                name="treatment_dose_has_unit",
            ),
            models.CheckConstraint(
                condition=Q(form__in=["daily", "pulse", "infusion", "taper"]), name="treatment_form_known"
            ),
            models.CheckConstraint(
                condition=Q(every_days=1) | Q(every_days__range=(2, 90), form__in=["daily", "taper"]),
                name="treatment_every_days",
            ),
        ]

    def __str__(self) -> str:
        return self.agent

    @property
    def last_given(self) -> date | None:
        """The last day on which it is given, or None. Queries: one, unless it came with its steps."""
        steps = self.steps.all() if self.pk else ()  # not saved yet, it has none of its own
        return taper.last_given(self.ends_on, [(step.on, step.amount) for step in steps])

    @property
    def taken_back(self) -> bool:
        """Whether it was taken back before it began: it then takes its own place."""
        return self.replaces_id is not None and self.replaces_id == self.pk


class PlannedStep(models.Model):
    """From a day on, another amount per dose."""

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="+")
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="steps")
    on = models.DateField()
    amount = models.DecimalField(max_digits=9, decimal_places=3, validators=[MinValueValidator(0)])
    unit = models.CharField(max_length=10, choices=Unit)

    class Meta:
        ordering: ClassVar = ["on"]
        constraints = [
            models.UniqueConstraint(fields=["treatment", "on"], name="plannedstep_one_a_day"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, unit__in=Unit.values), name="plannedstep_dose_has_unit"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on}: {self.amount} {self.unit}"
