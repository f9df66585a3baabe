"""Where a published release stands: all that its page shows and its snapshot does not hold.

One small query, without the snapshot. Whatever is kept of a page is kept under this value, so that a
page is made anew as soon as any of it changes. Who adds to the page what the release does not hold, adds
it here, to the database's function `release_standing`, and to what changes a condition's mark.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils import timezone

from conditions import shelf
from conditions.due import Given, Review, last_review
from conditions.formats import current
from conditions.models import Approval, Release
from conditions.notices import Archived, Notice


@dataclass(frozen=True)
class Translated:
    """A published translation of the condition; `release` is the number that it was checked against."""

    pk: int
    language: str
    digest: str
    method: str
    release: int
    checked_at: datetime


@dataclass(frozen=True)
class Standing:
    """A published release; `newest` is the number that readers see first, `moved_at` the last change.

    `translations` are of whichever release, by language; `review` is None for what nobody approved;
    `notices` are of later releases, newest first; `archived` says that nobody keeps the condition up
    any more.
    """

    release: int
    slug: str
    digest: str
    number: int
    published_at: datetime
    reason: str
    clinically_approved: bool
    newest: int
    translations: tuple[Translated, ...]
    moved_at: datetime
    review: Review | None
    notices: tuple[Notice, ...]
    archived: Archived | None

    @cached_property
    def key(self) -> str:
        """Equal for two standings exactly when pages made of them are equal."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def translated(self, language: str) -> Translated | None:
        """The published translation into a language."""
        return next((each for each in self.translations if each.language == language), None)

    @property
    def newer(self) -> int | None:
        """The number of the release that replaced this one."""
        return self.newest if self.newest != self.number else None

    @property
    def sentences(self) -> list[str]:
        """What reviewers say of it in words, for print."""
        words = [str(notice) for notice in (self.archived, *self.notices) if notice]
        if self.newer:
            words.append(f"Release {self.newer} has replaced this one.")
        if self.review is None:
            return words
        return [
            *words,
            f"Last reviewed on {self.review.on:%-d %B %Y}. {self.review}",
            f"Do not use this paper after {self.review.due:%-d %B %Y}.",
            f"The reviewer’s interests: {self.review.interests}",
        ]


MARK = "SELECT value FROM conditions_mark WHERE slug = %s"
ASK = "SELECT * FROM release_standing(%(slug)s, %(number)s::integer)"  # see _told


def of(slug: str, number: int | None = None) -> Standing | None:
    """The latest published release of a condition, or the one with the number; None if there is none.

    One row by its key where this process was told before and nothing has changed since.
    """
    if number is not None and number >= 2**31:  # beyond the column's range is nobody's
        return None
    with connection.cursor() as cursor:
        cursor.execute(MARK, [slug])
        row = cursor.fetchone()
    return _asked(slug, number, row[0], timezone.localdate()) if row else None


@lru_cache(maxsize=1000)
def _asked(slug: str, number: int | None, _mark: UUID, _today: date) -> Standing | None:
    """What the database tells; the same as long as the mark is, and the day, on which a review falls due."""
    with connection.cursor() as cursor:
        cursor.execute(ASK, {"slug": slug, "number": number})
        row = cursor.fetchone()
    return _told(*row) if row else None


def _told(*row: Any) -> Standing:
    """The columns are the fields, but for the verdicts, of which review and notices are made."""
    *plain, translations, moved_at, verdicts = row
    release, digest = plain[0], plain[2]
    told = json.loads(verdicts)
    given = [Given(**{**each, "at": datetime.fromisoformat(each["at"])}) for each in told]
    review = last_review(given, _months(release, digest), timezone.localdate())
    verdict = (review, _notices(given), _archived(given))
    return Standing(*(*plain, _translated(translations), _moved(moved_at, review), *verdict))


def _translated(told: str) -> tuple[Translated, ...]:
    rows = json.loads(told)
    return tuple(
        Translated(**{**each, "checked_at": datetime.fromisoformat(each["checked_at"])}) for each in rows
    )


def _moved(moved_at: datetime, review: Review | None) -> datetime:
    """A page changes once more on the day after its review was due."""
    if review is None or not review.overdue:
        return moved_at
    day = datetime.combine(review.due, datetime.max.time(), timezone.get_current_timezone())
    return max(moved_at, day)


def _months(release: int, digest: str) -> int:
    """How long a review holds, as the release says; kept, so that no snapshot is read for it."""
    return int(shelf.keep(f"months {digest}", lambda: str(_read_months(release)).encode()).body)


def _read_months(release: int) -> int:
    snapshot = Release.objects.values_list("snapshot", flat=True).get(pk=release)
    months: int = current(snapshot)["condition"]["review_months"]
    return months


def _notices(verdicts: Iterable[Given]) -> tuple[Notice, ...]:
    taken = (each for each in verdicts if each.verdict == Approval.Verdict.WITHDRAWN)
    return tuple(Notice(each.number, timezone.localdate(each.at), each.note) for each in taken)


def _archived(verdicts: Iterable[Given]) -> Archived | None:
    """The first of those that count, as the database's function has chosen them."""
    given = [each for each in verdicts if each.verdict == Approval.Verdict.ARCHIVED]
    return Archived(given[-1].number, timezone.localdate(given[-1].at), given[-1].note) if given else None
