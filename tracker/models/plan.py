"""What the care team keeps in mind about a patient: marks with an end, what is due, and tags."""

from datetime import date
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.history import kept
from portal.models import User
from tracker.models.people import Patient
from tracker.models.seats import Reach

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


class DueItemQuerySet(models.QuerySet["DueItem"]):
    """Named questions about what is due."""

    def visible_to(self, user: User) -> "DueItemQuerySet":
        """Of patients on whose care team `user` sits now."""
        return self.filter(patient__in=Patient.objects.visible_to(user, Reach.CLINICAL))

    def open(self) -> "DueItemQuerySet":
        """Neither done nor dropped."""
        return self.filter(done_on=None, dropped_reason="")

    def due_by(self, day: date) -> "DueItemQuerySet":
        """What is still to be done by `day`, the oldest first; patients not active have nothing due."""
        active = self.open().filter(due_on__lte=day, patient__state=Patient.State.ACTIVE)
        return active.order_by("due_on", "patient", "pk")


@kept()
class DueItem(models.Model):
    """Something to be done by a day: a scan, bloods, immunoglobulins, the end of a vaccine hold."""

    class Kind(models.TextChoices):
        """What is due."""

        SCAN = "scan", "Tumour scan"
        BLOODS = "bloods", "Bloods"
        IMMUNOGLOBULINS = "immunoglobulins", "Immunoglobulins"
        VACCINE_HOLD = "vaccine_hold", "Vaccine hold ends"
        EYES = "eyes", "Eye check"
        OTHER = "other", "Other"

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="due_items")
    kind = models.CharField(max_length=16, choices=Kind)
    text = models.CharField(max_length=200, blank=True, validators=[no_nul])
    due_on = models.DateField()
    every_weeks = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="When done, it is due again after so many weeks."
    )
    done_on = models.DateField(null=True, blank=True)
    dropped_reason = models.CharField(max_length=300, blank=True, validators=[no_nul])
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)

    objects = DueItemQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["due_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(every_weeks=None) | Q(every_weeks__range=(1, 260)), name="dueitem_weeks_in_range"
            ),
            models.CheckConstraint(
                condition=Q(done_on=None) | Q(dropped_reason=""), name="dueitem_done_or_dropped"
            ),
            models.CheckConstraint(condition=~Q(kind="other") | ~Q(text=""), name="dueitem_other_says_what"),
        ]

    def __str__(self) -> str:
        return self.text or self.get_kind_display()


class Tag(models.Model):
    """A word by which a clinic groups its patients; the key is what an address shows."""

    key = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    clinic = models.ForeignKey("Clinic", models.PROTECT, related_name="tags")
    name = models.CharField(max_length=40, validators=[no_nul])
    team = models.BooleanField(default=False, help_text="A team of the clinic rather than a word.")

    class Meta:
        ordering: ClassVar = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "name"], name="tag_once"),
            models.CheckConstraint(condition=~Q(name=""), name="tag_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


@kept()
class Tagging(models.Model):
    """That a tag is on a patient, until it is taken off."""

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="taggings")
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="taggings")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    taken_off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "tag"], condition=Q(taken_off_at=None), name="tagging_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.tag)
