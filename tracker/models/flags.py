"""What the detector found worth a look, and the rules a clinic set for it. Both insert-only."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from tracker.models.review import Review


class FlagQuerySet(models.QuerySet["Flag"]):
    """Named questions about flags."""

    def open(self) -> "FlagQuerySet":
        """Those that no standing review covers: a flag ends by somebody's look, never by itself."""
        seen = Review.objects.standing().filter(
            patient=OuterRef("patient"), covers_until__gte=OuterRef("raised_at")
        )
        return self.filter(~models.Exists(seen))

    def with_outcome(self) -> "FlagQuerySet":
        """With `outcome` and `reviewed_at` of the first standing review that covered each, else empty."""
        first = (
            Review.objects.standing()
            .filter(patient=OuterRef("patient"), covers_until__gte=OuterRef("raised_at"))
            .order_by("at")
        )
        return self.annotate(
            outcome=Coalesce(Subquery(first.values("outcome")[:1]), models.Value("")),
            reviewed_at=Subquery(first.values("at")[:1]),
        )


class Flag(models.Model):
    """Something to look at, with its reason in one sentence and the entries behind it.

    It says "possible change", never "relapse". `on` is the day from which it could be raised,
    `raised_at` when it was. It is open until a review covers it; its owner is the patient's lead.
    """

    class Tier(models.IntegerChoices):
        """How soon somebody should look, worst highest."""

        NOTE = 1, "Note"
        DRIFT = 2, "Slow drift"
        SOON = 3, "Possible change"
        SAME_DAY = 4, "Same day"
        EMERGENCY = 5, "Urgent"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey("Patient", models.PROTECT, related_name="flags")
    kind = models.CharField(max_length=20)
    tier = models.PositiveSmallIntegerField(choices=Tier)
    rule = models.CharField(max_length=40)
    version = models.CharField(max_length=10)
    on = models.DateField()
    raised_at = models.DateTimeField()
    reason = models.CharField(max_length=500)
    evidence = ArrayField(models.UUIDField(), help_text="Check-ins and doses that it rests on.")

    objects = FlagQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-tier", "raised_at"]
        constraints = [
            models.UniqueConstraint(fields=["patient", "rule", "on"], name="flag_once"),
            models.CheckConstraint(condition=Q(tier__range=(1, 5)), name="flag_tier_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="flag_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.on}"


class RulesQuerySet(models.QuerySet["Rules"]):
    """Named questions about clinics' rules."""

    def in_force(self) -> "RulesQuerySet":
        """The newest set of each clinic."""
        return self.order_by("clinic_id", "-at").distinct("clinic_id")


class Rules(models.Model):
    """What a clinic decided about flags: whether they are raised, and at which thresholds.

    Each decision is a whole new set. Without one, a clinic keeps a diary only. `detector` and
    `worklist` hold the numbers that differ from the standard, by name; `trial` what the try-out on
    past data said when the set was decided on.
    """

    class Mode(models.TextChoices):
        """How far the clinic relies on the detector; see `docs/adr/0001`."""

        DIARY = "diary", "Diary only"
        FLAGS = "flags", "Flags for clinicians"
        ALERTS = "alerts", "Flags and alerts"

    clinic = models.ForeignKey("Clinic", models.PROTECT, related_name="rules")
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.DIARY)
    detector = models.JSONField(default=dict, blank=True)
    worklist = models.JSONField(default=dict, blank=True)
    trial = models.JSONField(default=dict, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    safety_officer = models.CharField(
        max_length=200, blank=True, validators=[ProhibitNullCharactersValidator()]
    )
    reason = models.CharField(max_length=500, validators=[ProhibitNullCharactersValidator()])
    at = models.DateTimeField(default=timezone.now)

    objects = RulesQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at"]
        verbose_name_plural = "rules"
        constraints = [
            models.CheckConstraint(
                condition=Q(mode__in=["diary", "flags", "alerts"]), name="rules_mode_known"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="rules_say_why"),
            models.CheckConstraint(
                condition=Q(mode="diary") | ~Q(safety_officer=""), name="rules_name_the_safety_officer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_mode_display()} since {self.at:%Y-%m-%d}"
