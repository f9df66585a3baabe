"""What the detector found worth a look. Insert-only."""

from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from tracker.models.review import Review


class FlagQuerySet(models.QuerySet["Flag"]):
    """Named questions about flags."""

    def open(self) -> "FlagQuerySet":
        """Those that no standing review covers: a flag ends by somebody's look, never by itself."""
        return self.filter(~models.Exists(_covering()))

    def with_outcome(self) -> "FlagQuerySet":
        """With `outcome` of the first standing review that covered each, else nothing."""
        return self.annotate(outcome=self._outcome())

    def outcomes(self) -> list[tuple[str, str]]:
        """Kind and outcome of each; see `with_outcome`."""
        return list(self.annotate(came=self._outcome()).values_list("kind", "came"))

    @staticmethod
    def _outcome() -> Coalesce:
        first = _covering().order_by("at").values("outcome")[:1]
        return Coalesce(Subquery(first), models.Value(""))


def _covering() -> models.QuerySet[Review]:
    about = {"patient": OuterRef("patient"), "covers_until__gte": OuterRef("raised_at")}
    return Review.objects.standing().filter(**about)


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
            models.UniqueConstraint(fields=["patient", "rule", "on", "tier", "evidence"], name="flag_once"),
            models.CheckConstraint(condition=Q(tier__range=(1, 5)), name="flag_tier_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="flag_says_why"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.on}"
