"""A clinician's rating on a scale: never on one axis, in one total or under one code with a home check."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.core.validators import MaxValueValidator, ProhibitNullCharactersValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class ClinicianRatingQuerySet(models.QuerySet["ClinicianRating"]):
    """Named questions about clinicians' ratings."""

    def standing(self) -> "ClinicianRatingQuerySet":
        """Without those that a later one replaces or marks in error."""
        return self.filter(replaced_by=None, error_reason="")


class ClinicianRating(models.Model):
    """One rating by a clinician, with scale, version, rater and setting. Insert-only.

    A total exists only when every item was rated; a partial one holds how many were.
    """

    class Setting(models.TextChoices):
        """Where the patient was seen."""

        CLINIC = "clinic", "In the clinic"
        WARD = "ward", "On the ward"
        VIDEO = "video", "By video"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey("Patient", models.PROTECT, related_name="clinician_ratings")
    rater = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    on = models.DateField()
    at = models.DateTimeField(default=timezone.now)
    setting = models.CharField(max_length=10, choices=Setting)
    scale = models.CharField(max_length=30)
    version = models.CharField(max_length=10)
    items = models.PositiveSmallIntegerField()
    rated = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField(null=True)
    note = models.CharField(max_length=1000, blank=True, validators=[ProhibitNullCharactersValidator()])
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    error_reason = models.CharField(
        max_length=300, blank=True, validators=[ProhibitNullCharactersValidator()]
    )

    objects = ClinicianRatingQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["on", "at"]
        constraints = [
            models.UniqueConstraint(fields=["id", "patient"], name="clinicianrating_of_patient"),
            models.CheckConstraint(
                condition=Q(rated=F("items"), total__isnull=False, total__lte=F("items") * 3)
                | Q(rated__lt=F("items"), total=None),
                name="clinicianrating_total_only_if_complete",
            ),
            models.CheckConstraint(
                condition=Q(setting__in=["clinic", "ward", "video"]), name="clinicianrating_setting_known"
            ),
            models.CheckConstraint(condition=~Q(scale="home-check"), name="clinicianrating_is_no_home_check"),
            models.CheckConstraint(
                condition=Q(error_reason="") | Q(replaces__isnull=False),
                name="clinicianrating_error_names_its_rating",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scale} of {self.on}"


class ClinicianItem(models.Model):
    """0-3 of one item of a clinician's rating; empty when it could not be judged."""

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="+")
    rating = models.ForeignKey(ClinicianRating, models.PROTECT, related_name="scores")
    item = models.CharField(max_length=20)
    value = models.PositiveSmallIntegerField(null=True, validators=[MaxValueValidator(3)])

    class Meta:
        ordering: ClassVar = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["rating", "item"], name="clinicianitem_once"),
            models.CheckConstraint(
                condition=Q(value=None) | Q(value__range=(0, 3)), name="clinicianitem_0_to_3"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {'not assessable' if self.value is None else self.value}"
