"""The clinic's list of who needs a look, and the search for one patient."""

from datetime import date
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import audit
from portal.middleware import SignedIn
from portal.models import User
from tracker import worklist as lists
from tracker.forms.clinician import SearchForm
from tracker.models import Clinic, PatientStatus


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.view_diary", raise_exception=True)
def worklist(request: SignedIn) -> HttpResponse:
    """Who needs a look, and why; a POST searches, so that no name is ever in an address."""
    if request.method == "POST":
        return _search(request)
    clinics, zone, today = _where(request.user)
    statuses = PatientStatus.objects.visible_to(request.user).for_worklist()
    shown = lists.read(statuses, today, request.GET.get("show", ""), request.GET.get("page", "1"))
    audit.record(request.user, "worklist viewed", "worklist", patients=[row.patient.pk for row in shown.rows])
    context = {"worklist": shown, "sections": lists.SECTIONS, "clinics": clinics, "zone": zone}
    return render(request, "tracker/worklist.html", {**context, "form": SearchForm(), "now": timezone.now()})


def _search(request: SignedIn) -> HttpResponse:
    clinics, zone, today = _where(request.user)
    form, rows = SearchForm(request.POST), []
    if form.is_valid():
        statuses = PatientStatus.objects.visible_to(request.user).select_related("patient")
        rows = lists.found(statuses, form.cleaned_data["q"], today)
        audit.record(request.user, "patients searched", "worklist", patients=[row.patient.pk for row in rows])
    context = {"form": form, "rows": rows, "clinics": clinics, "zone": zone, "limit": lists.PER_PAGE}
    return render(request, "tracker/worklist_search.html", {**context, "now": timezone.now()})


def _where(user: User) -> tuple[list[Clinic], str, date]:
    """The clinics where `user` works, the time zone of the first, and which day it is there."""
    clinics = list(Clinic.objects.filter(staff__user=user.pk))
    zone = clinics[0].zone if clinics else timezone.get_default_timezone_name()
    return clinics, zone, timezone.localdate(timezone=ZoneInfo(zone))
