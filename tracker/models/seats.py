"""Seats: why a person may reach a patient, since when and until when."""

from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from portal.models import User


class Basis(models.TextChoices):
    """Why a seat exists."""

    CARE_TEAM = "care_team", "Care team"
    PARENT = "parent", "Parent"
    GUARDIAN = "guardian", "Guardian"
    SELF = "self", "The patient"
    BREAK_GLASS = "break_glass", "Emergency access"


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


class SeatQuerySet(models.QuerySet["Seat"]):
    """Named questions about seats."""

    def current(self, at: datetime | None = None) -> "SeatQuerySet":
        """Seats valid at `at` (an aware instant, now unless given)."""
        moment = at or timezone.now()
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=moment), starts_at__lte=moment)

    def of(self, user: User, reach: Reach = Reach.FAMILY) -> "SeatQuerySet":
        """Seats of `user` that lie within `reach`."""
        return self.filter(user_id=user.pk, basis__in=BASES[reach])

    def of_family(self) -> "SeatQuerySet":
        """Seats of parents, guardians and patients themselves."""
        return self.filter(basis__in=FAMILY_BASES)


class Seat(models.Model):
    """One person's right to reach one patient: on what basis, decided by whom, valid when."""

    patient = models.ForeignKey("Patient", models.PROTECT, related_name="seats")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="seats")
    basis = models.CharField(max_length=12, choices=Basis)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(default=timezone.now)
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = SeatQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "user", "basis"], condition=Q(ends_at=None), name="seat_open_once"
            ),
            models.CheckConstraint(
                condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="seat_ends_after_start"
            ),
            models.CheckConstraint(condition=Q(basis__in=Basis.values), name="seat_basis_known"),
        ]
        indexes = [models.Index(fields=["user", "patient"], name="seat_of_user")]

    def __str__(self) -> str:
        return f"{self.user}, {self.get_basis_display()}"


class Invitation(models.Model):
    """An offer of a seat to whoever owns an e-mail address; its link is a signed key, never stored."""

    key = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    patient = models.ForeignKey("Patient", models.PROTECT, related_name="invitations")
    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200, validators=[ProhibitNullCharactersValidator()])
    basis = models.CharField(max_length=12, choices=Basis)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(basis__in=FAMILY_BASES), name="invitation_for_family"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("invited_at")), name="invitation_expires"),
        ]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_basis_display()}"
