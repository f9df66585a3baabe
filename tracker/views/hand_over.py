"""Handing patients over, for who is away."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import audit
from portal.auth import fresh_to_change
from portal.middleware import SignedIn
from tracker import leads
from tracker.forms.clinician import clinics_of
from tracker.forms.hand_over import HandOverForm
from tracker.models import Clinic, Patient
from tracker.models.seats import Reach


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required(["tracker.view_diary", "tracker.review_diary"], raise_exception=True)
@fresh_to_change
def hand_over(request: SignedIn) -> HttpResponse:
    """Hand patients to who stands in for somebody, or take them over; each clinic has its own form."""
    forms = [_hand_over_form(request, clinic) for clinic in clinics_of(request.user)]
    sent = next((form for form in forms if form.is_bound), None)
    if sent is not None and sent.is_valid():
        chosen, colleague = sent.cleaned_data["patients"], sent.cleaned_data["colleague"]
        number = leads.hand_over(request.user, chosen, colleague)
        many = {0: "Nobody new was", 1: "1 patient was"}.get(number, f"{number} patients were")
        whom = "you" if colleague == request.user else colleague
        messages.success(request, f"{many} handed over to {whom}.")
        return redirect("tracker:worklist")
    shown = [patient.pk for form in forms for patient in form.patients.values()]
    audit.record(request.user, "hand-over opened", "worklist", patients=shown)
    return render(request, "tracker/hand_over.html", {"forms": forms})


def _hand_over_form(request: SignedIn, clinic: Clinic) -> HandOverForm:
    """The form of one clinic: the active patients whose care team I am on; filled in when it was sent."""
    kept = Patient.objects.visible_to(request.user, Reach.CLINICAL).kept_by(request.user)
    active = kept.filter(clinic=clinic, state=Patient.State.ACTIVE).order_by("name", "pk")
    typed = request.POST if request.POST.get("clinic") == str(clinic.pk) else None
    return HandOverForm(request.user, active, clinic, typed)
