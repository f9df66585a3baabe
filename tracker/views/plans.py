"""Treatment plans: new, going on from an earlier one, stopped; each looked at before it is saved."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404

from portal.middleware import SignedIn
from tracker import papers, taps, treatments
from tracker.forms.days import today_of
from tracker.forms.plans import PlanForm
from tracker.forms.reducing import asks_for_steps, going_on, with_steps
from tracker.forms.stopping import StopForm
from tracker.models import Patient, Treatment
from tracker.timeline import day_words
from tracker.views.acts import ask, typed
from tracker.views.charting import OVERTAKEN, done, page, saves, sheet, treating

LET_GO_ON = "change that one to let it go on."


@treating
def plan(request: SignedIn, known: Patient) -> HttpResponse:
    """Plan a treatment: `do` is preview, steps (make them by the rule) or save."""
    return _planned(request, known, None)


@treating
def change(request: SignedIn, known: Patient, treatment: int) -> HttpResponse:
    """Let a new plan go on from an earlier one, which ends the day before and is not rewritten."""
    return _planned(request, known, _told(request, known, treatment))


def _told(request: SignedIn, known: Patient, treatment: int) -> Treatment:
    """Errors: Http404 for another patient's, and for opening one that a later plan goes on from.

    What is sent about such a one is let in: a second tap learns that the first was saved.
    """
    rows = known.treatments.select_related("patient", "replaces")
    return get_object_or_404(rows if request.method == "POST" else rows.unreplaced(), pk=treatment)


def _planned(request: SignedIn, known: Patient, earlier: Treatment | None) -> HttpResponse:
    started = going_on(earlier, today_of(known)) if earlier else {}
    form = PlanForm(known, earlier, typed(request), initial=started)
    valid = form.is_bound and form.is_valid()
    made = form.is_bound and (request.POST.get("do") == "steps" or asks_for_steps(form))
    if made and (data := with_steps(form)) is not None:
        form = PlanForm(known, earlier, data, initial=started)
        valid = form.is_valid()
    if saves(request) and valid and not made:
        try:
            _store(request, known, earlier, form)
            return done(request, known, _words(known, form))
        except taps.Superseded:
            form.add_error(None, OVERTAKEN)
    shown = form.lines() if valid and not form.errors else []
    told = {"form": form, "earlier": earlier, "lines": shown, "made": made and bool(shown)}
    suggested = papers.suggested([form.treatment()], known.marks.all(), today_of(known)) if shown else []
    return page(request, known, "plan", **told, suggested=suggested, agents=papers.AGENTS)


def _store(request: SignedIn, known: Patient, earlier: Treatment | None, form: PlanForm) -> None:
    told, treatment = form.cleaned_data, form.treatment()
    steps = [(step.on, step.amount, told["unit"]) for step in told["steps"]]
    if earlier:
        treatments.change_treatment(request.user, earlier, treatment, steps)
    elif len(told["turns"]) > 1:
        treatments.plan_series(request.user, known, treatment, told["turns"])
    else:
        treatments.plan_treatment(request.user, known, treatment, steps)


def _words(known: Patient, form: PlanForm) -> str:
    missing = papers.suggested([form.treatment()], known.marks.all(), today_of(known))
    marks = " and ".join(mark.label.lower() for mark in missing)
    return (
        f"The plan is saved. No mark says {marks}: look whether to set one."
        if marks
        else "The plan is saved."
    )


@treating
def stop(request: SignedIn, known: Patient, treatment: int) -> HttpResponse:
    """Let a treatment end on a day, or never begin."""
    running = _told(request, known, treatment)
    form = StopForm(running, typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            return done(request, known, _stopped(request, running, form))
        except taps.Superseded:
            form.add_error(None, OVERTAKEN)
    text = [
        f"Since {day_words(running.starts_on)}. What was given stays as it is; no step after the end counts."
    ]
    if form.ahead:
        text = [f"It begins on {day_words(running.starts_on)}. Taken back, it stays in sight as planned."]
    if form.ahead and running.replaces and running.replaces.ends_on:
        text.append(f"The plan before it still ends on {day_words(running.replaces.ends_on)}: {LET_GO_ON}")
    return ask(request, known, sheet(f"Stop {running.agent}", *text, button="Stop it", grave=True), form)


def _stopped(request: SignedIn, running: Treatment, form: StopForm) -> str:
    """Store what the form says, and say so."""
    if form.cleaned_data["ends_on"] is None:
        treatments.take_back(request.user, running, form.note())
        return f"{running.agent} is taken back: it does not begin."
    treatments.stop_treatment(request.user, running, form.cleaned_data["ends_on"], form.note())
    return f"{running.agent} ends."
