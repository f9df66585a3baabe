"""The auditor's list of emergency access, and the review of each."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import audit
from portal.middleware import SignedIn
from tracker import emergency
from tracker.forms.emergency import FindingForm
from tracker.models import EmergencyAccess

PAGE = 50
ACTS = 200  # of one clinician with one record in one hour
REFUSED = "This was not saved: nobody reviews their own, and each is reviewed once."


@require_safe
@never_cache
@permission_required("portal.view_trail", raise_exception=True)
def emergencies(request: SignedIn) -> HttpResponse:
    """Every emergency access, those that wait for a review first. Queries: the page, its count, the trail."""
    page = Paginator(EmergencyAccess.objects.for_review(), PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    shown = [row.patient_id for row in rows]
    audit.record(request.user, "emergency access listed", "emergencies", patients=shown)
    context = {
        "page": page,
        "waiting": [row for row in rows if row.reviewed_at is None],
        "reviewed": [row for row in rows if row.reviewed_at is not None],
    }
    return render(request, "tracker/emergencies.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("portal.view_trail", raise_exception=True)
def review(request: SignedIn, seat: int) -> HttpResponse:
    """One emergency access: whose record, what was opened, and the finding that closes it."""
    access = get_object_or_404(EmergencyAccess.objects.for_review(), pk=seat)
    form = FindingForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        if emergency.review(request.user, access, form.cleaned_data["finding"]):
            messages.success(request, "Reviewed.")
            return redirect("tracker:emergencies")
        messages.error(request, REFUSED)
        return redirect("tracker:emergency", seat)
    context = {
        "access": access,
        "identity": emergency.identity(request.user, access.patient_id),
        "acts": emergency.acts(access)[:ACTS],
        "form": form,
        "own": access.clinician_id == request.user.pk,
    }
    return render(request, "tracker/emergency.html", context)
