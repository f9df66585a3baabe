"""Where a published release stands: all that its page shows and its snapshot does not hold.

One small query, without the snapshot. Whatever is kept of a page is kept under this value, so that a
page is made anew as soon as any of it changes. Who adds to the page what the release does not hold, adds
it here.
"""

import hashlib
from dataclasses import astuple, dataclass
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
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()

    @property
    def newer(self) -> int | None:
        """The number of the release that replaced this one."""
        return self.newest if self.newest != self.number else None


ASK = """
    SELECT r.id, c.slug, r.digest, r.number, r.published_at, r.reason, r.clinically_approved, moves.newest,
        moves.moved_at, approval.at, approval.note
    FROM conditions_condition c
    JOIN conditions_release r ON r.condition_id = c.id AND r.state = 'published'
    CROSS JOIN LATERAL (
        SELECT max(m.number) FILTER (WHERE m.state = 'published') AS newest,
            greatest(max(m.published_at), max(a.at)) AS moved_at
        FROM conditions_release m
        LEFT JOIN conditions_approval a ON a.release_id = m.id AND a.verdict = 'withdrawn'
        WHERE m.condition_id = c.id AND m.published_at IS NOT NULL
    ) moves
    LEFT JOIN LATERAL (
        SELECT a.at, a.note FROM conditions_approval a
        WHERE a.release_id = r.id AND a.verdict = 'approved' AND r.clinically_approved
        ORDER BY a.at DESC LIMIT 1
    ) approval ON true
    WHERE c.slug = %(slug)s AND r.number = coalesce(%(number)s, moves.newest)
"""


def of(slug: str, number: int | None = None) -> Standing | None:
    """The latest published release of a condition, or the one with the number; None if there is none."""
    if number is not None and number >= 2**31:  # beyond the column's range is nobody's
        return None
    with connection.cursor() as cursor:
        cursor.execute(ASK, {"slug": slug, "number": number})
        row = cursor.fetchone()
    return Standing(*row) if row else None
