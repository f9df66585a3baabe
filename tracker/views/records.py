"""What a care team decides about a record: shutting it to the family, hiding one entry."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal.auth import fresh_to_change
from portal.middleware import SignedIn
from tracker import records
from tracker.forms.seats import HideForm, ReasonForm
from tracker.models import CheckIn
from tracker.timeline import day_words
from tracker.views.acts import Act, ask, typed
from tracker.views.patient import kept_patient

SHUT = Act(
    "Shut this record to the family?",
    (
        "From their next click on nobody of the family reaches it, the patient neither. The care team does.",
        "For the time in which you look into the patient’s safety. They see no reason and get no message.",
    ),
    "Shut it",
    grave=True,
)
OPEN = Act(
    "Open this record to the family again?",
    ("Everybody with a family seat reaches it again at once. Why is kept as a private note.",),
    "Open it",
)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.keep_record", raise_exception=True)
@fresh_to_change
def freeze(request: SignedIn, key: UUID) -> HttpResponse:
    """Shut a record to its family, for a reason."""
    known = kept_patient(request.user, key)
    if known.frozen_at:
        return redirect("tracker:seats", key)
    form = ReasonForm(typed(request))
    if request.method == "POST" and form.is_valid():
        records.freeze(request.user, known, form.cleaned_data["reason"])
        messages.success(request, "The record is shut to the family.")
        return redirect("tracker:seats", key)
    return ask(request, known, SHUT, form)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.keep_record", raise_exception=True)
@fresh_to_change
def thaw(request: SignedIn, key: UUID) -> HttpResponse:
    """Open a shut record again, for a reason."""
    known = kept_patient(request.user, key)
    if not known.frozen_at:
        return redirect("tracker:seats", key)
    form = ReasonForm(typed(request))
    if request.method == "POST" and form.is_valid():
        records.thaw(request.user, known, form.cleaned_data["reason"])
        messages.success(request, "The record is open to the family again.")
        return redirect("tracker:seats", key)
    return ask(request, known, OPEN, form)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.keep_record", raise_exception=True)
@fresh_to_change
def hide(request: SignedIn, key: UUID, entry: UUID) -> HttpResponse:
    """Hide one entry, corrections included, from one member of the family."""
    known = kept_patient(request.user, key)
    told = CheckIn.objects.visible_to(request.user).filter(patient=known, error_reason="")
    chosen = get_object_or_404(told.select_related("author", "patient"), pk=entry)
    form = HideForm(chosen, typed(request))
    title = "Hide an entry from one person"
    if not form.offered.exists():
        return ask(request, known, Act(title, ("Nobody of the family has a seat.",), back="tracker:patient"))
    if request.method == "POST" and form.is_valid():
        records.redact(request.user, chosen, **form.cleaned_data)
        messages.success(request, "Hidden. It is listed with the seats, and can be shown again there.")
        return redirect("tracker:seats", key)
    what = f"{chosen.get_kind_display()} of {day_words(chosen.local_date)}, by {chosen.author}."
    text = "With all its corrections. They do not see that something is hidden."
    return ask(request, known, Act(title, (what, text), "Hide it", back="tracker:patient"), form)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.keep_record", raise_exception=True)
@fresh_to_change
def reveal(request: SignedIn, key: UUID, redaction: int) -> HttpResponse:
    """Ask, then show a hidden entry again."""
    known = kept_patient(request.user, key)
    hidden = known.redactions.filter(lifted_at=None).select_related("check_in", "hidden_from")
    held = get_object_or_404(hidden, pk=redaction)
    if request.method == "POST":
        records.reveal(request.user, held)
        messages.success(request, "Shown again.")
        return redirect("tracker:seats", key)
    told = held.check_in
    what = f"{told.get_kind_display()} of {day_words(told.local_date)}. It was hidden because: {held.reason}"
    return ask(request, known, Act(f"Show this entry to {held.hidden_from} again?", (what,), "Show it"))
