"""Who reaches a record: registering a patient, inviting the family, giving, renewing and ending seats."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.mail import send_mail
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from portal import audit, parking
from portal.auth import fresh_to_change
from portal.middleware import SignedIn
from tracker import people
from tracker.forms.clinician import RegisterForm
from tracker.forms.seats import InviteForm, JoinForm, RefuseForm, RenewForm
from tracker.models import Invitation, Patient, Seat
from tracker.models.seats import ENDING_BASES, FAMILY_BASES, Basis
from tracker.timeline import day_words
from tracker.views.acts import Act, ask, heading, typed
from tracker.views.patient import kept_patient

INVITATION_MAIL = """Hello,

{clinic} invites you to Steady, the clinic's diary for families.

Open this link within seven days to begin:
{link}

If you did not expect this, do nothing; the link then expires. Do not pass it on.
"""


CLOSED = "This record is closed to new invitations."


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


@require_safe
@never_cache
@permission_required("tracker.invite_family", raise_exception=True)
def seats(request: SignedIn, key: UUID) -> HttpResponse:
    """Who reaches this record, who may soon, who may not, and what is hidden. Queries: always the same."""
    known = kept_patient(request.user, key)
    held = list(known.seats.held().select_related("user", "decided_by").order_by("basis", "starts_at"))
    family = [seat for seat in held if seat.basis in FAMILY_BASES]
    context = {
        **heading(known),
        "team": [seat for seat in held if seat.basis == Basis.CARE_TEAM],
        "opened": [seat for seat in held if seat.basis == Basis.BREAK_GLASS],
        "family": family,
        "offers": _offers(request, known),
        "refusals": known.refusals.select_related("decided_by").order_by("-at"),
        "hidden": known.redactions.filter(lifted_at=None)
        .select_related("check_in", "hidden_from", "decided_by")
        .order_by("-at"),
        "open": _takes_invitations(known),
        **_hand_over(known, family),
    }
    audit.record(request.user, "seats viewed", known, patient=known.pk)
    return render(request, "tracker/seats.html", context)


def _hand_over(known: Patient, family: list[Seat]) -> dict[str, object]:
    """When the patient begins to decide, and which seats on their behalf outlast that day."""
    moment = people.midnight(known.hand_over_on, known)
    others = [seat for seat in family if seat.basis != Basis.SELF and seat.ends_at]
    return {
        "comes_of_age": moment > timezone.now(),
        "outlasting": [seat for seat in others if seat.ends_at and seat.ends_at > moment],
    }


def _takes_invitations(known: Patient) -> bool:
    return known.state not in (Patient.State.DIED, Patient.State.MERGED)


def _offers(request: SignedIn, known: Patient) -> list[tuple[Invitation, str]]:
    """Open invitations; each with its link to hand over only where no mail goes out."""
    waiting = known.invitations.filter(accepted_at=None, expires_at__gt=timezone.now())
    offers = waiting.select_related("invited_by").order_by("-invited_at")
    return [(offer, "" if settings.PRODUCTION else _link(request, offer)) for offer in offers]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.invite_family", raise_exception=True)
@fresh_to_change
def invite(request: SignedIn, key: UUID) -> HttpResponse:
    """Invite a parent, a guardian or the patient."""
    known = kept_patient(request.user, key)
    act = Act("Invite a parent, a guardian or the patient", (), "Invite")
    if not _takes_invitations(known):
        return ask(request, known, Act(act.title, (CLOSED,)))
    form = InviteForm(request.user, known, typed(request))
    if request.method == "POST" and form.is_valid():
        offer = people.invite(request.user, known, **form.cleaned_data)
        _post(request, offer)
        messages.success(request, "Invited. The link works for seven days.")
        return redirect("tracker:seats", key)
    return ask(request, known, act, form)


def _link(request: SignedIn, offer: Invitation) -> str:
    return request.build_absolute_uri(reverse("tracker:invitation", args=[people.invitation_token(offer)]))


def _post(request: SignedIn, offer: Invitation) -> None:
    """Mail the link; it is queued with the invitation and names no patient and nothing of health."""
    text = INVITATION_MAIL.format(clinic=offer.patient.clinic.name, link=_link(request, offer))
    send_mail("Your invitation to Steady", text, None, [offer.email])


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.invite_family", raise_exception=True)
@fresh_to_change
def withdraw(request: SignedIn, key: UUID, offer: UUID) -> HttpResponse:
    """Ask, then take an open invitation back."""
    known = kept_patient(request.user, key)
    waiting = known.invitations.filter(accepted_at=None, expires_at__gt=timezone.now())
    invitation = get_object_or_404(waiting, pk=offer)
    if request.method == "POST":
        people.withdraw(request.user, invitation)
        messages.success(request, "Withdrawn. The link no longer works.")
        return redirect("tracker:seats", key)
    text = f"{invitation.email}, as {invitation.get_basis_display().lower()}. The link stops working at once."
    title = f"Withdraw the invitation of {invitation.name}?"
    return ask(request, known, Act(title, (text,), "Withdraw it", grave=True))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.invite_family", raise_exception=True)
@fresh_to_change
def refuse(request: SignedIn, key: UUID) -> HttpResponse:
    """Record that somebody asked for a seat and did not get one, and why."""
    known = kept_patient(request.user, key)
    form = RefuseForm(typed(request))
    if request.method == "POST" and form.is_valid():
        people.refuse(request.user, known, **form.cleaned_data)
        messages.success(request, "The refusal is recorded.")
        return redirect("tracker:seats", key)
    text = "It stays with the record, with your name. Nobody is told by Steady."
    return ask(request, known, Act("Record a refusal", (text,), "Record it"), form)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.invite_family", raise_exception=True)
@fresh_to_change
def join(request: SignedIn, key: UUID) -> HttpResponse:
    """Give a colleague of the same clinic a seat on the care team."""
    known = kept_patient(request.user, key)
    form = JoinForm(request.user, known, typed(request))
    if request.method == "POST" and form.is_valid() and _joined(request, known, form):
        messages.success(request, "Your colleague reaches this record from now on.")
        return redirect("tracker:seats", key)
    if not form.offered.exists():
        nobody = "Every other clinician of this clinic is on the care team."
        return ask(request, known, Act("Add a colleague", (nobody,)))
    text = f"Clinicians of {known.clinic.name} who are not on the care team yet."
    return ask(request, known, Act("Add a colleague", (text,), "Add to the care team"), form)


def _joined(request: SignedIn, known: Patient, form: JoinForm) -> bool:
    try:
        people.join_team(request.user, known, form.cleaned_data["colleague"])
    except IntegrityError:  # another tap was faster
        form.add_error("colleague", "They are on the care team already.")
        return False
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.invite_family", raise_exception=True)
@fresh_to_change
def renew(request: SignedIn, key: UUID, seat: int) -> HttpResponse:
    """Let a parent's or guardian's seat last longer, or shorter."""
    known = kept_patient(request.user, key)
    on_behalf = known.seats.held().of_family().filter(basis__in=ENDING_BASES)
    held = get_object_or_404(on_behalf.select_related("user", "patient"), pk=seat)
    usual = {"ends_on": people.usual_end(known)}
    form = RenewForm(known, held.ground, typed(request), initial=usual)
    if request.method == "POST" and form.is_valid():
        people.renew(request.user, held, form.cleaned_data["ends_on"])
        messages.success(request, "Renewed.")
        return redirect("tracker:seats", key)
    until = timezone.localdate(held.ends_at, ZoneInfo(known.zone))
    text = f"{held.get_basis_display()}, {held.get_ground_display().lower()}. Ends on {day_words(until)} now."
    return ask(request, known, Act(f"Until when does {held.user} reach the diary?", (text,), "Save"), form)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.invite_family", raise_exception=True)
@fresh_to_change
def end_seat(request: SignedIn, key: UUID, seat: int) -> HttpResponse:
    """Ask, then end a seat; the last seat on the care team stays, or nobody could reach the record."""
    known = kept_patient(request.user, key)
    held = get_object_or_404(known.seats.held().select_related("user", "patient"), pk=seat)
    try:
        if request.method == "POST":
            people.end_seat(request.user, held)
            messages.success(request, "The seat is ended.")
            mine = held.user_id == request.user.pk and held.basis == Basis.CARE_TEAM
            return redirect("tracker:worklist") if mine else redirect("tracker:seats", key)
        last = people.is_last(held)
    except people.LastSeat:
        last = True
    return ask(request, known, _last_seat(held) if last else _end_of(held))


def _last_seat(held: Seat) -> Act:
    text = "Without a seat on the care team, nobody at the clinic could reach the record."
    return Act("This seat has to stay", (f"{held.user} is the only one on the care team. {text}",))


def _end_of(held: Seat) -> Act:
    text = f"{held.get_basis_display()}. From their next click on they no longer reach this record."
    return Act(f"End the seat of {held.user}?", (f"{text} What they wrote stays.",), "End this seat", True)
