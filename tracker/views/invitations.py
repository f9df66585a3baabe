"""Accepting the clinic's invitation: with the account one has, or with a new one.

The link proves the address, so a new account needs no second mail. Who the patient is, is shown
only after acceptance.
"""

from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.contrib import messages as notices
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, ProgrammingError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from portal import audit
from portal.models import User
from tracker import people
from tracker.forms.invitations import AccountForm


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """One link, four readers: invited and signed in, signed in as another, with an account, without."""
    key = people.invitation_key(token)
    offer = people.open_offer(key) if key else None
    if key is None or offer is None:
        return render(request, "tracker/invitation_over.html", {"offer": None}, status=404)
    if offer.expired:
        return render(request, "tracker/invitation_over.html", {"offer": offer}, status=410)
    if isinstance(request.user, User):
        return as_oneself(request, request.user, key, offer)
    if User.objects.filter(email=offer.email).exists():
        return render(request, "tracker/invitation_sign_in.html", {"offer": offer})
    return as_newcomer(request, key, offer)


def as_oneself(request: HttpRequest, user: User, key: UUID, offer: people.Offer) -> HttpResponse:
    """Accept by a button; somebody else's invitation is explained and stays closed."""
    if user.email != offer.email:
        return render(request, "tracker/invitation_other.html", {"offer": offer}, status=403)
    if request.method == "POST":
        return accept(request, user, key, offer)
    return render(request, "tracker/invitation_accept.html", {"offer": offer})


def as_newcomer(request: HttpRequest, key: UUID, offer: people.Offer) -> HttpResponse:
    """Make an account for the invited address, sign in, accept."""
    form = AccountForm(offer.email, request.POST or None, initial={"name": offer.name})
    if not form.is_valid():
        return render(request, "tracker/invitation.html", {"offer": offer, "form": form})
    try:
        user = make_account(offer.email, form.cleaned_data["name"], form.cleaned_data["password"])
    except IntegrityError:  # a second tap: the first one made the account
        return render(request, "tracker/invitation_sign_in.html", {"offer": offer})
    get_adapter().login(request, user)
    return accept(request, user, key, offer)


@transaction.atomic
def make_account(email: str, name: str, password: str) -> User:
    """A family's account with a proven address. Errors: IntegrityError when the address has one."""
    user = User.objects.create_user(email, password, name=name, roles=["family"])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    audit.record(None, "account made by invitation", user)
    return user


def accept(request: HttpRequest, user: User, key: UUID, offer: people.Offer) -> HttpResponse:
    """Take the seat and open the diary; when another tap was faster, say that the link is used."""
    try:
        patient = people.accept(user, key)
    except ProgrammingError:
        return render(request, "tracker/invitation_over.html", {"offer": offer}, status=410)
    if patient is None:
        notices.info(
            request, "Thank you. The diary is not open to you yet; your clinic tells you when it is."
        )
        return redirect("tracker:log")
    notices.success(request, "Welcome. This is the diary; your clinic reads it too.")
    return redirect("tracker:diary", patient.pk)
