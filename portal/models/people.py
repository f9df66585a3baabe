"""People who sign in."""

from typing import ClassVar

from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone

from portal.history import kept
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


@kept(without=("password", "last_login"))
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

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Whether a backend grants `perm`; see `portal.roles.GRANTS`."""
        return any(backend.has_perm(self, perm, obj) for backend in get_backends())

    def has_perms(self, perm_list: list[str], obj: models.Model | None = None) -> bool:
        """Whether all of them are granted."""
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Whether any right of the app is granted; the admin asks this for its index."""
        return any(
            perm.startswith(f"{app_label}.")
            for backend in get_backends()
            for perm in backend.get_all_permissions(self)
        )
