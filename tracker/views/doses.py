"""A dose that was missed, held, vomited or refused, entered by the clinic for the family."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from portal.middleware import SignedIn
from tracker import doses, taps
from tracker.forms.days import today_of
from tracker.forms.doses import DoseForm
from tracker.models import Patient
from tracker.views.acts import ask, typed
from tracker.views.charting import done, sheet, treating

BY_PHONE = "For the family, as they told you. It stands in the diary with your name."
CONFLICT = "Something else was saved under this form already. Open a new one; what you typed is still here."
CLOSED = "The diary takes nothing of that day any more. Choose a day before it was closed."


@treating
def dose(request: SignedIn, known: Patient, treatment: int) -> HttpResponse:
    """Record what became of one dose."""
    plans = known.treatments.select_related("patient")
    planned = get_object_or_404(plans, pk=treatment)
    form = DoseForm(planned, typed(request), initial={"on": today_of(known)})
    if request.method == "POST" and form.is_valid():
        key, outcome = form.cleaned_data["key"], form.cleaned_data["outcome"]
        try:
            doses.record_dose(request.user, known, planned, key, outcome, form.given())
            return done(request, known, "The dose is recorded.")
        except taps.Conflict:
            form.add_error(None, CONFLICT)
        except doses.Closed:
            form.add_error("on", CLOSED)
    return ask(request, known, sheet(f"A dose of {planned.agent}", BY_PHONE), form)
