"""What is due: of one patient, and of all of a clinician's patients."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import audit
from portal.middleware import SignedIn
from portal.models import User
from tracker import papers, plan
from tracker.forms.clinician import clinics_of
from tracker.forms.days import today_of
from tracker.forms.due import DoneForm, DropForm, DueForm
from tracker.models import DueItem, Patient
from tracker.taps import Repeated
from tracker.timeline import day_words
from tracker.views.acts import Act, ask, typed
from tracker.views.charting import OVERTAKEN, SAVED, done, page, sheet, treating

AHEAD = timedelta(weeks=4)
PER_PAGE = 50
INACTIVE = "Nothing is due of a patient who is not active."


@require_safe
@never_cache
@permission_required(["tracker.view_diary", "tracker.treat_patient"], raise_exception=True)
def everybody(request: SignedIn) -> HttpResponse:
    """What is due within four weeks, overdue first. Queries: the same for any number of patients."""
    today = _today(request.user)
    items = DueItem.objects.visible_to(request.user).due_by(today + AHEAD).select_related("patient")
    shown = Paginator(items, PER_PAGE).get_page(request.GET.get("page", "1"))
    rows = [papers.Due(item, today) for item in shown]
    keys = list(dict.fromkeys(row.item.patient_id for row in rows))
    audit.record(request.user, "due list viewed", "due list", patients=keys)
    return render(request, "tracker/due_everybody.html", {"rows": rows, "page": shown, "today": today})


def _today(user: User) -> date:
    """Which day it is at the first clinic of `user`."""
    clinic = clinics_of(user).first()
    return timezone.localdate(timezone=ZoneInfo(clinic.zone) if clinic else None)


@treating
def due(request: SignedIn, known: Patient) -> HttpResponse:
    """What is due of one patient, what was done or dropped, and a form for more."""
    form = DueForm(known, typed(request))
    active = known.state == Patient.State.ACTIVE
    if request.method == "POST" and form.is_valid():
        if active:
            plan.add_due(request.user, known, DueItem(**form.cleaned_data))
            return done(request, known, "Added.", back="due")
        form.add_error(None, INACTIVE)
    past = known.due_items.exclude(pk__in=DueItem.objects.open()).select_related("set_by").order_by("-due_on")
    rows = papers.due_of(known, today_of(known))
    return page(request, known, "due", form=form, due=rows, past=past[:PER_PAGE], active=active)


@treating
def finish(request: SignedIn, known: Patient, item: int) -> HttpResponse:
    """Say that it was done; one that repeats is due again."""
    held = _item(known, item)
    form = DoneForm(known, typed(request), initial={"on": today_of(known)})
    if request.method == "POST" and form.is_valid():
        try:
            again = plan.finish_due(request.user, held, form.cleaned_data["on"])
            words = f"Done. Due again on {day_words(again.due_on)}." if again else "Done."
            return done(request, known, words, back="due")
        except Repeated:
            return done(request, known, SAVED, back="due")
        except plan.Known:
            form.add_error(None, OVERTAKEN)
    return ask(request, known, _about(held, "Done:", "Save"), form)


@treating
def drop(request: SignedIn, known: Patient, item: int) -> HttpResponse:
    """Say that it will not be done, and why."""
    held = _item(known, item)
    form = DropForm(typed(request))
    if request.method == "POST" and form.is_valid():
        try:
            plan.drop_due(request.user, held, form.cleaned_data["reason"])
            return done(request, known, "Dropped. It stays in the list of what was done.", back="due")
        except Repeated:
            return done(request, known, SAVED, back="due")
        except plan.Known:
            form.add_error(None, OVERTAKEN)
    return ask(request, known, _about(held, "Drop:", "Drop it"), form)


def _item(known: Patient, item: int) -> DueItem:
    return get_object_or_404(known.due_items.select_related("patient"), pk=item)


def _about(held: DueItem, word: str, button: str) -> Act:
    again = f" It is due every {held.every_weeks} weeks." if held.every_weeks else ""
    text = f"Due on {day_words(held.due_on)}.{again}"
    return sheet(f"{word} {held}", text, button=button, back="due")
