"""The front door, health, the trail and the error pages."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DataError, OperationalError, connection
from django.test import Client
from pytest_django import Settings

from portal import audit, startup
from portal.models import AuditEvent, DemoMark, User

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.mark.parametrize(
    ("word", "home"),
    [
        ("clinician", "/worklist/"),
        ("family", "/log/"),
        ("editor", "/admin/"),
        ("reviewer", "/admin/"),
        ("administrator", "/admin/"),
        ("auditor", "/trail/"),
    ],
)
def test_each_role_has_a_home(word: str, home: str, sign_in: SignIn, request: pytest.FixtureRequest) -> None:
    assert sign_in(request.getfixturevalue(word)).get("/").headers["Location"] == home


def test_front_door_says_what_this_is(client: Client) -> None:
    page = client.get("/")
    assert b"not a monitor" in page.content
    assert page.headers["Content-Security-Policy"].count("'self'") >= 5
    assert "unsafe" not in page.headers["Content-Security-Policy"]


def test_favicon_has_an_address(client: Client) -> None:
    assert client.get("/favicon.ico").headers["Location"].endswith("icon.svg")


def test_alive_asks_no_database(client: Client, django_assert_num_queries: Callable) -> None:
    assert client.get("/health/live").content == b"alive\n"


def test_ready_names_its_checks(client: Client) -> None:
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json() == {"database": True, "migrations": True, "role": True, "key": True, "mode": True}


def test_not_ready_without_a_database(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> bool:
        raise OperationalError

    monkeypatch.setattr(startup, "is_migrated", gone)
    assert client.get("/health/ready").status_code == 503


def test_alerts_miss_a_silent_worker(client: Client) -> None:
    assert client.get("/health/alerts").status_code == 503
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
    assert client.get("/health/alerts").json() == {"worker": True, "waiting": 0}


def test_trail_costs_the_same_however_long(
    sign_in: SignIn, auditor: User, django_assert_num_queries: Callable
) -> None:
    browser = sign_in(auditor)
    for number in (10, 200):
        for _ in range(number):
            audit.record(auditor, "looked", "nothing")
        with django_assert_num_queries(11):  # with the newest seal, and how much emergency access waits
            assert b"looked" in browser.get("/trail/").content


def test_trail_pages_survive_odd_numbers(sign_in: SignIn, auditor: User) -> None:
    browser = sign_in(auditor)
    for odd in ("0", "-1", "x", "9" * 5000):
        assert browser.get("/trail/", {"after": odd}).status_code == 200


@pytest.mark.parametrize("address", ["/conditions/?q=%00", "/%00", "/admin/conditions/statement/%00/change/"])
def test_nul_in_an_address_is_a_sentence(address: str, client: Client) -> None:
    assert client.get(address).status_code == 400


@pytest.mark.parametrize(("error", "status"), [(OperationalError, 503), (DataError, 400)])
def test_what_the_database_refuses_is_a_sentence(
    error: type[Exception], status: int, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise error("DETAIL: the row, which no page or log may show")

    monkeypatch.setattr("portal.views.render", refuse)
    answer = client.get("/")
    assert answer.status_code == status
    assert b"DETAIL" not in answer.content
    assert answer.headers.get("Retry-After") == ("10" if status == 503 else None)


def test_a_failing_page_leaves_nothing_behind(
    sign_in: SignIn, auditor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def record_then_fail(request: object, *arguments: object) -> None:
        audit.record(auditor, "half done")
        raise RuntimeError

    browser = sign_in(auditor)
    browser.raise_request_exception = False
    monkeypatch.setattr("portal.trail_views.render", record_then_fail)
    assert browser.get("/trail/").status_code == 500
    assert not AuditEvent.objects.filter(action="half done").exists()


def test_error_pages_help(client: Client) -> None:
    page = client.get("/no-such-page/")
    assert page.status_code == 404
    assert b'href="/"' in page.content
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/accounts/login/", {"login": "x"}).status_code == 403


def test_nothing_a_signed_in_person_saw_is_cached(sign_in: SignIn, auditor: User) -> None:
    browser = sign_in(auditor)
    assert browser.get("/trail/").headers["Cache-Control"] == "private, no-store"
    assert browser.post("/accounts/logout/").headers["Clear-Site-Data"] == '"cache"'


def test_staff_set_up_a_second_factor_first(
    sign_in: SignIn, auditor: User, family: User, settings: Settings
) -> None:
    settings.SECOND_FACTOR_DEMANDED = True
    assert sign_in(auditor).get("/trail/").headers["Location"] == "/accounts/2fa/"
    assert sign_in(family).get("/").headers["Location"] == "/log/"
    settings.SECOND_FACTOR_DEMANDED = False
    assert sign_in(auditor).get("/trail/").status_code == 200


def test_unsafe_database_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for check in ("is_restricted", "is_of_this_mode"):
        with monkeypatch.context() as patch:
            patch.setattr(connection, "close", lambda: None)
            patch.setattr(startup, check, lambda: False)
            with pytest.raises(ImproperlyConfigured):
                startup.refuse_unsafe()


def test_absent_database_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone() -> bool:
        raise OperationalError

    monkeypatch.setattr(connection, "close", lambda: None)
    monkeypatch.setattr(startup, "is_restricted", gone)
    startup.refuse_unsafe()


def test_demonstration_is_served_as_one(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(DemoMark.objects, "exists", lambda: True)
    assert not startup.is_of_this_mode()
    settings.DEMO = True
    assert startup.is_of_this_mode()


def test_scripts_are_told_that_the_session_is_over(client: Client) -> None:
    swap = {"HX-Request": "true", "HX-Current-URL": "http://testserver/worklist/?show=new"}
    answer = client.get("/worklist/", headers=swap)
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/worklist/%3Fshow%3Dnew"
    assert client.get("/worklist/", headers={"X-Requested-With": "XMLHttpRequest"}).status_code == 401


def test_no_database_at_all_is_a_sentence(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(subject: str) -> None:
        raise OperationalError

    monkeypatch.setattr("portal.middleware.speaking_as", gone)
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
