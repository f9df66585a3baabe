"""How people sign in and how `has_perm()` is answered."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from portal import demo
from portal.models import User
from portal.roles import rights_of


class RoleBackend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """Sign in by e-mail; answer has_perm() from GRANTS, so views, templates and admin agree."""

    def get_all_permissions(self, user_obj: User, obj: object = None) -> set[str]:
        """Rights of an active user; none for one particular object, since seats decide that."""
        known = user_obj.is_active and not user_obj.is_anonymous and obj is None
        return set(rights_of(user_obj.roles)) if known else set()

    def has_perm(self, user_obj: User, perm: str, obj: object = None) -> bool:
        """Whether GRANTS gives `perm` to one of the user's roles."""
        return perm in self.get_all_permissions(user_obj, obj)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # nor here
    """Accounts are made by invitation only."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves."""
        return False


class WellKnownPasswordValidator:
    """Refuse the demo's password wherever real people sign in."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Errors: ValidationError in production for a password printed in our own documents."""
        if settings.PRODUCTION and password == demo.PASSWORD:
            raise ValidationError("This password is printed in Steady's documents. Choose another one.")

    def get_help_text(self) -> str:
        """The rule in one sentence, shown under the field."""
        return "It must not be the password of the demonstration."
