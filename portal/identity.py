"""Who is asking, told to the database for one transaction.

The web role may set any variable, so the identity is signed; row-level security checks the
signature in `steady_identity()` (migration `portal.0003`) before it believes it. The variable is
transaction-local: a pooled connection never carries one person's identity into another's request.
"""

import hashlib
import hmac
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.utils.crypto import salted_hmac

from portal.models import User

BLOCK = 64  # bytes of one SHA-256 block, to which HMAC pads its key
speaker: ContextVar[str] = ContextVar("speaker", default="")  # the subject of the innermost `speaking_as`


def signing_key() -> bytes:
    """32 bytes derived from SECRET_KEY; a new SECRET_KEY needs `manage.py database_key` again."""
    return salted_hmac("portal.identity", settings.SECRET_KEY, algorithm="sha256").digest()


def key_file() -> bytes:
    """What the database server reads to check a signature: the key padded for HMAC's inner, then outer hash.

    Twice 64 bytes, so that core `sha256()` is enough there. Source: RFC 2104, section 2.
    """
    key = signing_key().ljust(BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in key) + bytes(byte ^ 0x5C for byte in key)


def key_name() -> str:
    """The name of the key's file: 16 hex digits that tell keys apart and nothing about them."""
    return hashlib.sha256(key_file()).hexdigest()[:16]


def sign(subject: str) -> str:
    """`subject|seconds since 1970|HMAC-SHA256 in hex`, good for the transaction that starts now."""
    message = f"{subject}|{int(time.time())}"
    return f"{message}|{hmac.new(signing_key(), message.encode(), hashlib.sha256).hexdigest()}"


@contextmanager
def speaking_as(subject: str, using: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Run the block in a transaction whose identity is `subject` ('' for nobody).

    Inside another transaction the earlier identity is put back at the end.
    """
    connection = connections[using]
    nested = connection.in_atomic_block
    with transaction.atomic(using), connection.cursor() as cursor:
        before = ""
        if nested:
            cursor.execute("SELECT current_setting('steady.identity', true)")
            before = cursor.fetchone()[0] or ""
        cursor.execute("SELECT set_config('steady.identity', %s, true)", [sign(subject) if subject else ""])
        token = speaker.set(subject)
        try:
            yield
        finally:
            speaker.reset(token)
        if nested and not connection.needs_rollback:  # a rollback restores it by itself
            cursor.execute("SELECT set_config('steady.identity', %s, true)", [before])


@contextmanager
def acting_as(user: User) -> Iterator[None]:
    """Run the block as `user`: what a request does, for commands and tests."""
    with speaking_as(str(user.pk)):
        yield


@contextmanager
def acting_for(patient: UUID) -> Iterator[None]:
    """Run the block as a job that may reach this one patient and nothing else."""
    with speaking_as(f"job:{patient}"):
        yield
