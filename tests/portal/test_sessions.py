"""How long sessions last, who ends them, and that an old cookie opens nothing."""

from collections.abc import Callable
from importlib import import_module

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory

from portal import parking
from portal.identity import acting_as
from portal.models import AuditEvent, User
from portal.sign_in import sessions
from portal.tasks import clear_sessions
from tests.cast import PASSWORD
from tests.portal.conftest import Clock, disable, enter
from tracker.models import Patient

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = 60, 3600, 24 * 3600


def is_in(browser: Client) -> bool:
    """Whether the browser's cookie still opens a page of its own."""
    return browser.get("/accounts/sessions/").status_code == 200


def acts(auditor: User) -> list[tuple[str, str]]:
    with acting_as(auditor):
        return list(AuditEvent.objects.order_by("at").values_list("action", "target"))


@pytest.mark.parametrize(
    ("word", "remember", "idle"),
    [
        ("clinician", {}, 15 * MINUTE),
        ("clinician", {"remember": "on"}, 15 * MINUTE),
        ("doctor_parent", {"remember": "on"}, 15 * MINUTE),
        ("auditor", {}, 15 * MINUTE),
        ("family", {}, 12 * HOUR),
        ("family", {"remember": "on"}, 14 * DAY),
    ],
)
def test_idle_time_out_by_role(
    word: str, remember: dict, idle: int, clock: Clock, request: pytest.FixtureRequest
) -> None:
    browser = enter(request.getfixturevalue(word), **remember)
    key = browser.session.session_key
    clock.move(seconds=idle - 60)
    assert is_in(browser)
    clock.move(seconds=idle)
    assert not is_in(browser)
    live = Session.objects.filter(session_key=key, expire_date__gt=clock.now())
    assert not live.exists()


@pytest.mark.parametrize(
    ("word", "remember", "pause", "whole"),
    [
        ("editor", {}, 14 * MINUTE, 12 * HOUR),
        ("family", {}, 5 * HOUR, 12 * HOUR),
        ("family", {"remember": "on"}, 9 * DAY, 30 * DAY),
    ],
)
def test_absolute_time_out_by_role(
    word: str, remember: dict, pause: int, whole: int, clock: Clock, request: pytest.FixtureRequest
) -> None:
    browser = enter(request.getfixturevalue(word), **remember)
    passed = 0
    while passed + pause < whole:
        clock.move(seconds=pause)
        passed += pause
        assert is_in(browser)
    clock.move(seconds=whole - passed)
    assert not is_in(browser)


def test_time_out_is_on_the_trail_and_deletes_the_session(
    clock: Clock, clinician: User, auditor: User
) -> None:
    browser = enter(clinician)
    key = browser.session.session_key
    clock.move(minutes=16)
    assert browser.get("/worklist/").headers["Location"] == "/accounts/login/?next=/worklist/"
    assert not Session.objects.filter(session_key=key).exists()
    assert not UserSession.objects.filter(session_key=key).exists()
    assert ("session timed out", f"User {clinician.pk}") in acts(auditor)


def test_a_half_typed_form_outlives_the_session(patient: Patient, family: User, clock: Clock) -> None:
    browser = enter(family)
    page = f"/log/{patient.pk}/messages/"
    clock.move(hours=13)
    typed = {"text": "half typed words", parking.FIELD: parking.made_for(family)}
    assert browser.post(page, typed).headers["Location"].startswith("/accounts/login/")
    enter(family, browser)
    assert "half typed words" in browser.get(page).content.decode()


def test_seen_is_written_once_a_minute(clock: Clock, clinician: User) -> None:
    browser = enter(clinician)
    first = browser.session[sessions.SEEN]
    clock.move(seconds=30)
    browser.get("/worklist/")
    assert browser.session[sessions.SEEN] == first
    clock.move(seconds=31)
    browser.get("/worklist/")
    assert browser.session[sessions.SEEN] == first + 61
    assert UserSession.objects.get(user=clinician).last_seen_at == clock.now()


def test_a_changed_password_does_not_restart_the_clock(clock: Clock, clinician: User) -> None:
    browser = enter(clinician)
    started = browser.session[sessions.STARTED]
    clock.move(minutes=4)
    new = "quite another sentence"
    browser.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    clinician.refresh_from_db()
    assert clinician.check_password(new)
    assert browser.session[sessions.STARTED] == started


def test_cookie_lies_only_where_it_was_asked_to(family: User) -> None:
    assert enter(family).cookies["sessionid"]["max-age"] == ""
    assert enter(family, remember="on").cookies["sessionid"]["max-age"] == 14 * DAY


def test_session_key_changes_at_sign_in(family: User) -> None:
    store = import_module(django_settings.SESSION_ENGINE).SessionStore()
    store["planted"] = "by somebody else"
    store.create()
    browser = Client()
    browser.cookies["sessionid"] = store.session_key
    enter(family, browser)
    assert is_in(browser)
    assert browser.session.session_key != store.session_key
    assert not Session.objects.filter(session_key=store.session_key).exists()
    assert len(browser.session.session_key) == 32  # of 36 characters: 165 bits


@pytest.mark.parametrize("end", ["log out", "disable", "change the password"])
def test_an_old_cookie_opens_nothing(
    end: str, clinician: User, administrator: User, sign_in: Callable
) -> None:
    browser, thief = enter(clinician), Client()
    stolen = browser.cookies["sessionid"].value
    thief.cookies["sessionid"] = stolen
    assert is_in(thief)
    if end == "log out":
        browser.post("/accounts/logout/")
    elif end == "disable":
        disable(sign_in(administrator), clinician)
    else:
        new = "quite another sentence"
        browser.post(
            "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
        )
    thief.cookies["sessionid"] = stolen
    assert not is_in(thief)


def test_changing_a_password_ends_the_other_sessions(family: User) -> None:
    here, there = enter(family), enter(family)
    new = "quite another sentence"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert is_in(here)
    assert not is_in(there)


def test_page_lists_browsers_without_addresses(family: User) -> None:
    phone = Client(headers={"user-agent": "Mozilla/5.0 (Android 15; Mobile) Gecko/140.0 Firefox/140.0"})
    enter(family, phone)
    enter(family, Client(headers={"user-agent": "curl/8"}))
    page = phone.get("/accounts/sessions/").content.decode()
    assert "Firefox on Android" in page
    assert "A browser" in page
    assert page.count("This one") == 1
    assert "127.0.0.1" not in page
    assert "curl" not in page


def test_one_session_is_ended_then_all_others(family: User, auditor: User) -> None:
    here, first, second, third = (enter(family) for _ in range(4))
    row = UserSession.objects.get(session_key=first.session.session_key)
    here.post("/accounts/sessions/", {"session": str(row.pk)})
    assert [is_in(browser) for browser in (here, first, second, third)] == [True, False, True, True]
    here.post("/accounts/sessions/")
    assert [is_in(browser) for browser in (here, first, second, third)] == [True, False, False, False]
    assert acts(auditor).count(("session ended", f"User {family.pk}")) == 3


@pytest.mark.parametrize("named", ["x", "0", "9" * 30])
def test_sessions_of_others_and_of_nobody_stay(named: str, family: User, other_family: User) -> None:
    here, there = enter(family), enter(other_family)
    row = UserSession.objects.get(user=other_family)
    for wanted in (named, str(row.pk)):
        assert here.post("/accounts/sessions/", {"session": wanted}).status_code == 302
    assert is_in(there)


def test_idle_sessions_are_not_listed(clock: Clock, clinician: User) -> None:
    enter(clinician)
    clock.move(minutes=16)
    here = enter(clinician)
    assert here.get("/accounts/sessions/").content.decode().count('data-label="Browser"') == 1
    assert UserSession.objects.filter(user=clinician).count() == 1


def test_administrator_ends_every_session_of_a_person(
    administrator: User, clinician: User, auditor: User
) -> None:
    browsers = [enter(clinician) for _ in range(2)]
    with acting_as(administrator):
        assert sessions.end_sessions(administrator, clinician) == 2
    assert not any(is_in(browser) for browser in browsers)
    with acting_as(auditor):
        told = AuditEvent.objects.filter(action="session ended", actor_id=administrator.pk)
        assert set(told.values_list("target", flat=True)) == {f"User {clinician.pk}"}


def test_forgotten_sessions_are_swept(clock: Clock, family: User) -> None:
    enter(family)
    clock.move(hours=13)
    clear_sessions(timestamp=0)
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18 Safari/604.1",
            "Safari on an iPhone",
        ),
        ("", "A browser"),
    ],
)
def test_browsers_have_names(agent: str, name: str) -> None:
    assert sessions.browser_name(agent) == name


def test_a_session_without_times_begins_now(clock: Clock, family: User, sign_in: Callable) -> None:
    """As sessions did before they kept times."""
    browser = sign_in(family)
    session = browser.session
    del session[sessions.STARTED], session[sessions.SEEN]
    session.save()
    assert is_in(browser)
    assert browser.session[sessions.STARTED] == int(clock.time())


def test_nobody_has_no_session_to_end() -> None:
    request = RequestFactory().get("/")
    request.user = None
    assert sessions.end_if_over(request) is None
