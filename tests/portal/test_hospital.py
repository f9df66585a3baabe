"""A hospital's own sign-in: whom it lets in, whom it does not, and what is kept of it."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.core import mail
from django.http import HttpRequest, HttpResponse
from django.test import Client
from pytest_django import Settings

from portal.auth import is_fresh
from portal.logs import JsonLines
from portal.models import AuditEvent, User
from portal.sign_in import hospital as own
from tests.portal.conftest import Clock, code_of, enter
from tests.portal.provider import CLIENT, SECRET, Hospital, serving
from tests.portal.test_settings import COMPLETE, load_settings

pytestmark = pytest.mark.django_db
ENTER = "/accounts/oidc/hospital/login/"
ARRIVE = f"{ENTER}callback/"


@pytest.fixture
def hospital(settings: Settings) -> Iterator[Hospital]:
    with serving(Hospital()) as running:
        settings.HOSPITALS = [
            {
                "provider_id": "hospital",
                "name": "South Hospital",
                "client_id": CLIENT,
                "secret": SECRET,
                "settings": {"server_url": running.issuer},
            }
        ]
        yield running


def sign_in_there(hospital: Hospital, browser: Client | None = None, address: str = ENTER) -> HttpResponse:
    """Through the button, the hospital's page, and back; gives the last answer."""
    browser = browser or Client()
    sent = browser.post(address)
    assert sent.headers["Location"].startswith(f"{hospital.issuer}/authorization_endpoint?")
    return browser.get(hospital.allow(sent.headers["Location"]))


def is_in(browser: Client, user: User) -> bool:
    return browser.session.get("_auth_user_id") == str(user.pk)


# Where no hospital is set


@pytest.mark.parametrize("address", [ENTER, ARRIVE, "/accounts/oidc/another/login/"])
def test_without_one_there_is_no_way(address: str, client: Client) -> None:
    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    assert b"oidc" not in client.get("/accounts/login/").content


def test_a_row_in_the_database_makes_no_hospital(client: Client) -> None:
    SocialApp.objects.create(
        provider="openid_connect", provider_id="hospital", name="Row", client_id="x", settings={}
    )
    assert client.get(ENTER).status_code == 404
    assert b"oidc" not in client.get("/accounts/login/").content


@pytest.mark.parametrize("address", ["", "signup/", "login/error/", "login/cancelled/"])
def test_nothing_else_of_the_library_is_open(address: str, hospital: Hospital, client: Client) -> None:
    assert client.get(f"/accounts/3rdparty/{address}").status_code == 404


# The way there


def test_the_button_is_a_form(hospital: Hospital, client: Client) -> None:
    page = client.get("/accounts/login/?next=/worklist/").content.decode()
    assert f'<form method="post" action="{ENTER}?next=%2Fworklist%2F"' in page
    assert "Sign in with South Hospital" in page
    assert Client(enforce_csrf_checks=True).post(ENTER).status_code == 403
    asked = client.get(ENTER)
    assert asked.status_code == 200
    assert b"Sign in with South Hospital" in asked.content


def test_the_address_decides_nothing_but_where_to_go(hospital: Hospital, clinician: User) -> None:
    forged = f"{ENTER}?next=/worklist/&process=connect&scope=admin&auth_params=prompt%3Dnone%26nonce%3Dmine"
    browser = Client()
    sent = browser.post(forged).headers["Location"]
    asked = parse_qs(urlsplit(sent).query)
    assert "prompt" not in asked
    assert asked["nonce"] == asked["code_challenge"]
    answer = browser.get(hospital.allow(sent))
    assert answer.headers["Location"] == "/worklist/"
    assert is_in(browser, clinician)
    outside = sign_in_there(hospital, address=f"{ENTER}?next=https://elsewhere.example/")
    assert outside.headers["Location"] == "/"


# Who comes in


def test_a_verified_address_opens_its_account(
    hospital: Hospital, clinician: User, trail: Callable[..., list[AuditEvent]]
) -> None:
    browser = Client()
    assert sign_in_there(hospital, browser).headers["Location"] == "/"
    assert is_in(browser, clinician)
    assert hospital.codes_taken == 1
    assert [event.action for event in trail()] == [
        "account connected",
        "signed in (socialaccount)",
        "new browser",
    ]
    connected, new_browser = mail.outbox
    assert connected.to == new_browser.to == [clinician.email]
    assert "for the first time" in connected.body
    assert "South" not in connected.body + connected.subject


def test_nothing_that_it_tells_is_kept(hospital: Hospital, clinician: User) -> None:
    hospital.page = {"name": "Dr Robin Real", "phone_number": "+44 1234"}
    browser = Client()
    sign_in_there(hospital, browser)
    (account,) = SocialAccount.objects.all()
    assert (account.user, account.extra_data, len(account.uid)) == (clinician, {}, 64)
    assert SocialToken.objects.count() == 0
    clinician.refresh_from_db()
    assert clinician.name == "Clinician"
    assert not {"Real", "access token"} & set(json.dumps(dict(browser.session)).split('"'))


def test_who_came_before_is_known_by_their_number(hospital: Hospital, clinician: User) -> None:
    sign_in_there(hospital)
    hospital.person |= {"email": "married@hospital.example", "email_verified": False}
    browser = Client()
    sign_in_there(hospital, browser)
    assert is_in(browser, clinician)
    assert SocialAccount.objects.count() == 1


def test_another_issuer_numbers_other_people(hospital: Hospital, clinician: User, settings: Settings) -> None:
    sign_in_there(hospital)
    with serving(Hospital()) as other:
        other.person["email"] = "nobody@test.example"  # with the same number
        settings.HOSPITALS[0]["settings"]["server_url"] = other.issuer
        assert sign_in_there(other).status_code == 403


def test_case_of_an_address_makes_no_other_person(hospital: Hospital, clinician: User) -> None:
    hospital.person["email"] = "Clinician@Test.Example"
    browser = Client()
    sign_in_there(hospital, browser)
    assert is_in(browser, clinician)


# Who does not


def refused(answer: HttpResponse, sentence: str) -> bool:
    return answer.status_code == HTTPStatus.FORBIDDEN and sentence in answer.context["sentence"]


@pytest.mark.parametrize(
    "person",
    [
        {"email": "stranger@elsewhere.example"},
        {"email_verified": False},
        {"email_verified": "false"},
        {"email_verified": "true"},
        {"email_verified": 1},
        {"email_verified": None},
        {"email": None},
        {"email": "clinician@test.example@elsewhere.example"},
    ],
)
def test_who_is_not_invited_gets_a_page(
    person: dict[str, object], hospital: Hospital, clinician: User, trail: Callable[..., list[AuditEvent]]
) -> None:
    hospital.person |= person
    browser, people = Client(), User.objects.count()
    assert refused(sign_in_there(hospital, browser), "nobody has invited this address yet")
    assert "_auth_user_id" not in browser.session
    assert User.objects.count() == people
    assert SocialAccount.objects.count() == 0
    assert [(event.actor_name, event.action, event.target) for event in trail()] == [
        ("not signed in", "hospital's sign-in refused", "")
    ]


def test_an_address_that_we_have_not_verified_opens_nothing(hospital: Hospital, clinician: User) -> None:
    EmailAddress.objects.filter(user=clinician).update(verified=False)
    assert refused(sign_in_there(hospital), "nobody has invited")


@pytest.mark.parametrize("came_before", [False, True])
def test_who_is_switched_off_gets_a_page(
    came_before: bool, hospital: Hospital, clinician: User, appoint: Callable[..., None]
) -> None:
    if came_before:
        sign_in_there(hospital)
    appoint(clinician, active=False)
    browser = Client()
    assert refused(sign_in_there(hospital, browser), "switched off")
    assert "_auth_user_id" not in browser.session
    assert SocialAccount.objects.exists() is came_before


def test_a_browser_in_use_stays_with_its_person(hospital: Hospital, family: User, clinician: User) -> None:
    browser = enter(family)
    assert refused(sign_in_there(hospital, browser), "Sign out first")
    assert is_in(browser, family)


@pytest.mark.parametrize(
    ("told", "page", "left_out"),
    [
        ({"aud": "another client"}, {}, ""),
        ({"iss": "https://elsewhere.example"}, {}, ""),
        ({"exp": int(time.time()) - 3600}, {}, ""),
        ({"nonce": "of another sign-in"}, {}, ""),
        ({}, {}, "nonce"),
        ({}, {}, "exp"),
        ({}, {}, "sub"),
        ({}, {}, "id_token"),
        ({}, {}, "access_token"),
        ({}, {"sub": "E2"}, ""),
        ({"sub": "E2"}, {}, ""),
    ],
)
def test_an_answer_that_does_not_fit_gets_a_page(
    told: dict[str, object],
    page: dict[str, object],
    left_out: str,
    hospital: Hospital,
    clinician: User,
    trail: Callable[..., list[AuditEvent]],
) -> None:
    hospital.told, hospital.page, hospital.left_out = told, page, {left_out}
    browser = Client()
    assert refused(sign_in_there(hospital, browser), "did not work")
    assert "_auth_user_id" not in browser.session
    assert SocialAccount.objects.count() == 0
    assert [event.action for event in trail()] == ["hospital's sign-in failed"]


def test_an_answer_without_its_question_gets_a_page(hospital: Hospital, clinician: User) -> None:
    """Somebody else's code and state, an unknown state, a second use, a refusal, or nothing at all."""
    theirs = hospital.allow(Client().post(ENTER).headers["Location"])
    browser = Client()
    mine = hospital.allow(browser.post(ENTER).headers["Location"])
    code = parse_qs(urlsplit(theirs).query)["code"][0]
    state = parse_qs(urlsplit(mine).query)["state"][0]
    for address in (theirs, f"{ARRIVE}?code=x&state=y", ARRIVE, f"{ARRIVE}?code={code}&state={state}", mine):
        assert refused(browser.get(address), "did not work")
        assert "_auth_user_id" not in browser.session
    state = parse_qs(urlsplit(browser.post(ENTER).headers["Location"]).query)["state"][0]
    assert refused(browser.get(f"{ARRIVE}?error=access_denied&state={state}"), "did not work")


def test_a_hospital_that_is_away_gets_a_page(settings: Settings, clinician: User) -> None:
    with serving(Hospital()) as hospital:
        settings.HOSPITALS = [
            {
                "provider_id": "hospital",
                "name": "South Hospital",
                "client_id": CLIENT,
                "secret": SECRET,
                "settings": {"server_url": hospital.issuer},
            }
        ]
        browser = Client()
        back = hospital.allow(browser.post(ENTER).headers["Location"])
    for answer in (browser.get(back), browser.post(ENTER)):
        assert answer.status_code == 503
        assert b"does not answer" in answer.content


# The second step


def test_a_second_factor_of_ours_is_still_asked_for(
    hospital: Hospital, clinician: User, with_app: Callable[[User], str], clock: Clock
) -> None:
    secret = with_app(clinician)
    browser = Client()
    assert sign_in_there(hospital, browser).headers["Location"] == "/accounts/2fa/authenticate/"
    assert "_auth_user_id" not in browser.session
    assert "access token" not in json.dumps(dict(browser.session))
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret, clock.time())})
    assert is_in(browser, clinician)


@pytest.mark.parametrize(
    "told", [{"amr": ["pwd", "mfa"]}, {"acr": "https://refeds.org/profile/mfa"}, {"acr": "phr"}]
)
def test_the_hospitals_second_factor_counts(
    told: dict[str, object],
    hospital: Hospital,
    clinician: User,
    with_app: Callable[[User], str],
    rf: object,
    trail: Callable[..., list[AuditEvent]],
) -> None:
    """And it is a fresh proof, for as long as one of ours would be."""
    with_app(clinician)
    for age, fresh in ((10, True), (400, False), (-1000, True)):
        hospital.told = {**told, "auth_time": int(time.time()) - age}
        browser = Client()
        sign_in_there(hospital, browser)
        assert is_in(browser, clinician)
        assert is_fresh(asking(browser, clinician)) is fresh
    actions = [event.action for event in trail() if event.action.startswith("signed in")]
    assert actions == ["signed in (hospital's second factor, socialaccount)"] * 3


@pytest.mark.parametrize(
    "told", [{"amr": ["pwd"]}, {"amr": None}, {"amr": "mfa?"}, {"acr": "0"}, {"amr": [], "acr": None}]
)
def test_a_password_there_is_no_second_factor(
    told: dict[str, object], hospital: Hospital, clinician: User, with_app: Callable[[User], str]
) -> None:
    with_app(clinician)
    hospital.told = {**told, "auth_time": int(time.time())}
    assert sign_in_there(hospital).headers["Location"] == "/accounts/2fa/authenticate/"


def test_without_its_time_a_second_factor_is_not_fresh(
    hospital: Hospital, clinician: User, with_app: Callable[[User], str]
) -> None:
    with_app(clinician)
    hospital.told = {"amr": ["mfa"]}
    browser = Client()
    sign_in_there(hospital, browser)
    assert is_in(browser, clinician)
    assert not is_fresh(asking(browser, clinician))


def asking(browser: Client, user: User) -> HttpRequest:
    """A request out of this browser's session."""
    request = HttpRequest()
    request.session, request.user = browser.session, user
    return request


def test_staff_still_owe_a_factor_of_their_own(
    hospital: Hospital, clinician: User, settings: Settings
) -> None:
    settings.SECOND_FACTOR_DEMANDED = True
    browser = Client()
    sign_in_there(hospital, browser)
    assert browser.get("/worklist/").headers["Location"] == "/accounts/2fa/"


# What is said of it


def test_logs_say_nothing_of_it(
    hospital: Hospital, clinician: User, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    """Every line of the handler, as it would be written, over a sign-in and all the ways to fail."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.INFO, "portal.request")
    sign_in_there(hospital)
    hospital.told = {"nonce": "wrong"}
    sign_in_there(hospital)
    hospital.told, hospital.person["email"] = {}, "stranger@elsewhere.example"
    hospital.person["sub"] = "E2"
    sign_in_there(hospital)
    settings.HOSPITALS[0]["settings"]["server_url"] = "http://127.0.0.1:1"
    Client().post(ENTER)
    lines = "\n".join(JsonLines().format(record) for record in caplog.records)
    assert '"route": "openid_connect_callback"' in lines
    assert "hospital's sign-in is away" in lines
    for word in ("test.example", "elsewhere", "E1", "E2", SECRET, "access token", "code=", "state=", "eyJ"):
        assert word not in lines


def test_settings_name_what_is_missing() -> None:
    issuer = {"OIDC_ISSUER": "https://id.hospital.example/realm/"}
    assert (
        load_settings({**COMPLETE, **issuer}).stderr.strip().endswith("Set OIDC_CLIENT_ID; see .env.example.")
    )
    whole = {**COMPLETE, **issuer, "OIDC_CLIENT_ID": "steady", "OIDC_CLIENT_SECRET": "x"}
    assert load_settings(whole).returncode == 0
    plain = load_settings({**whole, "OIDC_ISSUER": "http://id.hospital.example"})
    assert "OIDC_ISSUER must begin with https://" in plain.stderr


def test_forms_may_be_answered_from_the_hospital(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    """Chromium holds a form's redirects to form-action, too."""
    from importlib import util

    def actions(issuer: str) -> list[str]:
        monkeypatch.setenv("OIDC_ISSUER", issuer)
        monkeypatch.setenv("OIDC_CLIENT_ID", "steady")
        monkeypatch.setenv("OIDC_CLIENT_SECRET", "x")
        spec = util.find_spec("portal.settings")
        module = util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"]

    assert actions("https://id.hospital.example/realm/") == ["'self'", "https://id.hospital.example"]
    assert actions("") == ["'self'"]
    assert own.HospitalAdapter().list_apps(None) == []
