"""A patient's record as a sheet of features by days, and one feature's trend."""

from typing import cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import audit
from portal.middleware import SignedIn
from tracker import timeline
from tracker.pace import paced
from tracker.timeline import flowsheet as sheets
from tracker.timeline.trend import trend
from tracker.views import picture
from tracker.views.patient import clinical_patient, heading

COLUMNS = {"day": "Days", "week": "Weeks", "month": "Months", "visit": "Up to each visit"}
DAYS_UP_TO, WEEKS_UP_TO = 45, 400  # days of a period, unless the columns were chosen


@require_safe
@never_cache
@permission_required("tracker.view_diary", raise_exception=True)
@paced
def flowsheet(request: SignedIn, key: UUID) -> HttpResponse:
    """Features as rows, newest column first. Queries: the same number whatever the diary holds."""
    known = clinical_patient(request.user, key)
    today = timezone.localdate(timezone=ZoneInfo(known.clinic.zone))
    beside = picture.around(known, list(known.reviews.standing().select_related("reviewer")))
    asked = {"days": "14", **request.GET.dict()}
    shown = picture.period(request.user, known, asked, today, beside)
    record = picture.drawn(request.user, known, shown, beside)
    by = columns(request.GET, shown)
    sheet = sheets.sheet(record, shown.first, shown.last, by, today)
    audit.record(request.user, "flowsheet viewed", known, patient=known.pk)
    context = {
        **heading(known, today),
        "period": shown,
        "sheet": sheet,
        "by": [(word, label, word == by) for word, label in COLUMNS.items()],
        "rest": _rest(request.GET),
        **_one(sheet, request.GET.get("feature", ""), shown),
    }
    return render(request, "tracker/flowsheet.html", context)


def columns(asked: QueryDict, shown: timeline.Period) -> sheets.By:
    """The columns asked for, else those that suit the length of the period."""
    word = asked.get("by", "")
    if word not in COLUMNS:
        word = "day" if shown.days <= DAYS_UP_TO else "week" if shown.days <= WEEKS_UP_TO else "month"
    return cast(sheets.By, word)


def _one(sheet: sheets.Sheet, key: str, shown: timeline.Period) -> dict[str, object]:
    """The line of the feature asked for, with its trend; none for an unknown one."""
    lines = (line for _, lines in sheet.blocks for line in lines)
    line = next((line for line in lines if line.feature.key == key), None)
    if line is None:
        return {"line": None}
    drawn = trend(line.told, shown.first, shown.last, line.feature.most)
    return {"line": line, "trend": drawn, "cells": list(zip(sheet.columns, line.cells, strict=True))}


def _rest(asked: QueryDict) -> str:
    """What links to other periods keep."""
    kept = {word: str(asked[word]) for word in ("by", "feature") if asked.get(word)}
    return f"&{urlencode(kept)}" if kept else ""
