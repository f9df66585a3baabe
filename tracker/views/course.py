"""The course of one patient as a page shows it: the picture, its tables, and what holds today."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from portal.middleware import SignedIn
from tracker import scoring, timeline
from tracker.models import Mark, Patient
from tracker.timeline import bins, flowsheet, ratings
from tracker.timeline.facts import Raised
from tracker.views import picture
from tracker.views.picture import Around
from tracker.views.since import since_my_look


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
        **since_my_look(user, known, beside, record, today),
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
