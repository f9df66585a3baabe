"""Bodies that are made once and given often: from this process, else from a table that all share.

A body lies under the digest of all that it shows, of the portal's own files among that, so that none can
be stale. In the table it lies under a seal whose key the database does not have: who writes there as the
web role changes nothing that a reader sees. The table is a convenience: when it is full, or cannot be
written, each process keeps its own.
"""

import hashlib
import logging
import zlib
from collections.abc import Callable
from datetime import timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from conditions.models import KeptPage

logger = logging.getLogger(__name__)
FORGOTTEN = timedelta(days=30)  # a body's life in the table; then it is made again, if asked for
MOST = 5_000  # bodies in the table: addresses can be written in many ways
SOURCES = ("conditions", "portal", "tracker", "templates", "locale", "requirements.txt")
TAKE = "SELECT packed, seal FROM conditions_keptpage WHERE key = %s"


class Kept(NamedTuple):
    """A body and its entity tag."""

    body: bytes
    tag: str


def keep(key: str, make: Callable[[], bytes]) -> Kept:
    """What was made before under this key, else what `make` gives now, which the key must determine."""
    place = place_of(key)
    if not place:
        packed = _taken(key) or _put(key, zlib.compress(make()))
        place.append(Kept(zlib.decompress(packed), f'"{hashlib.sha256(packed).hexdigest()[:32]}"'))
    return place[0]


@lru_cache(maxsize=400)
def place_of(_key: str) -> list[Kept]:
    """Where one body is kept, as it is: Django's cache in memory would copy it at each request."""
    return []


@cache
def build(root: Path = settings.BASE_DIR) -> str:
    """The digest of the portal's own files, and of what else a page's head depends on."""
    told = hashlib.sha256(f"{settings.DEMO} {settings.STATIC_URL}".encode())
    names = Path(settings.STATIC_ROOT) / "staticfiles.json"
    for source in (*(root / source for source in SOURCES), names):
        for path in sorted([source, *source.rglob("*")]):
            if path.is_file() and "__pycache__" not in path.parts:
                told.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return told.hexdigest()


def tidy() -> None:
    """Take away what nobody made again for long."""
    KeptPage.objects.filter(made_at__lt=timezone.now() - FORGOTTEN).delete()


def _taken(key: str) -> bytes:
    """The packed body from the table; empty where there is none under the portal's own seal."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [_shelved(key)])
        packed, seal = cursor.fetchone() or (b"", b"")
    return packed if constant_time_compare(seal, _seal(key, packed)) else b""


def _put(key: str, packed: bytes) -> bytes:
    row = KeptPage(key=_shelved(key), packed=packed, seal=_seal(key, packed))
    try:
        with transaction.atomic():
            if KeptPage.objects.count() < MOST:
                KeptPage.objects.bulk_create(
                    [row],
                    update_conflicts=True,
                    unique_fields=["key"],
                    update_fields=["packed", "seal", "made_at"],
                )
    except DatabaseError:  # read-only, full: a page that could be made is given all the same
        logger.warning("A page could not be shelved.", exc_info=True)
    return packed


def _shelved(key: str) -> str:
    return hashlib.sha256(f"{build()} {key}".encode()).hexdigest()


def _seal(key: str, packed: bytes) -> bytes:
    return salted_hmac("conditions.shelf", _shelved(key).encode() + packed, algorithm="sha256").digest()
