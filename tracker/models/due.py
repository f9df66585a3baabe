"""What is due for a patient: scans, bloods, the end of a vaccine hold."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from portal.history import kept
from portal.models import User
from tracker.models.people import Patient
from tracker.models.seats import Reach

no_nul = ProhibitNullCharactersValidator()


class DueItemQuerySet(models.QuerySet["DueItem"]):
    """Named questions about what is due."""

    def visible_to(self, user: User) -> "DueItemQuerySet":
        """Of patients on whose care team `user` sits now."""
        return self.filter(patient__in=Patient.objects.visible_to(user, Reach.CLINICAL))

    def open(self) -> "DueItemQuerySet":
        """Neither done nor dropped."""
        return self.filter(done_on=None, dropped_reason="")

    def overdue(self, day: date) -> "DueItemQuerySet":
        """What should have been done before `day`, the oldest first."""
        return self.open().filter(due_on__lt=day).order_by("due_on", "pk")

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
