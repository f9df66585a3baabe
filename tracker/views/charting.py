"""What all forms of a treating clinician share: who may open them, and what looking at them is called."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import audit, parking
from portal.middleware import SignedIn
from tracker.models import Patient
from tracker.pace import paced
from tracker.taps import Repeated
from tracker.views.acts import Act, heading
from tracker.views.patient import clinical_patient
from tracker.views.refused import keeps_typed

View = Callable[..., HttpResponse]
OPENED = "chart opened"
SAVED = "This was saved already."
OVERTAKEN = "Somebody changed this in the meantime. Look at it again."


def treating(view: View) -> Callable[..., HttpResponseBase]:
    """A page about one patient, for the care team and emergency access; the view gets the patient.

    Everybody else: 403 without the right to treat, 404 without a clinical seat, with what was typed. A
    second tap is told so, and goes where the first went.
    """

    @wraps(view)
    def answered(request: SignedIn, key: UUID, **named: Any) -> HttpResponse:
        known = clinical_patient(request.user, key)
        try:
            return view(request, known, **named)
        except Repeated:
            return done(request, known, SAVED)

    rights = ["tracker.view_diary", "tracker.treat_patient"]
    allowed = permission_required(rights, raise_exception=True)(paced(answered))
    return require_http_methods(["GET", "HEAD", "POST"])(never_cache(keeps_typed(allowed)))


def sheet(title: str, *text: str, button: str = "Save", grave: bool = False, back: str = "patient") -> Act:
    """An act of a treating clinician; `back` is the name of the page it came from."""
    return Act(title, text, button, grave, f"tracker:{back}", OPENED)


def page(request: SignedIn, known: Patient, template: str, **context: object) -> HttpResponse:
    """A form with a page of its own; looking at it is in the trail."""
    audit.record(request.user, OPENED, known, patient=known.pk)
    told = {**heading(known), "made_for": parking.made_for(request.user), **context}
    return render(request, f"tracker/{template}.html", told)


def done(request: SignedIn, known: Patient, words: str, back: str = "patient") -> HttpResponse:
    """Say that it is saved, and go back."""
    messages.success(request, words)
    return redirect(f"tracker:{back}", known.pk)


def saves(request: SignedIn) -> bool:
    """Whether a POST asks to save, rather than for another look at what was typed."""
    return request.method == "POST" and request.POST.get("do", "save") == "save"
