"""Emergency access: a clinician opens a record and ends that again."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import parking
from portal.auth import fresh
from portal.middleware import SignedIn
from tracker import emergency
from tracker.forms.emergency import BreakGlassForm
from tracker.models import EmergencyAccess, Patient

# One sentence whatever was wrong: number, date, network, or no such patient at all.
NO_SUCH = "No record that you can open has this number and date of birth. Check both, or call the clinic."
TOO_MANY = "You tried ten times within an hour. Wait a while, or call the patient's clinic."
REACHED = "You reach this record already, so nothing was opened and nobody was told."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.break_glass", raise_exception=True)
@fresh
def break_glass(request: SignedIn) -> HttpResponse:
    """Open one record for an hour, by its exact number and birth date."""
    typed = request.POST if request.method == "POST" else parking.collect(request)
    form = BreakGlassForm(typed)
    if request.method == "POST" and form.is_valid():
        known = _opened(request, form)
        if known is not None:
            return redirect(known)
    context = {"form": form, "made_for": parking.made_for(request.user)}
    return render(request, "tracker/break_glass.html", context)


def _opened(request: SignedIn, form: BreakGlassForm) -> Patient | None:
    """The record that was asked for, or nothing and the form says why."""
    if not emergency.may_try(request.user):
        form.add_error(None, TOO_MANY)
        return None
    site = request.build_absolute_uri("/")
    opened = emergency.open_record(request.user, **form.cleaned_data, site=site)
    if opened is None:
        form.add_error(None, NO_SUCH)
        return None
    if not opened.new:
        messages.info(request, REACHED)
    return opened.patient


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.break_glass", raise_exception=True)
def end(request: SignedIn, seat: int) -> HttpResponse:
    """End one's own emergency access. GET, where sign-in may lead back to, changes nothing."""
    mine = EmergencyAccess.objects.filter(clinician=request.user)
    access = get_object_or_404(mine, pk=seat)
    if request.method == "POST":
        emergency.end(request.user, access)
        messages.success(request, "Your emergency access is over.")
    return redirect("tracker:worklist")
