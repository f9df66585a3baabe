"""Who reaches a record: registering a patient, inviting the family, ending a seat."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import audit, parking
from portal.middleware import SignedIn
from tracker import people
from tracker.forms.clinician import InviteForm, RegisterForm
from tracker.models import Invitation, Patient, Seat
from tracker.models.seats import Basis
from tracker.views.patient import clinical_patient
from tracker.worklist import Row

INVITATION_MAIL = """Hello {name},

{clinic} invites you to Steady, the clinic's diary for families.

Open this link within seven days to begin:
{link}

If you did not expect this, do nothing; the link then expires. Do not pass it on.
"""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.register_patient", raise_exception=True)
def register(request: SignedIn) -> HttpResponse:
    """Register a patient, and so take the first seat on the care team."""
    typed = request.POST if request.method == "POST" else parking.collect(request)
    form = RegisterForm(request.user, typed)
    if request.method == "POST" and form.clinics and form.is_valid():
        known = _registered(request, form)
        if known is not None:
            messages.success(request, "Registered. You hold the first seat on the care team.")
            return redirect(known)
    context = {"form": form, "made_for": parking.made_for(request.user)}
    return render(request, "tracker/register.html", context)


def _registered(request: SignedIn, form: RegisterForm) -> Patient | None:
    told = {name: form.cleaned_data[name] for name in ("name", "birth_date", "record_number")}
    try:
        return people.register(request.user, form.chosen_clinic, **told)
    except IntegrityError:  # the database alone knows the patients of colleagues
        form.say_taken()
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.invite_family", raise_exception=True)
def invite(request: SignedIn, key: UUID) -> HttpResponse:
    """Invite a parent, a guardian or the patient; list who is invited and who holds a seat."""
    known = clinical_patient(request.user, key)
    typed = request.POST if request.method == "POST" else parking.collect(request)
    form = InviteForm(known, typed)
    if request.method == "POST" and form.is_valid():
        offer = people.invite(request.user, known, **form.cleaned_data)
        _post(request, offer)
        messages.success(request, "Invited. The link works for seven days.")
        return redirect("tracker:invite", key)
    context = {**_circle(request, known), "form": form, "made_for": parking.made_for(request.user)}
    if request.method != "POST":
        audit.record(request.user, "seats viewed", known, patient=known.pk)
    return render(request, "tracker/invite.html", context)


def _circle(request: SignedIn, known: Patient) -> dict[str, object]:
    """Who reaches the record and who is invited to; links to hand over only where no mail goes out."""
    now = timezone.now()
    today = timezone.localdate(timezone=ZoneInfo(known.clinic.zone))
    waiting = known.invitations.filter(accepted_at=None, expires_at__gt=now).order_by("-invited_at")
    return {
        "patient": known,
        "row": Row(known.status, today),
        "zone": known.clinic.zone,
        "seats": known.seats.current().select_related("user").order_by("basis", "starts_at"),
        "offers": [(offer, "" if settings.PRODUCTION else _link(request, offer)) for offer in waiting],
    }


def _link(request: SignedIn, offer: Invitation) -> str:
    return request.build_absolute_uri(reverse("tracker:invitation", args=[people.invitation_token(offer)]))


def _post(request: SignedIn, offer: Invitation) -> None:
    """Send the link once the invitation is stored; the mail names no patient and nothing of health."""
    text = INVITATION_MAIL.format(
        name=offer.name, clinic=offer.patient.clinic.name, link=_link(request, offer)
    )
    subject = "Your invitation to Steady"
    # A mail server that is away must not undo the invitation; the failure is logged.
    transaction.on_commit(lambda: send_mail(subject, text, None, [offer.email]), robust=True)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.invite_family", raise_exception=True)
def end_seat(request: SignedIn, key: UUID, seat: int) -> HttpResponse:
    """Ask, then end a seat; the last seat on the care team stays, or nobody could reach the record."""
    known = clinical_patient(request.user, key)
    held = get_object_or_404(known.seats.current().select_related("user"), pk=seat)
    last = _is_last(known, held)
    if request.method == "POST" and not last:
        people.end_seat(request.user, held)
        messages.success(request, "The seat is ended.")
        mine = held.user_id == request.user.pk and held.basis == Basis.CARE_TEAM
        return redirect("tracker:worklist") if mine else redirect("tracker:invite", key)
    today = timezone.localdate(timezone=ZoneInfo(known.clinic.zone))
    context = {"patient": known, "row": Row(known.status, today), "seat": held, "last": last}
    return render(request, "tracker/invite_end.html", context)


def _is_last(known: Patient, held: Seat) -> bool:
    """Whether `held` is the only current seat on the care team."""
    team = known.seats.current().filter(basis=Basis.CARE_TEAM)
    return held.basis == Basis.CARE_TEAM and not team.exclude(pk=held.pk).exists()
