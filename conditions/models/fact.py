"""Figures about a condition, each with whom, where and when it counts, and its source."""

from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import DecimalField, Q, Value
from django.db.models.functions import Cast, NullIf
from django.db.models.lookups import LessThanOrEqual

from conditions.models.condition import Condition
from conditions.models.statement import Population, no_nul
from portal.history import kept

NUMBER = r"^([0-9]{1,12}(\.[0-9]{1,6})?)?$"
a_number = RegexValidator(NUMBER, "Write digits with a point, like 0.18, and no sign or unit.")


def _figure(name: str) -> Cast:
    return Cast(NullIf(name, Value("")), DecimalField(max_digits=18, decimal_places=6))


@kept()
class Fact(models.Model):
    """One figure of one source. Of figures that compete one is displayed; all say why or why not.

    Numbers are texts, since 43.50 as printed is not 43.5.
    """

    class Measure(models.TextChoices):
        """What is counted, in the order shown."""

        INCIDENCE = "incidence", "New cases"
        PREVALENCE = "prevalence", "People living with it"
        ONSET = "onset", "Age at the start"
        SEX = "sex", "Girls and boys"
        DELAY = "delay", "Time until it was named"
        MISNAMED = "misnamed", "First called something else"
        TUMOUR = "tumour", "A tumour as cause"
        RELAPSE = "relapse", "Relapse"
        OUTCOME = "outcome", "Outcome"
        OTHER = "other", "Other"

    condition = models.ForeignKey(Condition, models.CASCADE, related_name="facts")
    key = models.SlugField(max_length=60)
    measure = models.CharField(max_length=20, choices=Measure)
    about = models.CharField(
        max_length=120,
        validators=[no_nul],
        help_text="What is counted, in plain words; figures that compete share them.",
    )
    value = models.CharField(max_length=20, blank=True, validators=[a_number])
    low = models.CharField("from", max_length=20, blank=True, validators=[a_number])
    high = models.CharField("to", max_length=20, blank=True, validators=[a_number])
    unit = models.CharField(max_length=60, blank=True, validators=[no_nul], help_text="% or years.")
    denominator = models.CharField(
        max_length=120, blank=True, validators=[no_nul], help_text="Of whom, like 389 children."
    )
    population = models.CharField(max_length=10, choices=Population, default=Population.ALL)
    place = models.CharField(max_length=80, blank=True, validators=[no_nul])
    period = models.CharField(max_length=80, blank=True, validators=[no_nul])
    source = models.ForeignKey("Source", models.PROTECT, related_name="+")
    checked = models.BooleanField(default=True)
    displayed = models.BooleanField(default=True, help_text="Shown to readers first; one of each kind.")
    reason = models.CharField(max_length=300, validators=[no_nul], help_text="Why it is displayed, or not.")

    class Meta:
        ordering: ClassVar = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["condition", "key"], name="fact_key_once"),
            models.UniqueConstraint(
                fields=["condition", "measure", "about", "population"],
                condition=Q(displayed=True),
                name="fact_displayed_once",
                violation_error_message="Another figure of this kind is displayed. Choose one of them.",
            ),
            models.CheckConstraint(
                condition=Q(population__in=["all", "child", "adult"]), name="fact_population_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="fact_says_why"),
            models.CheckConstraint(
                condition=Q(value__regex=NUMBER) & Q(low__regex=NUMBER) & Q(high__regex=NUMBER),
                name="fact_numbers",
            ),
            models.CheckConstraint(
                condition=~Q(value="", low="", high=""),
                name="fact_has_a_figure",
                violation_error_message="Give a figure, or from and to.",
            ),
            models.CheckConstraint(
                condition=LessThanOrEqual(_figure("low"), _figure("high")),
                name="fact_from_below_to",
                violation_error_message="The lower figure comes first.",
            ),
        ]

    def __str__(self) -> str:
        return self.key
