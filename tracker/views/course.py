"""The course of one patient as a page shows it: the picture, its tables, and what holds today."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from portal.middleware import SignedIn
from portal.models import User
from tracker import scoring, timeline
from tracker.models import CheckIn, Mark, Patient
from tracker.timeline import bins, changes, flowsheet, ratings
from tracker.timeline.facts import Raised
from tracker.views import picture
from tracker.views.picture import Around


def drawn(request: SignedIn, known: Patient, beside: Around, today: date) -> dict[str, Any]:
    """Everything that `tracker/_chart.html` and the head of the page need. Queries: a fixed number."""
    user = request.user
    shown = picture.period(user, known, request.GET, today, beside)
    record = picture.drawn(user, known, shown, beside)
    usual = timeline.Usual.of(record.checks)
    return {
        "period": shown,
        "picture": timeline.draw(record, shown.first, shown.last, now=shown.last >= shown.today),
        "current": timeline.current(record.treatments, today),
        "treatments": timeline.treatment_rows(record.treatments),
        **_numbers(record, usual, shown),
        "rated": ratings.rows(record.rated),
        "record": record,
        "home_check": scoring.HOME_CHECK,
        "daily": scoring.DAILY,
        **_since_my_look(user, known, beside, record, today),
    }


def _numbers(record: timeline.Record, usual: timeline.Usual, shown: timeline.Period) -> dict[str, object]:
    """The entries as tables: each of them, or by week or month where the picture gathers them so."""
    by = bins.size_of(shown.days)
    if by != "day":
        home = replace(record, rated=())  # clinicians' ratings have tables of their own
        return {"gathered": flowsheet.sheet(home, shown.first, shown.last, by, shown.today)}
    return {
        "checks": timeline.check_rows(record, usual, shown.first, shown.last),
        "dailies": timeline.daily_rows(record, shown.first, shown.last),
    }


def standing(plan: Mapping[str, Any], record: timeline.Record, today: date) -> dict[str, object]:
    """Marks, open flags and the open episode for the head of the page; `plan` is of `tracker.papers`."""
    marks = [*plan["marks"], *plan["earlier_marks"]]
    return {
        "now_marks": [
            (name.label, *timeline.mark_words([mark for mark in marks if mark.name == name], today))
            for name in Mark.Name
        ],
        "now_flags": [(flag, waiting(flag, today)) for flag in record.flags if flag.open],
        "now_episode": next((one for one in record.episodes if one.last is None), None),
    }


def waiting(flag: Raised, today: date) -> str:
    """How long a flag is open: `since today`, `1 day`, `12 days`."""
    days = (today - flag.day).days
    return "since today" if days <= 0 else "1 day" if days == 1 else f"{days} days"


def _since_my_look(
    user: User, known: Patient, beside: Around, record: timeline.Record, today: date
) -> dict[str, object]:
    """What changed since the asker's own last review. Queries: three, or none without one."""
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
    )
    day = mine.at.astimezone(ZoneInfo(known.clinic.zone)).date()
    return {"my_look": day, "changes": changes.changes(mine.covers_until, day, today, news, record)}


def _newest(pairs: QuerySet[Any, tuple[date, int | None]]) -> changes.Told | None:
    """The first day with its total; none without any."""
    day, total = pairs.first() or (None, None)
    return (day, total) if day is not None and total is not None else None
