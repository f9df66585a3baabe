"""A family logs how the child is, corrects itself, and takes back what was a mistake."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages as notices
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import audit
from portal.middleware import SignedIn
from portal.models import User
from tracker import diary as words
from tracker import journal
from tracker.forms.family import CheckInForm, MistakeForm, quiet, ratings_of, whole_of
from tracker.journal import Entry
from tracker.models import CheckIn, Patient
from tracker.models.diary import CheckInQuerySet
from tracker.models.seats import Reach
from tracker.scoring import SCALES
from tracker.views.family import about, is_own_form, own_patient, own_patients, typed_by
from tracker.views.patient import doubles

CLOSED = "This diary is closed and takes nothing of that day any more. What you wrote is still here."
OTHER_WORDS = "This was saved before with other words. To save it as another entry, check it and save again."
OVERTAKEN = "This entry was changed or taken back in the meantime. Look at it in the diary before you go on."
TAKEN_BACK = "Taken back. The clinic still sees it, marked as a mistake."


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.log_diary", raise_exception=True)
def check_in(request: SignedIn, key: UUID) -> HttpResponse:
    """Log how the child is. `?kind=home_check` asks for it, `?same=1` and `?quiet=1` answer in one tap."""
    patient = own_patient(request.user, key)
    typed = typed_by(request)
    if typed is None and patient.state != Patient.State.ACTIVE:
        return closed(request, patient)
    kind = (typed or request.GET).get("kind", "")
    last = newest(request.user, patient, kind)
    form = CheckInForm(patient, kind, typed, started(request, kind, last))
    if request.method == "POST" and (stored := save(request, form)):
        return redirect("tracker:saved", stored.patient_id, stored.pk)
    audit.record(request.user, "check-in opened", patient, patient=patient.pk)
    context = {**about(request.user, patient), "form": form, "last": last, **shortcuts(form, last)}
    context["last_check"] = newest(request.user, patient, CheckIn.Kind.HOME_CHECK)
    return render(request, "tracker/check_in.html", context, status=status_of(form))


@require_safe
@never_cache
@permission_required("tracker.log_diary", raise_exception=True)
def saved(request: SignedIn, key: UUID, entry: UUID) -> HttpResponse:
    """The receipt: what the journal read back, and when somebody will look."""
    patient = own_patient(request.user, key)
    stored = get_object_or_404(own(request.user, patient).with_details(), pk=entry)
    audit.record(request.user, "check-in viewed", stored, patient=patient.pk)
    context = {**about(request.user, patient), "line": words.line(stored)}
    context["last_check"] = newest(request.user, patient, CheckIn.Kind.HOME_CHECK)
    return render(request, "tracker/check_in_saved.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.log_diary", raise_exception=True)
def amend(request: SignedIn, key: UUID, entry: UUID) -> HttpResponse:
    """Put an own entry right: a new one replaces it, both stay visible."""
    patient = own_patient(request.user, key)
    wrong = get_object_or_404(own(request.user, patient).with_details(), pk=entry)
    typed = typed_by(request)
    if typed is None and patient.state != Patient.State.ACTIVE:
        return closed(request, patient)
    form = CheckInForm(patient, wrong.kind, typed, {"kind": wrong.kind, **whole_of(wrong)})
    if request.method == "POST" and (right := save(request, form, wrong)):
        return redirect("tracker:saved", patient.pk, right.pk)
    audit.record(request.user, "check-in opened", wrong, patient=patient.pk)
    context = {**about(request.user, patient), "form": form, "wrong": wrong, "mistake": MistakeForm()}
    return render(request, "tracker/check_in_amend.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.log_diary", raise_exception=True)
def mistake(request: SignedIn, key: UUID, entry: UUID) -> HttpResponse:
    """Take an own entry back, with a reason."""
    patient = own_patient(request.user, key)
    wrong = get_object_or_404(own(request.user, patient).with_details(), pk=entry)
    form = MistakeForm(typed_by(request))
    try:
        if request.method == "POST" and form.is_valid() and is_own_form(request):
            journal.mark_in_error(request.user, wrong, form.cleaned_data["reason"])
            notices.success(request, TAKEN_BACK)
            return redirect("tracker:diary", patient.pk)
    except journal.Superseded:
        notices.warning(request, OVERTAKEN)
        return redirect("tracker:diary", patient.pk)
    audit.record(request.user, "check-in viewed", wrong, patient=patient.pk)
    context = {**about(request.user, patient), "mistake": form, "wrong": wrong, "line": words.line(wrong)}
    return render(request, "tracker/check_in_mistake.html", context)


def own(user: User, patient: Patient) -> CheckInQuerySet:
    """Entries that `user` made about `patient`, without marks of error."""
    return CheckIn.objects.visible_to(user).filter(patient=patient, author=user, error_reason="")


def newest(user: User, patient: Patient, kind: str) -> CheckIn | None:
    """The newest standing entry of a kind by anyone of the family; daily for a kind unknown."""
    known = kind if kind in SCALES else CheckIn.Kind.DAILY
    told = CheckIn.objects.visible_to(user).standing().filter(patient=patient, kind=known)
    return told.prefetch_related("ratings").order_by("-local_date", "-occurred_at").first()


def started(request: SignedIn, kind: str, last: CheckIn | None) -> dict[str, Any]:
    """The first answers of a fresh form: what the family asked for by a link, else none."""
    scale = SCALES.get(kind, SCALES["daily"])
    chosen = {"kind": kind if kind in SCALES else CheckIn.Kind.DAILY.value}
    if "same" in request.GET and last is not None:
        return {**chosen, **ratings_of(last)}
    return {**chosen, **(quiet(scale) if "quiet" in request.GET else {})}


def shortcuts(form: CheckInForm, last: CheckIn | None) -> dict[str, Any]:
    """Answers in one tap, offered for the daily check-in alone: a weekly one is to be thought about."""
    if form.scale.scored:
        return {}
    told = {"quiet": quiet(form.scale), "same": ratings_of(last) if last else None}
    return {name: json.dumps(answers) for name, answers in told.items() if answers}


def save(request: SignedIn, form: CheckInForm, wrong: CheckIn | None = None) -> CheckIn | None:
    """Store a valid form and give the entry as read back; None leaves the form to say what is missing."""
    if not form.is_valid() or not is_own_form(request):
        return None
    entry, key = form.entry(), form.cleaned_data["key"]
    patient = form.patient if wrong else goes_on_in(request.user, form.patient, entry, key)
    if wrong is not None:  # what was told in private stays so
        entry = replace(entry, kind=wrong.kind, audience=Reach(wrong.audience))
    try:
        return journal.record(request.user, patient, key, entry, replaces=wrong)
    except journal.Closed:
        form.add_error(None, ValidationError(CLOSED, code="closed"))
    except journal.Conflict as conflict:
        form.add_error(None, OVERTAKEN if isinstance(conflict, journal.Superseded) else OTHER_WORDS)
        form.renew_key()
    return None


def goes_on_in(user: User, patient: Patient, entry: Entry, key: UUID) -> Patient:
    """Where an entry belongs: after a merger, in the record that goes on, unless it was taken before."""
    if patient.takes_entries_of(entry.local_date) or own(user, patient).filter(key=key).exists():
        return patient
    return own_patients(user).filter(duplicates=patient).first() or patient


def status_of(form: CheckInForm) -> int:
    """409 where the diary is closed, so that a device keeps what it could not hand in."""
    return 409 if form.has_error(NON_FIELD_ERRORS, "closed") else 200


def closed(request: SignedIn, patient: Patient) -> HttpResponse:
    """Why there is no form."""
    audit.record(request.user, "check-in opened", patient, patient=patient.pk)
    context = {**about(request.user, patient), **doubles(own_patients(request.user), patient)}
    return render(request, "tracker/check_in_closed.html", context)
