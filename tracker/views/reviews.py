"""A clinician signs off what the patient page showed."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import audit, parking
from portal.middleware import SignedIn
from tracker import journal
from tracker.forms.clinician import ReviewForm
from tracker.models import Patient
from tracker.views.patient import clinical_patient, heading


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required(["tracker.view_diary", "tracker.review_diary"], raise_exception=True)
def review(request: SignedIn, key: UUID) -> HttpResponse:
    """Sign off what the patient page showed. GET shows the form alone, when one was parked here."""
    known = clinical_patient(request.user, key)
    typed = request.POST if request.method == "POST" else parking.collect(request)
    if typed is None:
        return redirect("tracker:patient", key)
    form = ReviewForm(typed)
    if request.method == "POST" and form.is_valid() and _sign_off(request, known, form):
        return redirect("tracker:patient", key)
    audit.record(request.user, "review opened", known, patient=known.pk)
    today = timezone.localdate(timezone=ZoneInfo(known.clinic.zone))
    context = {**heading(known, today), "form": form, "made_for": parking.made_for(request.user)}
    return render(request, "tracker/patient_review.html", {**context, "parked": request.method != "POST"})


def _sign_off(request: SignedIn, known: Patient, form: ReviewForm) -> bool:
    """Store the sign-off, or find that this was a second tap; False when typed text would be lost."""
    try:
        journal.sign_off(request.user, known, **form.cleaned_data)
    except journal.AlreadySigned as earlier:
        at = timezone.localtime(earlier.review.at, ZoneInfo(known.clinic.zone))
        said = f"You signed this off already at {at:%H:%M on %-d %B %Y}."
        if not form.repeats(earlier.review):
            form.add_error(None, f"{said} What you typed now was not saved.")
            return False
        messages.info(request, said)
        return True
    messages.success(request, "Signed off. What arrives from now on is new again.")
    return True
