"""A clinic's rules: what is in force and why, a try-out on past diaries, and what came of its flags."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import audit
from portal.auth import fresh_to_change
from portal.middleware import SignedIn
from tracker import rules as decisions
from tracker import trials, yields
from tracker.forms.clinician import clinics_of
from tracker.forms.rules import RulesForm
from tracker.models import Clinic, Patient, Rules
from tracker.models.people import PatientQuerySet
from tracker.models.seats import Reach
from tracker.worklist.terms import NAMES, STANDARD

SALT = "tracker.rules.trial"
USUAL = {f"{name}_days": float(getattr(STANDARD, name)) for name in NAMES}
TRIED_FOR = 3600  # seconds for which a try-out may be acted on


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required(["tracker.view_diary", "tracker.set_rules"], raise_exception=True)
@fresh_to_change
def rules(request: SignedIn, clinic: int) -> HttpResponse:
    """Look, try out, then decide: numbers take effect only as they were tried."""
    ours = get_object_or_404(clinics_of(request.user), pk=clinic)
    now = decisions.in_force(ours)
    form = RulesForm(now, USUAL, request.POST or None)
    context: dict[str, object] = {"clinic": ours, "rules": now, "form": form}
    if request.method == "POST" and form.is_valid():
        proposed = form.rules()
        proposed.clinic = ours
        if kept := _tried(request, proposed):
            proposed.trial = kept
            decisions.decide(request.user, proposed)
            messages.success(request, "The new rules are in force.")
            return redirect("tracker:rules", clinic)
        context |= _trial(request, ours, now, proposed)
    seen = _patients(request, ours)
    since = timezone.now() - timedelta(days=trials.TRIED_DAYS)
    context |= {"yields": yields.yields(seen, since), "earlier": ours.rules.select_related("author")[:20]}
    audit.record(request.user, "rules viewed", ours)
    return render(request, "tracker/rules.html", context)


def _patients(request: SignedIn, clinic: Clinic) -> PatientQuerySet:
    seen = Patient.objects.visible_to(request.user, Reach.CLINICAL).filter(clinic=clinic)
    return seen.filter(state=Patient.State.ACTIVE).order_by("-status__last_received_at")


def _trial(request: SignedIn, clinic: Clinic, now: Rules | None, proposed: Rules) -> dict[str, object]:
    """A try-out over the clinic's patients whom the reader sees, and the ticket that lets it take effect."""
    everybody = _patients(request, clinic)
    seen = list(everybody[: trials.MOST_TRIED])
    today = timezone.localdate(timezone=ZoneInfo(clinic.zone))
    trial = trials.try_out(seen, everybody, now, proposed, today)
    audit.record(request.user, "rules tried out", clinic, patients=[patient.pk for patient in seen])
    ticket = signing.dumps([_numbers(proposed), trial.kept()], salt=SALT)
    return {"trial": trial, "ticket": ticket}


def _tried(request: SignedIn, proposed: Rules) -> dict[str, object] | None:
    """What the try-out of just these numbers said, when this form brings its ticket."""
    try:
        numbers, kept = signing.loads(request.POST.get("ticket", ""), salt=SALT, max_age=TRIED_FOR)
    except signing.BadSignature:
        return None
    return kept if numbers == _numbers(proposed) else None


def _numbers(rules: Rules) -> list[object]:
    return [rules.clinic_id, rules.mode, rules.detector, rules.worklist]
