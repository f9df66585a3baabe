"""One page for each act on a record: what it does, what is to be said, a button, a way back."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from portal import audit, parking
from portal.middleware import SignedIn
from tracker.models import Patient
from tracker.worklist import Row


@dataclass(frozen=True)
class Act:
    """What the page says. `text` are its paragraphs; without `button` there is nothing to do.

    `trail` is what the trail calls looking at it.
    """

    title: str
    text: tuple[str, ...]
    button: str = ""
    grave: bool = False
    back: str = "tracker:seats"
    trail: str = "seats viewed"


def heading(known: Patient) -> dict[str, object]:
    """What every page about a record says of it."""
    today = timezone.localdate(timezone=ZoneInfo(known.clinic.zone))
    return {"patient": known, "row": Row(known.status, today), "zone": known.zone}


def typed(request: SignedIn) -> QueryDict | None:
    """What was sent, or what was kept when the session ended."""
    return request.POST if request.method == "POST" else parking.collect(request)


def ask(request: SignedIn, known: Patient, act: Act, form: forms.Form | None = None) -> HttpResponse:
    """The page of an act, not done yet; looking at it is in the trail."""
    audit.record(request.user, act.trail, known, patient=known.pk)
    context = {**heading(known), "act": act, "form": form, "made_for": parking.made_for(request.user)}
    return render(request, "tracker/patient_act.html", context)
