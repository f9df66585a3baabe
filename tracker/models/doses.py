"""What was given of a treatment, and what was not. Insert-only, like the diary."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.core.validators import MinValueValidator, ProhibitNullCharactersValidator
from django.db import models
from django.db.models import F, Q

from tracker.models.treatments import Unit


class DoseQuerySet(models.QuerySet["Dose"]):
    """Named questions about doses."""

    def standing(self) -> "DoseQuerySet":
        """Without those that a later one replaces or marks in error."""
        return self.filter(replaced_by=None, error_reason="")


class Dose(models.Model):
    """One dose, taken or not. No row is "unknown", which is neither taken nor missed.

    `amount` is per dose in `unit` (UCUM); empty when only the status was told. The day is what the
    family called it, as in a check-in.
    """

    class Status(models.TextChoices):
        """What became of the dose."""

        TAKEN = "taken", "Taken"
        PARTLY = "partly", "Partly taken"
        MISSED = "missed", "Missed"
        VOMITED = "vomited", "Vomited"
        REFUSED = "refused", "Refused"
        HELD = "held", "Held by the clinic"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey("Patient", models.PROTECT, related_name="doses")
    treatment = models.ForeignKey("Treatment", models.PROTECT, related_name="doses")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    key = models.UUIDField(help_text="Made by the device; sending it twice stores it once.")
    status = models.CharField(max_length=10, choices=Status)
    amount = models.DecimalField(
        "per dose", max_digits=9, decimal_places=3, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    unit = models.CharField(max_length=10, choices=Unit, blank=True)
    reason = models.CharField(max_length=300, blank=True, validators=[ProhibitNullCharactersValidator()])
    occurred_at = models.DateTimeField()
    zone = models.CharField(max_length=40)
    local_date = models.DateField()
    received_at = models.DateTimeField()
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    error_reason = models.CharField(
        max_length=300, blank=True, validators=[ProhibitNullCharactersValidator()]
    )

    objects = DoseQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["occurred_at"]
        constraints = [
            models.UniqueConstraint(fields=["author", "key"], name="dose_key_once"),
            models.UniqueConstraint(fields=["id", "patient"], name="dose_of_patient"),
            models.CheckConstraint(
                condition=Q(status__in=["taken", "partly", "missed", "vomited", "refused", "held"]),
                name="dose_status_known",
            ),
            models.CheckConstraint(
                condition=Q(amount=None, unit="") | Q(amount__gte=0, unit__in=Unit.values),
                name="dose_amount_has_unit",
            ),
            models.CheckConstraint(
                condition=Q(occurred_at__lte=F("received_at")), name="dose_happened_before_receipt"
            ),
            models.CheckConstraint(
                condition=Q(error_reason="") | Q(replaces__isnull=False), name="dose_error_names_its_dose"
            ),
        ]
        indexes = [models.Index(fields=["patient", "-occurred_at"], name="dose_newest")]

    def __str__(self) -> str:
        return f"{self.get_status_display()} on {self.local_date}"
