"""The diary: insert-only. A correction is a new check-in that replaces an earlier one."""

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.core.validators import MaxValueValidator, ProhibitNullCharactersValidator
from django.db import models
from django.db.models import F, Q

from portal.models import User
from tracker.models.seats import BASES, Reach, Seat

no_nul = ProhibitNullCharactersValidator()


class CheckInQuerySet(models.QuerySet["CheckIn"]):
    """Named questions about the diary."""

    def visible_to(self, user: User) -> "CheckInQuerySet":
        """Check-ins of patients for whom `user` holds a seat, as far as their audience allows."""
        seats = Seat.objects.current().filter(user_id=user.pk)
        return self.filter(
            Q(audience=Reach.FAMILY, patient__in=seats.values("patient"))
            | Q(audience=Reach.SELF, patient__in=seats.filter(basis__in=BASES[Reach.SELF]).values("patient"))
        )

    def standing(self) -> "CheckInQuerySet":
        """Without those that a later one replaces or marks in error."""
        return self.filter(replaced_by=None, error_reason="")

    def with_details(self) -> "CheckInQuerySet":
        """With author, ratings, measurements, signs and assessment: four queries, whatever the number."""
        return self.select_related("author", "assessment").prefetch_related(
            "ratings", "measurements", "signs"
        )


class CheckIn(models.Model):
    """One entry in the diary.

    The day is what the family called it: `local_date` is stored as entered and never recomputed
    from the instant. `received_at` is when the clinic's server got it.
    """

    class Kind(models.TextChoices):
        """Which questions were asked; see `tracker.scoring`."""

        DAILY = "daily", "Daily check-in"
        HOME_CHECK = "home_check", "Home check"

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey("Patient", models.PROTECT, related_name="check_ins")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    key = models.UUIDField(help_text="Made by the device; sending it twice stores it once.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of what was sent under the key.")
    kind = models.CharField(max_length=12, choices=Kind)
    audience = models.CharField(max_length=10, choices=Reach, default=Reach.FAMILY)
    occurred_at = models.DateTimeField()
    zone = models.CharField(max_length=40)
    local_date = models.DateField()
    received_at = models.DateTimeField()
    worried = models.BooleanField(default=False, help_text="The family asks for a look.")
    all_doses = models.BooleanField(null=True, help_text="Empty when it was not asked.")
    by_phone = models.BooleanField(default=False, help_text="Entered by the clinic for the family.")
    note = models.TextField(max_length=4000, blank=True, validators=[no_nul])
    replaces = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="replaced_by")
    error_reason = models.CharField(max_length=300, blank=True, validators=[no_nul])

    objects = CheckInQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["author", "key"], name="checkin_key_once"),
            models.UniqueConstraint(fields=["id", "patient"], name="checkin_of_patient"),
            models.CheckConstraint(condition=Q(kind__in=["daily", "home_check"]), name="checkin_kind_known"),
            models.CheckConstraint(
                condition=Q(audience__in=["family", "self"]), name="checkin_audience_known"
            ),
            models.CheckConstraint(
                condition=Q(occurred_at__lte=F("received_at")), name="checkin_happened_before_receipt"
            ),
            models.CheckConstraint(
                condition=Q(error_reason="") | Q(replaces__isnull=False), name="checkin_error_names_its_entry"
            ),
        ]
        indexes = [models.Index(fields=["patient", "-occurred_at"], name="checkin_newest")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.local_date}"


class DiaryRow(models.Model):
    """A row that belongs to a check-in and names its patient itself, for row-level security.

    The migration ties both together by a foreign key on (check_in, patient).
    """

    patient = models.ForeignKey("tracker.Patient", models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class Rating(DiaryRow):
    """0-3 of one feature: 0 not seen, 1 seen, 2 gets in the way, 3 stops most of it.

    `value` empty: it was asked and could not be judged. No row: it was not asked. Neither is 0.
    """

    check_in = models.ForeignKey(CheckIn, models.PROTECT, related_name="ratings")
    item = models.CharField(max_length=20)
    value = models.PositiveSmallIntegerField(null=True, validators=[MaxValueValidator(3)])

    class Meta:
        ordering: ClassVar = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["check_in", "item"], name="rating_item_once"),
            models.CheckConstraint(condition=Q(value=None) | Q(value__range=(0, 3)), name="rating_0_to_3"),
        ]

    def __str__(self) -> str:
        return f"{self.item}: {'cannot tell' if self.value is None else self.value}"


class Measurement(DiaryRow):
    """One number with its UCUM unit."""

    class Kind(models.TextChoices):
        """What was measured; see `tracker.scoring.MEASUREMENTS` for unit and range."""

        SLEEP = "sleep_hours", "Sleep"
        WAKINGS = "wakings", "Times awake"
        TEMPERATURE = "temperature_c", "Temperature"
        FALLS = "falls", "Falls"
        SYSTOLIC = "systolic_mmhg", "Blood pressure, upper"
        DIASTOLIC = "diastolic_mmhg", "Blood pressure, lower"

    check_in = models.ForeignKey(CheckIn, models.PROTECT, related_name="measurements")
    kind = models.CharField(max_length=20, choices=Kind)
    value = models.DecimalField(max_digits=5, decimal_places=1)
    unit = models.CharField(max_length=10)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["check_in", "kind"], name="measurement_kind_once"),
            models.CheckConstraint(
                condition=Q(kind="sleep_hours", unit="h", value__range=(0, 24))
                | Q(kind="temperature_c", unit="Cel", value__range=(30, 45))
                | Q(kind__in=["wakings", "falls"], unit="{count}", value__range=(0, 99))
                | Q(kind="systolic_mmhg", unit="mm[Hg]", value__range=(40, 260))
                | Q(kind="diastolic_mmhg", unit="mm[Hg]", value__range=(20, 200)),
                name="measurement_in_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.value} {self.unit}"


class Sign(DiaryRow):
    """A warning sign that was ticked; see `tracker.redflags` for what each asks for."""

    check_in = models.ForeignKey(CheckIn, models.PROTECT, related_name="signs")
    name = models.CharField(max_length=40)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints = [models.UniqueConstraint(fields=["check_in", "name"], name="sign_once")]

    def __str__(self) -> str:
        return self.name


class Assessment(DiaryRow):
    """The score of a check-in on one version of a scale.

    A total exists only when every item was rated; a partial one holds how many were.
    """

    check_in = models.OneToOneField(CheckIn, models.PROTECT, related_name="assessment")
    scale = models.CharField(max_length=30)
    version = models.CharField(max_length=10)
    items = models.PositiveSmallIntegerField()
    rated = models.PositiveSmallIntegerField()
    total = models.PositiveSmallIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(rated=F("items"), total__isnull=False, total__lte=F("items") * 3)
                | Q(rated__lt=F("items"), total=None),
                name="assessment_total_only_if_complete",
            )
        ]

    def __str__(self) -> str:
        return (
            f"{self.total} of {self.items * 3}"
            if self.total is not None
            else f"{self.rated} of {self.items} items"
        )
