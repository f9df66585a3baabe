"""One row a patient that answers the worklist without reading the diary."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from portal.models import User
from tracker.models.seats import Reach, Seat


class PatientStatusQuerySet(models.QuerySet["PatientStatus"]):
    """Named questions about the worklist."""

    def visible_to(self, user: User) -> "PatientStatusQuerySet":
        """Of patients on whose care team `user` sits now."""
        return self.filter(patient__in=Seat.objects.current().of(user, Reach.CLINICAL).values("patient"))

    def for_worklist(self) -> "PatientStatusQuerySet":
        """Active patients, who needs a look first: worry, then the largest rise, then the longest wait."""
        return (
            self.filter(patient__state="active")
            .select_related("patient")
            .order_by(
                models.Case(models.When(unreviewed_since=None, then=1), default=0),
                "-worried",
                models.F("rise").desc(nulls_last=True),
                models.F("unreviewed_since").asc(nulls_last=True),
                models.F("last_received_at").asc(nulls_first=True),
                "patient",
            )
        )


class PatientStatus(models.Model):
    """Where a diary stands, kept in the transaction of every write; see `tracker.journal`.

    Only facts of the diary: what depends on today (stopped reporting, overdue) is asked of the dates.
    The home check told is the unreviewed one that rose most over its baseline, else the newest: what
    rose stays in sight until somebody has looked. `baseline` and `rise` are points of its total.
    """

    patient = models.OneToOneField("Patient", models.PROTECT, primary_key=True, related_name="status")
    last_received_at = models.DateTimeField(null=True)
    last_local_date = models.DateField(null=True)
    unreviewed_since = models.DateTimeField(null=True)
    unreviewed = models.PositiveIntegerField(default=0)
    worried = models.BooleanField(default=False)
    letters = models.PositiveIntegerField(
        db_default=0, help_text="Messages of the family that nobody has looked at."
    )
    letter_since = models.DateTimeField(null=True, help_text="When the oldest of them was sent.")
    checked_on = models.DateField(null=True, help_text="Day of the home check told here.")
    items = models.PositiveSmallIntegerField(null=True)
    rated = models.PositiveSmallIntegerField(null=True)
    total = models.PositiveSmallIntegerField(null=True)
    baseline = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    rise = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    # The last eight home checks, oldest first; an empty place is a partial one.
    course = ArrayField(models.PositiveSmallIntegerField(null=True), db_default=[])
    flag_tier = models.PositiveSmallIntegerField(
        db_default=0, help_text="Of the highest open flag; 0 for none."
    )
    flagged_at = models.DateTimeField(
        null=True, help_text="When the oldest open flag of that tier was raised."
    )
    episode_since = models.DateField(null=True, help_text="Start of the episode that is still open.")
    # Days on which a standing plan changes dose, gives an infusion or begins a pulse, past and to come.
    steps = ArrayField(models.DateField(), db_default=[])
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    review_due_on = models.DateField(null=True)
    due_on = models.DateField(null=True, help_text="Of what is to be done, the earliest day.")

    objects = PatientStatusQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unreviewed=0, unreviewed_since=None)
                | Q(unreviewed__gt=0, unreviewed_since__isnull=False),
                name="patientstatus_wait_has_a_start",
            ),
            models.CheckConstraint(
                condition=Q(letters=0, letter_since=None) | Q(letters__gt=0, letter_since__isnull=False),
                name="patientstatus_letters_have_a_start",
            ),
            models.CheckConstraint(
                condition=Q(rated__lt=models.F("items"), total=None) | ~Q(rated__lt=models.F("items")),
                name="patientstatus_partial_has_no_total",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unreviewed} unreviewed"
