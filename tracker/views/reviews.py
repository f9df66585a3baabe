"""A clinician signs off what the patient page showed, and takes it back."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal import audit, parking
from portal.auth import fresh_when
from portal.middleware import SignedIn
from tracker import reviews
from tracker.forms.review import ReviewForm
from tracker.models import Patient, Review
from tracker.models.seats import Reach
from tracker.views.patient import clinical_patient, heading
from tracker.views.refused import keeps_typed

# In the session: who led before each handing over, by the review's number. Of one that the session no longer
# knows, whoever takes it back becomes the lead, so that somebody owns the patient.
LED = "led_before"
UNDONE = "Taken back: %s. What you had signed off is open again."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@keeps_typed
@permission_required(["tracker.view_diary", "tracker.review_diary"], raise_exception=True)
@fresh_when(lambda request: bool(request.POST.get("handed_to")))  # whoever takes over gets a seat
def review(request: SignedIn, key: UUID) -> HttpResponse:
    """Sign off what the patient page showed. GET shows the form alone, when one was parked here."""
    known = clinical_patient(request.user, key)
    typed = request.POST if request.method == "POST" else parking.collect(request)
    if typed is None:
        return redirect("tracker:patient", key)
    form = ReviewForm(request.user, known, typed)
    if request.method == "POST" and form.is_valid() and _sign_off(request, known, form):
        return onwards(request, key)
    audit.record(request.user, "review opened", known, patient=known.pk)
    today = timezone.localdate(timezone=ZoneInfo(known.clinic.zone))
    context = {**heading(known, today), "form": form, "made_for": parking.made_for(request.user)}
    context["next"] = typed.get("next", "")
    return render(request, "tracker/patient_review.html", {**context, "parked": request.method != "POST"})


def onwards(request: SignedIn, key: UUID) -> HttpResponseRedirect:
    """Back to the worklist as it was filtered, where the form came from there; else to the patient."""
    place = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(place, None) and place.startswith("/worklist/")
    return redirect(place) if ours else redirect("tracker:patient", key)


def _sign_off(request: SignedIn, known: Patient, form: ReviewForm) -> bool:
    """Store the sign-off, or find that this was a second tap; False when typed text would be lost."""
    if (
        form.verdict.handed_to
        and not known.seats.current().of(request.user, Reach.CLINICAL).of_team().exists()
    ):
        form.add_error("handed_to", "Emergency access hands nobody over.")
        return False
    led_by = known.lead_id
    try:
        shown = {name: form.cleaned_data[name] for name in ("covers_until", "knows")}
        signed = reviews.sign_off_shown(request.user, known, form.verdict, **shown)
    except reviews.Overtaken as meanwhile:
        form.know(meanwhile.review)
        return False
    except reviews.AlreadySigned as earlier:
        return _signed_before(request, known, form, earlier.review)
    if signed.handed_to_id:
        request.session[LED] = {**request.session.get(LED, {}), str(signed.pk): led_by}
    messages.success(request, _said(form.verdict))
    return True


def _signed_before(request: SignedIn, known: Patient, form: ReviewForm, earlier: Review) -> bool:
    at = timezone.localtime(earlier.at, ZoneInfo(known.clinic.zone))
    said = f"You signed this off already at {at:%H:%M on %-d %B %Y}."
    if not form.repeats(earlier):
        form.look_again(said)
        return False
    messages.info(request, said)
    return True


def _said(verdict: reviews.Verdict) -> str:
    if verdict.handed_to:
        return f"Handed over to {verdict.handed_to}. What is new stays open until it is reviewed."
    return "Signed off. What arrives from now on is new again. You can take it back today."


@require_POST
@never_cache
@permission_required(["tracker.view_diary", "tracker.review_diary"], raise_exception=True)
def undo(request: SignedIn, key: UUID, review: int) -> HttpResponse:
    """Take one's own review of today back."""
    known = clinical_patient(request.user, key)
    signed = get_object_or_404(known.reviews.select_related("patient__clinic"), pk=review)
    try:
        former = request.session.get(LED, {}).get(str(signed.pk), request.user.pk)
        reviews.undo(request.user, signed, former=former)
        messages.success(request, UNDONE % known.name)
    except reviews.TooLate:
        messages.warning(request, "Only who signed it takes a review back, and only on the same day.")
    return onwards(request, key)
