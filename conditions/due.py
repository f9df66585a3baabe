"""What falls due and when: the next review of a release, the second signature of a withdrawal. Pure.

Nothing of it is stored: it is worked out from the dates of verdicts whenever somebody asks.
"""

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from conditions.models import Approval
from portal import languages

SECOND_SIGNATURE = timedelta(hours=24)
UNSIGNED = (
    "Release {number} was withdrawn on {at:%-d %B %Y at %H:%M}."
    " Another reviewer has to sign the withdrawal by {by:%-d %B %Y at %H:%M}."
)
UNSIGNED_LATE = (
    "Nobody signed the withdrawal of release {number} in time: a second signature was due by"
    " {by:%-d %B %Y at %H:%M}. It stays withdrawn. Another reviewer has to sign now,"
    " or ask an editor for a release that mends it."
)


class Given(NamedTuple):
    """A verdict with the number of its release, as `Approval` holds it."""

    verdict: str
    at: datetime
    note: str
    interests: str
    number: int


@dataclass(frozen=True)
class Review:
    """The last time that a reviewer answered for a release, and when the next one has to."""

    on: date
    unchanged: bool
    interests: str
    note: str
    due: date
    overdue: bool

    def __str__(self) -> str:
        told = {"day": languages.day(self.due)}
        if self.overdue:
            words = _("The review due by %(day)s has not been done: parts of this page may be out of date.")
            return words % told
        return _("The next review is due by %(day)s.") % told


def last_review(verdicts: Iterable[Given], months: int, today: date) -> Review | None:
    """The newest approval or re-affirmation among `verdicts`, with the next due `months` later."""
    kinds = (Approval.Verdict.APPROVED, Approval.Verdict.REAFFIRMED)
    given = max((each for each in verdicts if each.verdict in kinds), key=lambda each: each.at, default=None)
    if given is None:
        return None
    on = timezone.localdate(given.at)
    due = months_after(on, months)
    unchanged = given.verdict == Approval.Verdict.REAFFIRMED
    return Review(on, unchanged, given.interests, given.note, due, due < today)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the month's last where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def unsigned(number: int | None, withdrawn_at: datetime, now: datetime) -> str:
    """What reviewers read of a withdrawal that only one of them has signed."""
    by = withdrawn_at + SECOND_SIGNATURE
    words = UNSIGNED_LATE if by < now else UNSIGNED
    told = {"at": timezone.localtime(withdrawn_at), "by": timezone.localtime(by)}
    return words.format(number=number, **told)
