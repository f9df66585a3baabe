"""The one door: guessing, telling accounts apart, second factors demanded, proofs kept fresh, the trail."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from allauth.core.context import request_context
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, path, reverse
from pytest_django import Settings

from portal import urls
from portal.auth import AccountAdapter, fresh
from portal.identity import acting_as
from portal.models import AuditEvent, User
from tests.cast import PASSWORD
from tests.portal.conftest import Clock, code_of, disable, enter
from tests.test_access import routes

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
STAFF = ["clinician", "editor", "reviewer", "administrator", "auditor", "doctor_parent"]


@pytest.fixture
def evaluated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done with a password: one word for each hash computed."""
    done: list[str] = []
    for name in ("verify", "encode"):
        real = getattr(MD5PasswordHasher, name)

        def counted(self: object, *arguments: object, real: Callable = real) -> object:
            if not threading.current_thread().__dict__.get("inside"):  # MD5's verify encodes once more
                done.append("hash")
            threading.current_thread().inside = True
            try:
                return real(self, *arguments)
            finally:
                threading.current_thread().inside = False

        monkeypatch.setattr(MD5PasswordHasher, name, counted)
    return done


def trail(auditor: User) -> list[tuple[str, str, str]]:
    with acting_as(auditor):
        return list(AuditEvent.objects.order_by("at").values_list("actor_name", "action", "target"))


# Guessing


@pytest.mark.django_db(transaction=True)
def test_of_200_guesses_at_once_five_are_evaluated(
    evaluated: list[str], clinician: User, clock: Clock
) -> None:
    """Each from another address, so that only the count by account stands in the way."""

    def guess(number: int) -> int:
        try:
            browser = Client(REMOTE_ADDR=f"10.0.{number // 200}.{number % 200 + 1}")
            told = {"login": clinician.email, "password": f"wrong guess {number}"}
            return browser.post("/accounts/login/", told).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        statuses = set(pool.map(guess, range(200)))
    assert statuses == {200}
    assert 1 <= len(evaluated) <= 5

    owner = Client(REMOTE_ADDR="10.9.9.9")
    page = owner.post("/accounts/login/", {"login": clinician.email, "password": PASSWORD})
    assert b"too many attempts" in page.content
    assert (
        owner.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"}).status_code == 200
    )
    tried = owner.post("/accounts/2fa/webauthn/login/", {"credential": '{"id": "x"}'}, follow=True)
    assert b"not a passkey&#x27;s answer" in tried.content

    clock.move(minutes=5, seconds=1)
    page = owner.post("/accounts/login/", {"login": clinician.email, "password": PASSWORD})
    assert page.status_code == 302


def test_counts_survive_many_made_up_addresses(clinician: User, evaluated: list[str]) -> None:
    """Django's database cache keeps 300 entries unless told otherwise, and would forget a count."""
    for number in range(6):
        Client(REMOTE_ADDR=f"10.1.0.{number + 1}").post(
            "/accounts/login/", {"login": clinician.email, "password": "wrong"}
        )
    assert len(evaluated) == 5
    for number in range(400):  # as many sign-ins with made-up addresses would
        cache.set(f"made-up-{number}", [], timeout=300)
    evaluated.clear()
    Client(REMOTE_ADDR="10.3.0.1").post("/accounts/login/", {"login": clinician.email, "password": "wrong"})
    assert evaluated == []


def test_callers_count_by_the_address_that_our_proxy_reports(
    settings: Settings, evaluated: list[str]
) -> None:
    """A forged first entry moves nothing."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(20):
        Client(headers={"x-forwarded-for": f"10.0.0.{number}, 203.0.113.7"}).post(
            "/accounts/login/", {"login": f"nobody{number}@test.example", "password": "wrong"}
        )
    assert len(evaluated) == 10  # a minute for one address


# Telling accounts apart


def bare(page: HttpResponse) -> str:
    """A page without its token and without what was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.content.decode())
    return re.sub(r"[a-z_]+@test\.example", "", text)


@pytest.mark.parametrize("state", ["with a password", "without a password", "disabled"])
def test_known_and_unknown_addresses_are_answered_alike(
    state: str, clinician: User, administrator: User, sign_in: Callable, evaluated: list[str]
) -> None:
    if state == "without a password":
        clinician.set_unusable_password()
        clinician.save()
    if state == "disabled":
        disable(sign_in(administrator), clinician)
    answers, hashes = [], []
    for login in (clinician.email, "unknown@test.example"):
        evaluated.clear()
        page = Client().post("/accounts/login/", {"login": login, "password": "a wrong password"})
        answers.append((page.status_code, bare(page)))
        hashes.append(len(evaluated))
    assert answers[0] == answers[1]
    assert hashes == [1, 1]


def test_reset_is_answered_alike_and_mails_both(family: User) -> None:
    answers = []
    for email in (family.email, "unknown@test.example"):
        page = Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        answers.append((page.status_code, page.redirect_chain, bare(page)))
    assert answers[0] == answers[1]
    assert [message.to for message in mail.outbox] == [[family.email], ["unknown@test.example"]]


# Doors


def test_admin_has_the_same_door() -> None:
    page = Client().post("/admin/login/", {"username": "x", "password": "y", "next": "/admin/"})
    assert page.headers["Location"].startswith("/accounts/login/")


def test_no_other_door_signs_anybody_in() -> None:
    """Every sign-in passes the adapter, which notes it; Django's own login() is called by nobody here."""
    calls = [
        str(source)
        for app in ("portal", "conditions", "tracker")
        for source in (ROOT / app).rglob("*.py")
        if re.search(r"contrib\.auth import [^\n]*\blogin\b(?!_)", source.read_text())
    ]
    assert calls == []


@pytest.mark.parametrize("word", STAFF)
def test_staff_without_a_factor_reach_only_set_up(
    word: str, settings: Settings, sign_in: Callable, request: pytest.FixtureRequest
) -> None:
    settings.SECOND_FACTOR_DEMANDED = True
    browser = sign_in(request.getfixturevalue(word))
    reached = set()
    for route, _ in routes():
        try:
            answer = browser.get(reverse(route))
        except NoReverseMatch:  # needs an argument; the middleware does not look at it
            continue
        if answer.headers.get("Location") != "/accounts/2fa/":
            reached.add(route)
    allowed = {"account_reauthenticate", "account_logout", "account_change_password"}
    assert {route for route in reached if not route.startswith("mfa_")} == allowed


def test_page_says_why(settings: Settings, sign_in: Callable, clinician: User, family: User) -> None:
    settings.SECOND_FACTOR_DEMANDED = True
    assert b"Set one of these up to go on" in sign_in(clinician).get("/accounts/2fa/").content
    page = sign_in(family).get("/accounts/2fa/")
    assert b"You need not, but it is a good idea" in page.content


def test_demo_says_that_it_asks_for_one_step(settings: Settings, client: Client) -> None:
    settings.DEMO = True
    assert b"does not ask for it" in client.get("/accounts/login/").content
    settings.SECOND_FACTOR_DEMANDED = True
    assert b"does not ask for it" not in client.get("/accounts/login/").content


# Is it still you?


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> str:
    """An address behind `fresh` that says what it was sent."""

    @fresh
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"{request.method} {request.POST.get('text', '')} by {request.user.email}")

    from django.urls import clear_url_caches

    monkeypatch.setattr(urls, "urlpatterns", [path("guarded/", view), *urls.urlpatterns])
    clear_url_caches()
    yield "/guarded/"
    clear_url_caches()


def test_a_six_minute_old_sign_in_is_asked_again(guarded: str, clock: Clock, family: User) -> None:
    browser = enter(family)
    clock.move(minutes=4)
    assert browser.get(guarded).status_code == 200
    clock.move(minutes=2)
    again = browser.get(f"{guarded}?page=2")
    assert again.headers["Location"] == "/accounts/reauthenticate/?next=/guarded/%3Fpage%3D2"
    assert browser.post(again.headers["Location"], {"password": "wrong"}).status_code == 200
    done = browser.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/guarded/?page=2"})
    assert done.headers["Location"] == "/guarded/?page=2"
    assert browser.get(guarded).status_code == 200


def test_a_typed_form_goes_through_afterwards(guarded: str, clock: Clock, family: User) -> None:
    browser = enter(family)
    clock.move(minutes=6)
    asked = browser.post(f"{guarded}?filter=x", {"text": "ataxia worse since Monday"})
    assert asked.headers["Location"] == "/accounts/reauthenticate/?next=/guarded/"
    kept = Session.objects.get(session_key=browser.session.session_key)
    assert "suspended" not in kept.session_data
    assert b"ataxia" not in raw(kept)
    page = browser.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/guarded/"})
    assert page.content == f"POST ataxia worse since Monday by {family.email}".encode()


def raw(session: Session) -> bytes:
    """What the row holds once Django's signature and compression are taken off."""
    from django.core import signing

    bytes_only = SimpleNamespace(loads=lambda data: data)
    return signing.loads(
        session.session_data, salt="django.contrib.sessions.SessionStore", serializer=lambda: bytes_only
    )


def test_a_password_is_no_proof_for_whoever_has_a_factor(
    guarded: str, clock: Clock, clinician: User, with_app: Callable
) -> None:
    browser = enter(clinician)
    secret = with_app(clinician)
    assert browser.get(guarded).headers["Location"] == "/accounts/2fa/reauthenticate/?next=/guarded/"
    # The page for the password sends on to the one for the code.
    assert browser.get("/accounts/reauthenticate/").headers["Location"] == "/accounts/2fa/reauthenticate/"
    tried = browser.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": guarded})
    assert tried.headers["Location"].startswith("/accounts/2fa/reauthenticate/")
    code = code_of(secret, clock.time())
    assert browser.post("/accounts/2fa/reauthenticate/", {"code": code, "next": guarded}).status_code == 302
    assert browser.get(guarded).status_code == 200


def test_a_sign_in_with_the_factor_is_fresh(
    guarded: str, clock: Clock, clinician: User, with_app: Callable
) -> None:
    secret = with_app(clinician)
    browser = enter(clinician)
    assert (
        browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret, clock.time())}).status_code
        == 302
    )
    assert browser.get(guarded).status_code == 200


def test_htmx_is_told_where_to_prove_it(guarded: str, clock: Clock, family: User) -> None:
    browser = enter(family)
    clock.move(minutes=6)
    swap = {"HX-Request": "true", "HX-Current-URL": "http://testserver/log/"}
    answer = browser.post(guarded, {"text": "x"}, headers=swap)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/accounts/reauthenticate/?next=/log/"


def test_who_has_no_way_to_prove_it_is_refused(guarded: str, family: User) -> None:
    family.set_unusable_password()
    family.save()
    browser = Client()
    browser.force_login(family)
    assert browser.get(guarded).status_code == 403


def test_factors_are_changed_by_a_fresh_proof_only(clock: Clock, family: User, with_app: Callable) -> None:
    with_app(family)
    browser = Client()
    browser.force_login(family)
    clock.move(minutes=6)
    for page in ("totp/deactivate/", "webauthn/add/", "recovery-codes/generate/"):
        answer = browser.get(f"/accounts/2fa/{page}")
        assert answer.headers["Location"].startswith("/accounts/2fa/reauthenticate/")


# Trail and mail


def test_sign_ins_are_on_the_trail(auditor: User, clinician: User, with_app: Callable, clock: Clock) -> None:
    Client().post("/accounts/login/", {"login": "somebody@test.example", "password": "typed in haste"})
    Client().post("/accounts/login/", {"login": clinician.email, "password": "typed in haste"})
    secret = with_app(clinician)
    browser = enter(clinician)
    browser.post("/accounts/2fa/authenticate/", {"code": "000000"})
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret, clock.time())})
    browser.post("/accounts/logout/")
    me = f"User {clinician.pk}"
    assert trail(auditor) == [
        ("not signed in", "sign-in failed", ""),
        ("not signed in", "sign-in failed", me),
        ("not signed in", "second factor failed", me),
        (clinician.email, "signed in (password, totp)", me),
        (clinician.email, "new browser", me),
        (clinician.email, "signed out", ""),
    ]


def test_confirmations_are_on_the_trail(
    auditor: User, family: User, with_app: Callable, clock: Clock
) -> None:
    browser = enter(family)
    browser.post("/accounts/reauthenticate/", {"password": "wrong"})
    browser.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = with_app(family)
    browser.post("/accounts/2fa/reauthenticate/", {"code": "000000"})
    browser.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret, clock.time())})
    assert [action for _, action, _ in trail(auditor)][2:] == [
        "sign-in failed",
        "confirmed by password",
        "confirmation failed",
        "confirmed by code",
    ]


def told() -> list[tuple[str, str]]:
    """The mails so far: to whom and of what."""
    return [(message.to[0], message.subject.removeprefix("Steady: ")) for message in mail.outbox]


def test_a_new_browser_is_told_once(family: User, other_family: User) -> None:
    browser = enter(family)
    cookie = browser.cookies["browser"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert family.email not in cookie.value
    for _ in range(2):
        browser.post("/accounts/logout/")
        enter(family, browser)
    assert told() == [(family.email, "a sign-in from a new browser")]
    browser.post("/accounts/logout/")
    enter(other_family, browser)
    browser.post("/accounts/logout/")
    enter(family, browser)
    assert [person for person, _ in told()] == [family.email, other_family.email]
    forged = Client()
    forged.cookies["browser"] = cookie.value[:-2] + "xx"
    enter(family, forged)
    assert len(told()) == 3


EVENTS = [
    "account/email/new_browser",
    "account/email/password_changed",
    "account/email/password_reset",
    "account/email/password_set",
    "account/email/email_confirm",
    "mfa/email/totp_activated",
    "mfa/email/totp_deactivated",
    "mfa/email/webauthn_added",
    "mfa/email/webauthn_removed",
    "mfa/email/recovery_codes_generated",
]


@pytest.fixture
def notify(client: Client, family: User, rf: RequestFactory) -> Callable[..., EmailMessage]:
    """notify(template): what allauth does when something about an account changed; gives the mail."""
    request = rf.post("/", headers={"user-agent": "Firefox"})
    request.user, request.session = family, client.session

    def notified(*arguments: object) -> EmailMessage:
        with request_context(request), acting_as(family):
            AccountAdapter().send_notification_mail(*arguments)
        (message,) = mail.outbox
        return message

    return notified


@pytest.mark.parametrize("template", EVENTS)
def test_mails_say_what_when_and_what_to_do(
    template: str, family: User, notify: Callable[..., EmailMessage], clock: Clock
) -> None:
    message = notify(template, family)
    assert message.to == [family.email]
    assert message.subject.startswith("Steady: ")
    assert f"{clock.now():%H:%M} (UTC)" in message.body
    assert "If it was not" in message.body
    assert family.name not in message.body
    assert not re.search(r"https?://|127\.0\.0\.1|Firefox|&#|patient|child", message.body)


def test_an_address_that_changes_is_told_at_once(family: User, notify: Callable[..., EmailMessage]) -> None:
    changed = {"to_email": "new@test.example"}
    message = notify("account/email/email_changed", family, changed, "old@test.example")
    assert message.to == ["old@test.example"]
    assert "to new@test.example" in message.body


def test_a_changed_password_is_told_and_on_the_trail(family: User, auditor: User) -> None:
    browser = enter(family)
    new = "quite another sentence"
    browser.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert told()[1:] == [(family.email, "your password was changed")]
    assert (family.email, "password changed", f"User {family.pk}") in trail(auditor)


def test_reset_leaves_the_second_step(family: User, with_app: Callable, auditor: User) -> None:
    with_app(family)
    browser, new = Client(), "quite another sentence"
    browser.post("/accounts/password/reset/", {"email": family.email})
    (link,) = re.findall(r"http://testserver(\S+)", mail.outbox[0].body)
    form = browser.get(link, follow=True)
    browser.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    family.refresh_from_db()
    assert family.check_password(new)
    assert browser.get("/log/").headers["Location"].startswith("/accounts/login/")
    answer = browser.post("/accounts/login/", {"login": family.email, "password": new})
    assert answer.headers["Location"] == "/accounts/2fa/authenticate/"
    assert browser.get("/log/").headers["Location"].startswith("/accounts/login/")
    assert ("password reset", f"User {family.pk}") in [event[1:] for event in trail(auditor)]
    assert Authenticator.objects.filter(user=family).exists()
