"""The auditor's pages about everybody: the trail, its export, the search for a person."""

from django import forms
from django.contrib.auth.decorators import permission_required
from django.db.models import Q
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import audit, seals
from portal.auth import fresh
from portal.middleware import SignedIn
from portal.models import User
from portal.trail import Filters, export, page

FOUND = 50


class PersonForm(forms.Form):
    """Whom the auditor looks for; sent by POST, so that no name is in an address."""

    q = forms.CharField(label="Name or e-mail address", min_length=2, max_length=200)


@require_safe
@never_cache
@permission_required("portal.view_trail", raise_exception=True)
def trail(request: SignedIn) -> HttpResponse:
    """Every act, newest first, as the filters ask. Queries: the same for any length."""
    filters = Filters(request.GET)
    shown = page(filters.events(), request.GET.get("after", ""))
    audit.record(request.user, "trail viewed", "trail", patient=filters.cleaned_data.get("patient"))
    context = {
        "filters": filters,
        "page": shown,
        "first": "after" not in request.GET,
        "query": filters.query(),
        "seal": seals.head(),
    }
    return render(request, "portal/trail.html", context)


@require_safe
@never_cache
@permission_required("portal.view_trail", raise_exception=True)
@fresh
def download(request: SignedIn) -> HttpResponse | StreamingHttpResponse:
    """What the filters ask for as CSV, at most 10,000 rows; filters that are wrong are shown as such."""
    filters = Filters(request.GET)
    if not filters.is_valid():
        return trail(request)
    audit.record(request.user, "trail exported", "trail", patient=filters.cleaned_data["patient"])
    response = StreamingHttpResponse(export(request.user, filters.events()), content_type="text/csv")
    response["Content-Disposition"] = 'attachment; filename="trail.csv"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("portal.view_trail", raise_exception=True)
def people(request: SignedIn) -> HttpResponse:
    """Find a person by name or address; what was typed stays out of address and trail."""
    form = PersonForm(request.POST if request.method == "POST" else None)
    found = None
    if form.is_valid():
        typed = form.cleaned_data["q"]
        named = Q(name__icontains=typed) | Q(email__icontains=typed)
        found = list(User.objects.filter(named).order_by("name", "pk")[:FOUND])
        audit.record(request.user, "people searched", "people")
    return render(request, "portal/trail_people.html", {"form": form, "found": found, "most": FOUND})
