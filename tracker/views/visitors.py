"""A family reads who looked at the diary."""

from datetime import UTC, datetime
from uuid import UUID

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import audit
from portal.middleware import SignedIn
from tracker import visitors as visits
from tracker.views.family import about, family_of, own_patient


@require_safe
@never_cache
@permission_required("tracker.view_own_diary", raise_exception=True)
def visitors(request: SignedIn, key: UUID) -> HttpResponse:
    """Who looked, newest first; `?before=` an instant goes on. Queries: the same for any number."""
    patient = own_patient(request.user, key)
    before = _instant(request.GET.get("before", ""))
    page = visits.read(request.user, patient, family_of(patient), before or visits.EVER)
    audit.record(request.user, "visitors viewed", patient, patient=patient.pk)
    older = f"{page.older.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" if page.older else ""
    context = {**about(request.user, patient), "days": page.days, "older": older, "first": before is None}
    return render(request, "tracker/log_visitors.html", context)


def _instant(word: str) -> datetime | None:
    """None for what is no instant with its zone."""
    try:
        at = parse_datetime(word)
    except ValueError:
        return None
    return at if at is not None and is_aware(at) else None
