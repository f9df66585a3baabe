"""Check-ins for tests, written by the real writer."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.utils import timezone

from portal.models import User
from tracker import journal
from tracker.models import CheckIn, Patient

STEADY = {"stance": 0, "gait": 1, "hands": 0, "opsoclonus": 0, "mood": 1, "speech": 0}


def entry(
    ratings: dict[str, int | None] | None = None,
    *,
    kind: str = "home_check",
    at: datetime | None = None,
    **fields: object,
) -> journal.Entry:
    """A home check of total 2 an hour ago, unless told otherwise."""
    moment = at or timezone.now() - timedelta(hours=1)
    if kind == "home_check" and ratings is None:
        ratings = STEADY
    zone = "Europe/London"
    return journal.Entry(kind, moment, zone, moment.date(), ratings or {}, **fields)


def check_in(
    user: User,
    patient: Patient,
    *,
    key: UUID | None = None,
    received_at: datetime | None = None,
    replaces: CheckIn | None = None,
    **fields: object,
) -> CheckIn:
    """Record an entry as `user`, who must be the identity already."""
    told = entry(**fields)
    return journal.record(user, patient, key or uuid4(), told, received_at=received_at, replaces=replaces)


def weeks_of_checks(user: User, patient: Patient, totals: list[int | None]) -> list[CheckIn]:
    """One home check a week, the last one an hour ago; None makes a partial one."""
    now = timezone.now() - timedelta(hours=1)
    written = []
    for index, total in enumerate(totals):
        at = now - timedelta(weeks=len(totals) - 1 - index)
        written.append(check_in(user, patient, ratings=_adding_up_to(total), at=at, received_at=at))
    return written


def _adding_up_to(total: int | None) -> dict[str, int | None]:
    if total is None:
        return {**STEADY, "speech": None, "gait": None}
    rest, ratings = total, {}
    for item in STEADY:
        ratings[item] = min(3, rest)
        rest -= ratings[item]
    return ratings
