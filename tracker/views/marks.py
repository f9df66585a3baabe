"""Marks: immunosuppressed, steroid-exposed, a limit of blood pressure. Rules of red flags ask for them."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from portal.middleware import SignedIn
from tracker import papers, plan
from tracker.forms.days import today_of
from tracker.forms.marks import EndMarkForm, MarkForm
from tracker.models import Patient
from tracker.timeline import day_words
from tracker.views.acts import ask, typed
from tracker.views.charting import done, sheet, treating

WHY = "Rules about fever, vomited doses and blood pressure follow from it. Families see the mark."
OVERLAPS = "A mark of this kind holds in that time already. Lengthen that one, or choose other days."


@treating
def mark(request: SignedIn, known: Patient) -> HttpResponse:
    """Set a mark; the one that the treatments ask for is chosen already."""
    today = today_of(known)
    asked = papers.suggested(
        known.treatments.unreplaced().prefetch_related("steps"), known.marks.all(), today
    )
    initial = {"starts_on": today, "name": asked[0] if asked else None}
    form = MarkForm(known, None, typed(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            plan.set_mark(request.user, known, **form.cleaned_data)
            return done(request, known, "The mark is set, with your name.")
        except plan.Known:
            form.add_error(None, OVERLAPS)
    return ask(request, known, sheet("Set a mark", WHY, button="Set it"), form)


@treating
def end(request: SignedIn, known: Patient, mark: int) -> HttpResponse:
    """Let a mark last longer or shorter."""
    held = get_object_or_404(known.marks.select_related("set_by"), pk=mark)
    form = EndMarkForm(known, held.starts_on, typed(request), initial={"ends_on": held.ends_on})
    if request.method == "POST" and form.is_valid():
        try:
            plan.end_mark(request.user, held, form.cleaned_data["ends_on"])
            return done(request, known, "Saved.")
        except plan.Known:
            form.add_error("ends_on", OVERLAPS)
    text = f"{held}, from {day_words(held.starts_on)}, set by {held.set_by}."
    return ask(request, known, sheet("Until when does the mark hold?", text, WHY), form)
