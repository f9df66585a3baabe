"""What changed since the reader's own last review: on the patient page and beside the list."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from portal.models import User
from tracker import timeline
from tracker.models import CheckIn, Patient
from tracker.timeline import changes
from tracker.views.picture import Around


def since_my_look(
    user: User, known: Patient, beside: Around, record: timeline.Record, today: date
) -> dict[str, object]:
    """What changed since the asker's own last review. Queries: four, or none without one."""
    mine = next((each for each in beside.reviews if each.reviewer_id == user.pk), None)
    if mine is None:
        return {"my_look": None, "changes": []}
    entries = CheckIn.objects.visible_to(user).filter(patient=known)
    checks = (
        entries.standing().filter(assessment__total__isnull=False).order_by("-local_date", "-occurred_at")
    )
    pairs = checks.values_list("local_date", "assessment__total")
    news = changes.News(
        entries.filter(received_at__gt=mine.covers_until).count(),
        _newest(pairs.filter(received_at__lte=mine.covers_until)),
        _newest(pairs),
        known.messages.of_family().filter(at__gt=mine.covers_until).count(),
    )
    day = mine.at.astimezone(ZoneInfo(known.clinic.zone)).date()
    return {"my_look": day, "changes": changes.changes(mine.covers_until, day, today, news, record)}


def _newest(pairs: QuerySet[Any, tuple[date, int | None]]) -> changes.Told | None:
    """The first day with its total; none without any."""
    day, total = pairs.first() or (None, None)
    return (day, total) if day is not None and total is not None else None
