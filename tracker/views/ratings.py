"""A clinician's rating on the Mitchell-Pike scale: new, corrected, marked in error."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from portal.middleware import SignedIn
from tracker import ratings, taps
from tracker.forms.ratings import RatingForm, again
from tracker.forms.seats import ReasonForm
from tracker.models import ClinicianRating, Patient
from tracker.timeline import day_words
from tracker.views.acts import ask, typed
from tracker.views.charting import OVERTAKEN, done, page, saves, sheet, treating

TWICE = "Something else was saved under this form already. Open a new one; what you typed is still here."


@treating
def rate(request: SignedIn, known: Patient) -> HttpResponse:
    """Rate the patient; a preview says what the rating will say."""
    return _rated(request, known, RatingForm(known, typed(request)), None)


@treating
def correct(request: SignedIn, known: Patient, rating: UUID) -> HttpResponse:
    """Put a rating right by a new one; the earlier one stays in sight."""
    earlier = _told(request, known, rating)
    form = RatingForm(known, typed(request), initial=again(earlier))
    return _rated(request, known, form, earlier)


def _rated(
    request: SignedIn, known: Patient, form: RatingForm, earlier: ClinicianRating | None
) -> HttpResponse:
    bound = form.is_bound and form.is_valid()
    if saves(request) and bound:
        try:
            ratings.rate(request.user, known, form.cleaned_data["key"], form.told(), replaces=earlier)
            return done(request, known, f"Saved: {form.scale.name}, {form.score().words}.")
        except taps.Superseded:
            form.add_error(None, OVERTAKEN)
        except taps.Conflict:
            form.add_error(None, TWICE)
    return page(request, known, "rating", form=form, earlier=earlier, shown=bound and not form.errors)


def _told(request: SignedIn, known: Patient, rating: UUID) -> ClinicianRating:
    """Errors: Http404 for another patient's, and for opening one that was corrected or marked in error.

    What is sent about such a one is let in: a second tap learns that the first was saved.
    """
    rows = known.clinician_ratings.filter(error_reason="")
    return get_object_or_404(rows if request.method == "POST" else rows.standing(), pk=rating)


@treating
def mistake(request: SignedIn, known: Patient, rating: UUID) -> HttpResponse:
    """Mark a rating in error, with a reason."""
    wrong = _told(request, known, rating)
    form = ReasonForm(typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            ratings.mark_rating_in_error(request.user, wrong, form.cleaned_data["reason"])
            return done(request, known, "Marked in error. It no longer counts and stays in sight.")
        except taps.Superseded:
            form.add_error(None, OVERTAKEN)
    text = f"The rating of {day_words(wrong.on)} by {wrong.rater}. It stays in sight and counts no more."
    return ask(request, known, sheet("Mark this rating in error?", text, button="Mark it", grave=True), form)
