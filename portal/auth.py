"""How people sign in, how they prove it again, and how `has_perm()` is answered."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.core import context as current
from allauth.core.internal.httpkit import serialize_request
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from portal import audit
from portal.models import User
from portal.roles import rights_of
from portal.sign_in import browsers, factors

View = Callable[..., HttpResponseBase]


class RoleBackend(AuthenticationBackend):
    """Sign in by e-mail; answer has_perm() from GRANTS, so views, templates and admin agree."""

    def get_all_permissions(self, user_obj: User, obj: object = None) -> set[str]:
        """Rights of an active user; none for one particular object, since seats decide that."""
        known = user_obj.is_active and not user_obj.is_anonymous and obj is None
        return set(rights_of(user_obj.roles)) if known else set()

    def has_perm(self, user_obj: User, perm: str, obj: object = None) -> bool:
        """Whether GRANTS gives `perm` to one of the user's roles."""
        return perm in self.get_all_permissions(user_obj, obj)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are by invitation; every sign-in and change of one is on the trail."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address or the password is not correct.",
        "too_many_login_attempts": (
            "There were too many attempts. Wait five minutes, use a passkey, or choose a new password."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves."""
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        """Begin the session, list it among the person's own, and note by what they proved themselves."""
        super().login(request, user)
        UserSession.objects.create_from_request(request)
        proofs = [proof.get("type", proof["method"]) for proof in get_authentication_records(request, user)]
        audit.record(user, f"signed in ({', '.join(proofs) or 'invitation'})"[:60], user)

    def post_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse:
        """Tell the person of a browser that is new, and keep a passkey's session where asked to."""
        response: HttpResponse = super().post_login(request, user, **facts)
        if request.POST.get("remember"):  # a password's form sets this by itself
            request.session.set_expiry(settings.SESSION_COOKIE_AGE)
        if not browsers.has_seen(request, user):
            self.send_notification_mail("account/email/new_browser", user)
        browsers.remember(request, response, user)
        return response

    def logout(self, request: HttpRequest) -> None:
        """End the session."""
        audit.record(request.user, "signed out")
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note whose account was tried, never what was typed."""
        known = User.objects.filter(email=str(credentials.get("email", "")).lower()).first()
        audit.record(request.user, "sign-in failed", known or "")

    def get_login_stages(self) -> list[str]:
        """A second factor that was asked for at the hospital is not asked for again."""
        ours = {"allauth.mfa.stages.AuthenticateStage": "portal.sign_in.hospital.SecondStep"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def reauthenticate(self, user: User, password: str) -> bool:
        """Whether the password is theirs."""
        proved = bool(super().reauthenticate(user, password))
        if proved:
            audit.record(user, "confirmed by password", user)
        return proved

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """A fresh sign-in is proof enough for allauth's own pages as well."""
        return not is_fresh(current.request)

    def get_reauthentication_methods(self, user: User | AnonymousUser) -> list[dict[str, Any]]:
        """Whoever has a second factor proves themselves by it, the passkey first."""
        methods = super().get_reauthentication_methods(user)
        proofs = [method for method in methods if method["id"] != "reauthenticate"]
        return proofs[::-1] or methods

    def send_notification_mail(
        self, template_prefix: str, user: User, context: Any = None, email: str | None = None
    ) -> None:
        """Every change of an account passes here: put it on the trail and into a mail to its person.

        A factor that was just set up has just been proved, too.
        """
        action = template_prefix.rpartition("/")[2].replace("_", " ")
        audit.record(user, action, user)
        if action in {"totp activated", "webauthn added"}:
            kind = action.partition(" ")[0]
            record_authentication(self.request, user, "mfa", type=kind, reauthenticated=True)
        with current.request_context(self.request):  # some are told after the commit, outside of it
            super().send_notification_mail(template_prefix, user, context, email)


def is_fresh(request: HttpRequest) -> bool:
    """Whether the person proved themselves within ACCOUNT_REAUTHENTICATION_TIMEOUT seconds.

    Who has a second factor must have used it; a password alone is not enough then.
    """
    since = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    recent = [proof for proof in get_authentication_records(request, request.user) if proof["at"] > since]
    return any(proof["method"] == "mfa" for proof in recent) or (
        bool(recent) and not factors.has_one(request.user)
    )


def fresh(view: View) -> View:
    """Ask "is it still you?" before `view`, unless that was proved in the last five minutes.

    A form that was sent is kept in the sealed session and goes through afterwards.
    """

    @wraps(view)
    def proved(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
        if is_fresh(request):
            return view(request, *arguments, **named)
        return _ask_again(request)

    return proved


def fresh_when(matters: Callable[[HttpRequest], bool]) -> Callable[[View], View]:
    """As `fresh`, for those requests alone that matter so much."""

    def decorated(view: View) -> View:
        proved = fresh(view)

        @wraps(view)
        def asked(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponseBase:
            return (proved if matters(request) else view)(request, *arguments, **named)

        return asked

    return decorated


# For a page that anybody with the right may look at: only its POST asks.
fresh_to_change = fresh_when(lambda request: request.method == "POST")


def _ask_again(request: HttpRequest) -> HttpResponse:
    ways = AccountAdapter().get_reauthentication_methods(request.user)
    if not ways:
        raise PermissionDenied
    address = ways[0]["url"]
    htmx = HtmxDetails(request)
    if htmx:
        back = redirect_to_login(htmx.current_url_abs_path or "/", address)
        return HttpResponse(status=401, headers={"HX-Redirect": back.url})
    if request.method != "POST":
        return redirect_to_login(request.get_full_path(), address)
    request.session[STATE_SESSION_KEY] = {"request": serialize_request(request)}
    return redirect_to_login(request.path, address)  # allauth finds the form by the path alone
