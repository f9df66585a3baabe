"""Whether a patient is still looked after here, and which of two records goes on."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import ProgrammingError
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import audit, parking
from portal.auth import fresh_to_change
from portal.middleware import SignedIn
from portal.models import User
from tracker import records
from tracker.forms.states import MergeForm, StateForm, twins
from tracker.models import CheckIn, Patient
from tracker.views.acts import Act, ask, heading, typed
from tracker.views.patient import kept_patient

MERGED = Act(
    "This record was merged", ("It stays as it is. Go on in the other one.",), back="tracker:patient"
)
STATE = Act(
    "Change the patient’s state",
    ("Whoever is not active leaves the worklist, and nothing is due. The family can still read the diary.",),
    "Save",
    back="tracker:patient",
)
UNLIKE = "One of the two is shut to the family and the other is not. Make them alike before you merge them."
OVERTAKEN = "One of the two was changed in the meantime. Look at both again."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.keep_record", raise_exception=True)
@fresh_to_change
def state(request: SignedIn, key: UUID) -> HttpResponse:
    """Say since when the patient is active, transferred, discharged or has died."""
    known = kept_patient(request.user, key)
    if known.merged_into_id:
        return ask(request, known, MERGED)
    today = timezone.localdate(timezone=ZoneInfo(known.zone))
    form = StateForm(known, typed(request), initial={"state": known.state, "on": today})
    if request.method == "POST" and form.is_valid():
        chosen = Patient.State(form.cleaned_data["state"])
        records.change_state(request.user, known, chosen, form.cleaned_data["on"])
        messages.success(request, "The patient’s state is saved.")
        return redirect("tracker:patient", key)
    return ask(request, known, STATE, form)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.keep_record", raise_exception=True)
@fresh_to_change
def merge(request: SignedIn, key: UUID) -> HttpResponse:
    """Choose the record that goes on, see both side by side (`?other=` its key), confirm."""
    known = kept_patient(request.user, key)
    if known.merged_into_id:
        return ask(request, known, MERGED)
    form = MergeForm(request.user, known, (request.POST if request.method == "POST" else request.GET) or None)
    other = form.cleaned_data["other"] if form.is_valid() else None
    if request.method == "POST" and other and _merged(request, known, other, form):
        messages.success(request, "Merged. This is the record that goes on.")
        return redirect("tracker:patient", other.pk)
    listed = twins(request.user, known).values_list("pk", flat=True)  # the names that there are to choose
    audit.record(request.user, "records compared", known, patients=[known.pk, *listed])
    context = {
        **heading(known),
        "form": form,
        "made_for": parking.made_for(request.user),
        "pair": [_side(request.user, each) for each in (known, other)] if other else [],
        "other": other,
    }
    return render(request, "tracker/merge.html", context)


def _merged(request: SignedIn, known: Patient, other: Patient, form: MergeForm) -> bool:
    try:
        records.merge(request.user, known, other)
    except records.Unlike:
        form.add_error(None, UNLIKE)
    except ProgrammingError:
        form.add_error(None, OVERTAKEN)
    else:
        return True
    return False


def _side(user: User, known: Patient) -> dict[str, object]:
    """One of two records, with the number of its entries and who reaches it. Queries: two."""
    told = Count("pk", filter=Q(error_reason=""))
    entries = CheckIn.objects.visible_to(user).filter(patient=known).aggregate(told=told)["told"]
    seats = known.seats.held().select_related("user").order_by("basis", "starts_at")
    return {"patient": known, "entries": entries, "seats": seats}
