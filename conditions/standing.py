"""Where a published release stands: all that its page shows and its snapshot does not hold.

One small query, without the snapshot. Whatever is kept of a page is kept under this value, so that a
page is made anew as soon as any of it changes. Who adds to the page what the release does not hold, adds
it here and to the database's function `release_standing`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db import connection


@dataclass(frozen=True)
class Standing:
    """A published release; `newest` is the number that readers see first, `moved_at` the last change.

    `approved_at` and `note` are the clinical reviewer's, if one approved it.
    """

    release: int
    slug: str
    digest: str
    number: int
    published_at: datetime
    reason: str
    clinically_approved: bool
    newest: int
    moved_at: datetime
    approved_at: datetime | None
    note: str | None

    @cached_property
    def key(self) -> str:
        """Equal for two standings exactly when pages made of them are equal."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    @property
    def newer(self) -> int | None:
        """The number of the release that replaced this one."""
        return self.newest if self.newest != self.number else None


ASK = "SELECT * FROM release_standing(%(slug)s, %(number)s::integer)"  # its columns are Standing's fields


def of(slug: str, number: int | None = None) -> Standing | None:
    """The latest published release of a condition, or the one with the number; None if there is none."""
    if number is not None and number >= 2**31:  # beyond the column's range is nobody's
        return None
    with connection.cursor() as cursor:
        cursor.execute(ASK, {"slug": slug, "number": number})
        row = cursor.fetchone()
    return Standing(*row) if row else None
