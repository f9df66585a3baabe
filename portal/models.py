"""People who sign in, and the trail of what they did."""

from typing import ClassVar
from uuid import uuid4

from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from portal.roles import Role


class UserManager(BaseUserManager["User"]):
    """Makes users; there are no superusers to make."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """A user with a lower-case address; without a password they cannot sign in yet."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find by address, whatever its case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person who signs in by e-mail; their roles are words, their rights are in GRANTS."""

    email = models.EmailField("e-mail address", max_length=254, unique=True)
    name = models.CharField(max_length=200, validators=[ProhibitNullCharactersValidator()])
    roles = ArrayField(models.CharField(max_length=20, choices=Role), default=list, blank=True)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    # A seat is never a shortcut: nobody is above GRANTS, so the flag exists only to say no.
    is_superuser = False

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower"),
            models.CheckConstraint(
                condition=models.Q(roles__contained_by=Role.values), name="user_roles_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def display_name(self) -> str:
        """What pages call the person."""
        return str(self)

    @property
    def role_words(self) -> str:
        """The roles as people read them: `Editor, Clinical reviewer`."""
        return ", ".join(str(Role(role).label) for role in self.roles)

    @property
    def is_staff(self) -> bool:
        """Django's word for "may enter the admin"."""
        return self.has_perm("portal.enter_admin")

    def has_perm(self, perm: str, obj: object = None) -> bool:
        """Whether a backend grants `perm`; see `portal.roles.GRANTS`."""
        return any(backend.has_perm(self, perm, obj) for backend in get_backends())  # type: ignore[arg-type]

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        """Whether all of them are granted."""
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Whether any right of the app is granted; the admin asks this for its index."""
        return any(
            perm.startswith(f"{app_label}.")
            for backend in get_backends()
            for perm in backend.get_all_permissions(self)
        )


class AuditEvent(models.Model):
    """One act in the trail: who, what, whom, when. Append-only; written by `portal.audit.record`.

    Names are copied and nothing is a foreign key, so that the trail outlives what it names.
    """

    # A key of our own making: asking the database for one would need the right to read the trail.
    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    at = models.DateTimeField(default=timezone.now, editable=False)
    actor_id = models.BigIntegerField(null=True, help_text="Empty for someone who was not signed in.")
    actor_name = models.CharField(max_length=254)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=120, help_text="Kind and key of what was acted on.")
    patient_id = models.UUIDField(null=True, help_text="Whose record it was.")
    patients = ArrayField(models.UUIDField(), default=list, help_text="Every patient a list showed.")

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(action=""), name="auditevent_has_action")]
        indexes = [
            models.Index(fields=["patient_id", "-at"], name="auditevent_patient"),
            models.Index(fields=["-at"], name="auditevent_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name}: {self.action} {self.target}"


class IdentityKey(models.Model):
    """The two halves of the key that signs identities, readable to the policy role alone.

    HMAC needs the key padded with two constants; keeping both results lets the database
    compute it with its core `sha256()`. One row.
    """

    one = models.BooleanField(primary_key=True, default=True)
    inner_pad = models.BinaryField()
    outer_pad = models.BinaryField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(one=True), name="identitykey_one_row")]

    def __str__(self) -> str:
        return "the identity key"


class ParkedForm(models.Model):
    """What a person had typed when their session ended, sealed, for half an hour.

    Only the same person gets it back, on the page where they typed it.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    path = models.CharField(max_length=300)
    sealed = models.BinaryField()
    parked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "path"], name="parkedform_one_a_page")]

    def __str__(self) -> str:
        return f"typed by {self.user_id}"


class DemoMark(models.Model):
    """That this database holds invented people only; set by the owner, never by a request.

    Production refuses to start on a database that carries it, and without it no release is
    published unapproved.
    """

    one = models.BooleanField(primary_key=True, default=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(one=True), name="demomark_one_row")]

    def __str__(self) -> str:
        return "a demonstration"
