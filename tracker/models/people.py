"""Clinics, who works there, and their patients."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from portal.models import User
from tracker.models.seats import Reach, Seat

no_nul = ProhibitNullCharactersValidator()


class Clinic(models.Model):
    """A clinic with its own patients; two clinics never see each other's."""

    name = models.CharField(max_length=120, unique=True, validators=[no_nul])
    zone = models.CharField("time zone", max_length=40, default="Europe/London")
    phone = models.CharField(max_length=40, blank=True, validators=[no_nul])
    hours = models.CharField(
        max_length=120, blank=True, validators=[no_nul], help_text="When somebody reads the diaries."
    )

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class ClinicStaff(models.Model):
    """That a person works for a clinic; it opens no record by itself."""

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="staff")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="clinic_posts")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["clinic", "user"], name="clinicstaff_once")]

    def __str__(self) -> str:
        return f"{self.user} at {self.clinic}"


class PatientQuerySet(models.QuerySet["Patient"]):
    """Named questions about patients."""

    def visible_to(self, user: User, reach: Reach = Reach.FAMILY) -> "PatientQuerySet":
        """Patients for whom `user` holds a seat now, within `reach`; nobody else's.

        A role gives no seat, and nobody is above seats: so the trail can always say why.
        """
        return self.filter(pk__in=Seat.objects.current().of(user, reach).values("patient"))

    def of_family(self, user: User) -> "PatientQuerySet":
        """Those whose family `user` belongs to, or who are `user` themselves."""
        seats = Seat.objects.current().of_family().filter(user_id=user.pk)
        return self.filter(pk__in=seats.values("patient"))


class Patient(models.Model):
    """One patient of one clinic; the random key is all that an address ever shows."""

    class State(models.TextChoices):
        """Leaving `active` stops everything that is due."""

        ACTIVE = "active"
        TRANSFERRED = "transferred"
        DISCHARGED = "discharged"
        DIED = "died"
        MERGED = "merged"

    key = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="patients")
    name = models.CharField(max_length=200, validators=[no_nul])
    birth_date = models.DateField()
    record_number = models.CharField(max_length=40, validators=[no_nul])
    zone = models.CharField("time zone", max_length=40, default="Europe/London")
    state = models.CharField(max_length=12, choices=State, default=State.ACTIVE)
    state_on = models.DateField(help_text="Since when the patient is in this state.")
    state_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = PatientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "record_number"],
                name="patient_record_number_once",
                violation_error_message="This record number is already used in your clinic.",
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(record_number=""), name="patient_is_named"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The clinician's page."""
        return reverse("tracker:patient", args=[self.key])

    @property
    def first_name(self) -> str:
        """What a page calls the patient to the family."""
        return self.name.split()[0]
