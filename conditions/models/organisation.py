"""Where to turn: patient organisations, registers and expert centres."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, TruncDate
from django.utils.translation import gettext_lazy as _

from conditions.models.condition import Condition
from conditions.models.statement import STILL_AHEAD, has_come, no_nul
from portal.history import kept


@kept()
class Organisation(models.Model):
    """One entry of the directory; without a date nobody has checked it."""

    class Kind(models.TextChoices):
        """What it is."""

        PATIENTS = "patients", _("Patient organisation")
        REGISTRY = "registry", _("Register")
        CENTRE = "centre", _("Expert centre")
        INFORMATION = "information", _("Information service")

    condition = models.ForeignKey(Condition, models.CASCADE, related_name="organisations")
    key = models.SlugField(max_length=60)
    kind = models.CharField(max_length=20, choices=Kind)
    name = models.CharField(max_length=200, validators=[no_nul])
    country = models.CharField(
        max_length=60, validators=[no_nul], help_text="The country's name, or International."
    )
    url = models.URLField("address", max_length=400, blank=True)
    note = models.CharField(max_length=300, blank=True, validators=[no_nul])
    checked_on = models.DateField(null=True, blank=True, validators=[has_come])

    class Meta:
        ordering: ClassVar = ["country", "name"]
        constraints = [
            models.UniqueConstraint(fields=["condition", "key"], name="organisation_key_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["patients", "registry", "centre", "information"]),
                name="organisation_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(checked_on__lte=TruncDate(Now())),
                name="organisation_checked_on_has_come",
                violation_error_message=STILL_AHEAD,
            ),
        ]

    def __str__(self) -> str:
        return self.name
