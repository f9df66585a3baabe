"""Seats: why a person may reach a patient, since when and until when."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone

from portal.history import kept
from portal.models import User
from portal.roles import Role


class Basis(models.TextChoices):
    """Why a seat exists."""

    CARE_TEAM = "care_team", "Care team"
    PARENT = "parent", "Parent"
    GUARDIAN = "guardian", "Guardian"
    SELF = "self", "The patient"
    BREAK_GLASS = "break_glass", "Emergency access"


class Ground(models.TextChoices):
    """What the decision to give a seat rests on."""

    CARE = "care", "Treats the patient"
    RESPONSIBILITY = "responsibility", "Parental responsibility checked"
    COURT = "court", "Court order or guardianship seen"
    BEST_INTERESTS = "best_interests", "Best-interests decision recorded"
    CONSENT = "consent", "The patient is able to decide and agrees"
    EMERGENCY = "emergency", "Emergency"


class Reach(models.TextChoices):
    """The circles of people whom a row may reach, each holding the one before.

    The same circles as `my_patients(reach)` in the database, which adds `identity`.
    """

    CLINICAL = "clinical", "The care team"
    SELF = "self", "The care team and the patient"
    FAMILY = "family", "The care team, the patient and the family"


BASES: dict[str, list[Basis]] = {
    Reach.CLINICAL: [Basis.CARE_TEAM, Basis.BREAK_GLASS],
    Reach.SELF: [Basis.CARE_TEAM, Basis.BREAK_GLASS, Basis.SELF],
    Reach.FAMILY: list(Basis),
}
FAMILY_BASES = [Basis.PARENT, Basis.GUARDIAN, Basis.SELF]
FAMILY_GROUNDS = [Ground.RESPONSIBILITY, Ground.COURT, Ground.BEST_INTERESTS, Ground.CONSENT]
ENDING_BASES = [Basis.PARENT, Basis.GUARDIAN, Basis.BREAK_GLASS]  # held on somebody's behalf: never for ever
EMERGENCY_LASTS = timedelta(minutes=60)


class SeatQuerySet(models.QuerySet["Seat"]):
    """Named questions about seats."""

    def held(self, at: datetime | None = None) -> "SeatQuerySet":
        """Seats whose time runs at `at` (an aware instant, now unless given), frozen records' included."""
        moment = at or timezone.now()
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=moment), starts_at__lte=moment)

    def current(self, at: datetime | None = None) -> "SeatQuerySet":
        """Seats valid at `at` (an aware instant, now unless given); the family's only while not frozen."""
        # Frozen records are asked for once, not joined: under the policies a join may go row by row.
        patients = apps.get_model("tracker", "Patient")._default_manager
        frozen = patients.filter(frozen_at__isnull=False).values("pk")
        return self.held(at).filter(~Q(basis__in=FAMILY_BASES, patient__in=frozen))

    def of(self, user: User, reach: Reach = Reach.FAMILY) -> "SeatQuerySet":
        """Seats of `user` that lie within `reach`."""
        return self.filter(user_id=user.pk, basis__in=BASES[reach])

    def of_family(self) -> "SeatQuerySet":
        """Seats of parents, guardians and patients themselves."""
        return self.filter(basis__in=FAMILY_BASES)

    def of_team(self) -> "SeatQuerySet":
        """Seats on the care team of people who can use them, as active clinicians."""
        return self.filter(
            basis=Basis.CARE_TEAM, user__is_active=True, user__roles__contains=[Role.CLINICIAN]
        )

    def of_leads(self) -> "SeatQuerySet":
        """Seats on the care team of whoever leads the patient; who left the team leads nobody."""
        return self.of_team().filter(user=F("patient__lead"))


@kept()
class Seat(models.Model):
    """One person's right to reach one patient: on what basis and ground, decided by whom, valid when."""

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="seats")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="seats")
    basis = models.CharField(max_length=12, choices=Basis)
    ground = models.CharField(max_length=16, choices=Ground)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="seat_once_at_a_time",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("user", RangeOperators.EQUAL),
                    ("basis", RangeOperators.EQUAL),
                    (
                        Func("starts_at", "ends_at", function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
            models.CheckConstraint(condition=Q(ground__in=Ground.values), name="seat_ground_known"),
            models.CheckConstraint(
                condition=~Q(basis=Basis.SELF) | Q(ground=Ground.CONSENT), name="seat_self_by_consent"
            ),
            models.CheckConstraint(
                condition=~Q(basis__in=FAMILY_BASES) | ~Q(user=F("decided_by")),
                name="seat_family_decided_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(basis__in=ENDING_BASES) | Q(ends_at__isnull=False), name="seat_on_behalf_ends"
            ),
            models.CheckConstraint(
                condition=~Q(basis=Basis.BREAK_GLASS) | Q(ends_at__lte=F("starts_at") + EMERGENCY_LASTS),
                name="seat_emergency_lasts_an_hour",
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="seat_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="seat_basis_known"),
        ]
        indexes = [models.Index(fields=["user", "patient"], name="seat_of_user")]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_basis_display()}"


@kept()
class Invitation(models.Model):
    """An offer of a seat to whoever owns an e-mail address; its link is a signed key, never stored."""

    key = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey("Patient", models.PROTECT, related_name="invitations")
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200, validators=[ProhibitNullCharactersValidator()])
    basis = models.CharField(max_length=12, choices=Basis)
    ground = models.CharField(max_length=16, choices=Ground)
    seat_ends_at = models.DateTimeField(null=True, blank=True)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(basis__in=FAMILY_BASES), name="invitation_for_family"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("invited_at")), name="invitation_expires"),
            models.CheckConstraint(
                condition=Q(basis=Basis.SELF) | Q(seat_ends_at__isnull=False),
                name="invitation_on_behalf_ends",
            ),
            models.CheckConstraint(condition=Q(ground__in=Ground.values), name="invitation_ground_known"),
            models.CheckConstraint(
                condition=~Q(basis=Basis.SELF) | Q(ground=Ground.CONSENT), name="invitation_self_by_consent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_basis_display()}"


class Refusal(models.Model):
    """That somebody asked for a seat and was refused one. Insert-only."""

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="refusals")
    name = models.CharField(max_length=200, validators=[ProhibitNullCharactersValidator()])
    basis = models.CharField(max_length=12, choices=Basis)
    reason = models.CharField(max_length=300, validators=[ProhibitNullCharactersValidator()])
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(basis__in=FAMILY_BASES), name="refusal_of_family"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(reason=""), name="refusal_says_who_and_why"),
        ]

    def __str__(self) -> str:
        return f"{self.name} as {self.get_basis_display()}"


@kept()
class Redaction(models.Model):
    """That one entry, with all its corrections, is hidden from one member of the family."""

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="redactions")
    check_in = models.ForeignKey("CheckIn", models.PROTECT, related_name="redactions")
    hidden_from = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300, validators=[ProhibitNullCharactersValidator()])
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["check_in", "hidden_from"], condition=Q(lifted_at=None), name="redaction_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="redaction_says_why"),
        ]
        indexes = [models.Index(fields=["hidden_from"], name="redaction_from")]

    def __str__(self) -> str:
        return f"hidden from {self.hidden_from}"
