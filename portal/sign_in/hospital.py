"""A hospital's own sign-in by OpenID Connect, where settings name one; it opens accounts and makes none.

What the hospital says of a person is checked and forgotten: an account keeps only a digest by which it
knows the person again. allauth does the protocol; the ID token comes straight from the hospital's server
over TLS, so its signature is not asked for (OpenID Connect Core 3.1.3.7, 6).
"""

import base64
import hashlib
import logging
import time
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.stages import AuthenticateStage
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import ProviderException
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.openid_connect import views
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from requests import RequestException

from portal import audit
from portal.models import User

log = logging.getLogger("portal.sign_in.hospital")
View = Callable[[HttpRequest, str], HttpResponse]

UNINVITED = "Your hospital's sign-in worked, but nobody has invited this address yet."
SWITCHED_OFF = "Your hospital's sign-in worked, but your account here is switched off."
SIGNED_IN = "Somebody is signed in on this browser. Sign out first, then try again."
FAILED = "Your hospital's sign-in did not work. Try again, or use your password or passkey."
AWAY = "Your hospital's sign-in does not answer. Try again later, or use your password or passkey."

SECOND_FACTOR = "hospital's second factor"
# What `acr` calls a sign-in by two factors, beside the word "mfa" in `amr` (RFC 8176): REFEDS MFA, PAPE,
# and the two phishing-resistant classes of OpenID's EAP.
BY_TWO_FACTORS = {
    "https://refeds.org/profile/mfa",
    "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
    "phr",
    "phrh",
}

Claims = Mapping[str, Any]


class Hospital(OpenIDConnectProvider):
    """Signs in and nothing else, with PKCE and a nonce derived from it."""

    pkce_enabled_default = True

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Where to go afterwards; allauth would take scope and parameters from the address, too."""
        return {"process": AuthProcess.LOGIN, "next_url": get_next_redirect_url(request)}

    def get_pkce_params(self) -> dict[str, Any]:
        """The challenge is the nonce as well: its secret waits in the session of this browser alone."""
        params: dict[str, Any] = super().get_pkce_params()
        return {**params, "nonce": params["code_challenge"]}

    def sociallogin_from_response(self, request: HttpRequest, response: dict[str, Any]) -> SocialLogin:
        """Errors: ProviderException for no ID token, one without an end, or a page of somebody else."""
        told = response.get("id_token", {})
        page = response.get("userinfo", {})
        if not {"iss", "sub", "exp"} <= told.keys() or page.get("sub") != told["sub"]:
            raise ProviderException("This is not a whole answer.")
        login = super().sociallogin_from_response(request, response)
        login.claims = told
        return login

    def extract_uid(self, data: dict[str, Claims]) -> str:
        """64 hex digits; the issuer is in them, as another one may number its people alike."""
        told = data["id_token"]
        return hashlib.sha256(f"{told['iss']} {told['sub']}".encode()).hexdigest()

    def extract_extra_data(self, data: dict[str, Claims]) -> dict[str, Any]:
        """Nothing that the hospital tells of a person is kept."""
        return {}

    def extract_email_addresses(self, data: dict[str, Claims]) -> list[EmailAddress]:
        """Only what the hospital says it has verified, and in the one way that is not a word."""
        return [each for each in super().extract_email_addresses(data) if each.verified is True]


class HospitalAdapter(DefaultSocialAccountAdapter):
    """Signs in whom a clinic has invited; everybody else gets a page with a sentence."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The hospital of the settings; a row in the database makes none."""
        return [
            SocialApp(provider=Hospital.id, **known)
            for known in settings.HOSPITALS
            if provider in {None, known["provider_id"]} or client_id == known["client_id"]
        ]

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> Hospital:
        """Errors: SocialApp.DoesNotExist where settings name no such hospital."""
        return Hospital(request, app=self.get_app(request, provider, client_id))

    def authenticate_by_email(self, sociallogin: SocialLogin) -> tuple[User, str] | None:
        """The account with an address that both sides have verified."""
        verified = [address.email for address in sociallogin.email_addresses if address.verified]
        known = EmailAddress.objects.filter(email__in=verified, verified=True).select_related("user").first()
        return (known.user, known.email) if known else None

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Let in an active account, with its second factor where the hospital asked for one.

        Errors: ProviderException for an answer to another browser's question; ImmediateHttpResponse with
        a page for everybody who is not let in.
        """
        sociallogin.token = None  # a sign-in that waits for its second step lies in the session
        if sociallogin.claims.get("nonce") != nonce_of(sociallogin.state):
            raise ProviderException("This answers another question.")
        if request.user.is_authenticated:
            raise ImmediateHttpResponse(refusal(request, SIGNED_IN))
        user = sociallogin.user if sociallogin.is_existing else None
        if user is None or not user.is_active:
            audit.record(None, "hospital's sign-in refused", user or "")
            raise ImmediateHttpResponse(refusal(request, SWITCHED_OFF if user else UNINVITED))
        if is_by_two_factors(sociallogin.claims):
            at = min(sociallogin.claims.get("auth_time") or 0, time.time())  # its session may be hours old
            record_authentication(request, user, "mfa", type=SECOND_FACTOR, at=at)

    def on_authentication_error(self, request: HttpRequest, provider: Hospital, **told: Any) -> None:
        """Errors: ImmediateHttpResponse, always: one page for every way in which it can fail."""
        audit.record(None, "hospital's sign-in failed")
        raise ImmediateHttpResponse(refusal(request, FAILED))


class SecondStep(AuthenticateStage):
    """The second step at sign-in, which the hospital may have taken already."""

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """The page that asks for the step, if any, and whether to go on."""
        proofs = get_authentication_records(self.request, self.login.user)
        if any(proof.get("type") == SECOND_FACTOR for proof in proofs):
            return None, True
        answer: tuple[HttpResponse | None, bool] = super().handle()
        return answer


def nonce_of(state: Mapping[str, Any]) -> str:
    """The nonce that was sent with this state: the challenge to its secret, RFC 7636 section 4.2."""
    digest = hashlib.sha256(state["pkce_code_verifier"].encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def is_by_two_factors(claims: Claims) -> bool:
    """Whether the hospital asked for a second factor, in this sign-in or an earlier one of its session."""
    return "mfa" in set(claims.get("amr") or []) or claims.get("acr") in BY_TWO_FACTORS


def refusal(request: HttpRequest, sentence: str, status: int = 403) -> HttpResponse:
    """A page that says why, and how else to sign in."""
    return render(request, "portal/hospital_refused.html", {"sentence": sentence}, status=status)


def explained(view: View) -> View:
    """Answer 503 with a sentence where the hospital's server does not answer."""

    @wraps(view)
    def answered(request: HttpRequest, provider_id: str) -> HttpResponse:
        try:
            return view(request, provider_id)
        except RequestException as error:
            log.warning("hospital's sign-in is away", exc_info=error)
            return refusal(request, AWAY, 503)

    return answered


enter = explained(views.login)
arrive = explained(views.callback)
