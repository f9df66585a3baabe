"""What lies sealed in the database: parked forms, second factors, sessions.

The keys derive from SECRET_KEY, which no backup of the database holds, one for each purpose.
"""

import base64
from typing import Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib.sessions.serializers import JSONSerializer
from django.utils.crypto import salted_hmac


def box(purpose: str) -> MultiFernet:
    """Seals with today's SECRET_KEY and opens with that or one of SECRET_KEY_FALLBACKS.

    What one purpose seals, another's box refuses with InvalidToken.
    """
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([_lock(purpose, key) for key in keys])


def _lock(purpose: str, key: str | bytes) -> Fernet:
    derived = salted_hmac("portal.secrecy", purpose, secret=key, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(derived))


class SealedSerializer:
    """A session as ciphertext: it carries typed forms and new factors, and Django would only sign it."""

    def dumps(self, session: dict[str, Any]) -> bytes:
        """Sealed JSON."""
        return box("session").encrypt(JSONSerializer().dumps(session))

    def loads(self, sealed: bytes) -> dict[str, Any]:
        """Errors: InvalidToken, which Django takes for an empty session."""
        session: dict[str, Any] = JSONSerializer().loads(box("session").decrypt(sealed))
        return session
