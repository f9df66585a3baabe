"""Episodes: a relapse or flare, set by a clinician."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from portal.middleware import SignedIn
from tracker import episodes
from tracker.forms.days import today_of
from tracker.forms.episodes import EndEpisodeForm, EpisodeForm, said
from tracker.models import Episode, Patient
from tracker.taps import Superseded
from tracker.timeline import day_words
from tracker.views.acts import ask, typed
from tracker.views.charting import OVERTAKEN, done, sheet, treating

SET = "An episode is a relapse or flare, set by you as a clinician. It asserts no cause."
OPEN = "The patient has an open episode. End that one first, or say more about it."


@treating
def start(request: SignedIn, known: Patient) -> HttpResponse:
    """Set that an episode began; a patient has one open at a time."""
    form = EpisodeForm(known, None, typed(request), initial={"trigger": Episode.Trigger.NONE})
    if request.method == "POST" and form.is_valid():
        try:
            episodes.start_episode(request.user, known, Episode(**form.cleaned_data))
            return done(request, known, "The episode is set, with your name.")
        except episodes.AlreadyOpen:
            form.add_error(None, OPEN)
    return ask(request, known, sheet("Set an episode", SET, button="Set it"), form)


@treating
def edit(request: SignedIn, known: Patient, episode: int) -> HttpResponse:
    """Say more about an episode; earlier words stay in its history."""
    told = get_object_or_404(known.episodes.select_related("patient", "set_by"), pk=episode)
    form = EpisodeForm(known, told, typed(request), initial=said(told))
    if request.method == "POST" and form.is_valid():
        try:
            episodes.change_episode(request.user, told, **form.cleaned_data)
            return done(request, known, "Saved.")
        except episodes.AlreadyOpen:
            form.add_error("returned_on", "Another episode is open: this one cannot be opened again.")
    text = f"Began on {day_words(told.started_on)}, set by {told.set_by}."
    return ask(request, known, sheet("Say more about an episode", text), form)


@treating
def end(request: SignedIn, known: Patient, episode: int) -> HttpResponse:
    """Say since when the patient is back to their own baseline."""
    open_now = {"returned_on": None} if request.method != "POST" else {}  # a second tap finds it ended
    told = get_object_or_404(known.episodes.select_related("patient", "set_by"), pk=episode, **open_now)
    form = EndEpisodeForm(known, told, typed(request), initial={"returned_on": today_of(known)})
    if request.method == "POST" and form.is_valid():
        try:
            episodes.end_episode(request.user, told, form.cleaned_data["returned_on"])
            return done(request, known, "The episode is ended.")
        except Superseded:
            form.add_error(None, OVERTAKEN)
    text = f"Began on {day_words(told.started_on)}, set by {told.set_by}."
    return ask(request, known, sheet("End the episode", text, button="End it"), form)
