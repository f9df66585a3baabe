"""The second factor: an authenticator app, or a passkey, with recovery codes for the day it is lost."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from portal.models import User
from portal.roles import works_here
from portal.secrecy import box

# Recovery codes stand in for a factor; they are none of their own.
COUNTED = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
SETS_UP = {"account_reauthenticate", "account_logout", "account_change_password"}


class FactorAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes lie sealed in the database."""

    def encrypt(self, text: str) -> str:
        """Sealed text."""
        return box("factors").encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Errors: InvalidToken when its SECRET_KEY is neither today's nor a fallback."""
        return box("factors").decrypt(encrypted_text.encode()).decode()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Bound to our host; the device shows our name."""
        return {**super().get_public_key_credential_rp_entity(), "name": "Steady"}


def has_one(user: User | AnonymousUser) -> bool:
    """Whether the person signs in with a second factor or a passkey. One query."""
    return bool(is_mfa_enabled(user, COUNTED))


def is_owed_by(user: Any) -> bool:
    """Whether a member of staff has yet to set up the second factor that this mode demands."""
    staff = settings.SECOND_FACTOR_DEMANDED and isinstance(user, User) and works_here(user.roles)
    return staff and not has_one(user)


def leads_to_set_up(request: HttpRequest) -> bool:
    """Whether this page sets up a factor, or is needed on the way there or out."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    return name.startswith("mfa_") or name in SETS_UP
