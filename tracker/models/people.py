"""Clinics, who works there, and their patients."""

from datetime import date
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from portal.history import kept
from portal.models import User
from tracker.models.seats import Basis, Reach, Seat

no_nul = ProhibitNullCharactersValidator()


@kept()
class Clinic(models.Model):
    """A clinic with its own patients; two clinics never see each other's.

    Clinics that name the same `network` open each other's records in an emergency, and in no other way.
    """

    name = models.CharField(max_length=120, unique=True, validators=[no_nul])
    zone = models.CharField("time zone", max_length=40, default="Europe/London")
    phone = models.CharField(max_length=40, blank=True, validators=[no_nul])
    hours = models.CharField(
        max_length=120, blank=True, validators=[no_nul], help_text="When somebody reads the diaries."
    )
    network = models.CharField(
        max_length=60, blank=True, validators=[no_nul], help_text="Whose clinics help each other out."
    )
    review_every = models.PositiveSmallIntegerField(
        default=28, help_text="Days after a review until the next one is due, unless it said when."
    )
    hand_over_age = models.PositiveSmallIntegerField(
        default=16, help_text="The birthday from which a patient decides who sees the diary."
    )

    class Meta:
        ordering: ClassVar = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(hand_over_age__range=(10, 25)), name="clinic_hand_over_age"),
            models.CheckConstraint(condition=Q(review_every__range=(1, 366)), name="clinic_review_every"),
        ]

    def __str__(self) -> str:
        return self.name


@kept()
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

    def kept_by(self, user: User) -> "PatientQuerySet":
        """Those on whose care team `user` sits; emergency access decides nothing about a record."""
        seats = Seat.objects.current().filter(user_id=user.pk, basis=Basis.CARE_TEAM)
        return self.filter(pk__in=seats.values("patient"))


@kept()
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
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="duplicates", editable=False
    )
    lead = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The clinician who owns the patient's flags and reviews.",
    )
    # Frozen: nobody of the family reaches the record while somebody looks into the patient's safety.
    frozen_at = models.DateTimeField(null=True, blank=True, editable=False)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", editable=False
    )
    frozen_reason = models.CharField(max_length=300, blank=True, validators=[no_nul])

    objects = PatientQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "record_number"],
                name="patient_record_number_once",
                violation_error_message="This record number is already used in your clinic.",
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(record_number=""), name="patient_is_named"),
            models.CheckConstraint(
                condition=Q(state="merged", merged_into__isnull=False)
                | ~Q(state="merged") & Q(merged_into=None),
                name="patient_merged_into_another",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("key")), name="patient_not_into_itself"),
            models.CheckConstraint(
                condition=Q(frozen_at=None, frozen_by=None, frozen_reason="")
                | Q(frozen_at__isnull=False, frozen_by__isnull=False) & ~Q(frozen_reason=""),
                name="patient_frozen_by_somebody_for_a_reason",
            ),
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

    @property
    def hand_over_on(self) -> date:
        """The birthday on which the patient comes of the clinic's age; 1 March for a leap day."""
        year = self.birth_date.year + self.clinic.hand_over_age
        try:
            return self.birth_date.replace(year=year)
        except ValueError:
            return date(year, 3, 1)

    def takes_entries_of(self, day: date) -> bool:
        """Whether the diary takes what happened on `day`; a closed one does, of the time before."""
        return self.state == self.State.ACTIVE or day < self.state_on
