"""Second factors: sealed in the database, good for one use, told of when they change."""

import json
import threading
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from cryptography.fernet import InvalidToken
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.test import Client
from pytest_django import Settings

from portal.identity import acting_as
from portal.models import AuditEvent, User
from portal.secrecy import SealedSerializer, box
from tests.portal.conftest import Clock, code_of, enter
from tests.portal.test_sign_in import raw, told

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def everything() -> str:
    """The text of every row of every table, as a thief with a dump reads it."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        texts = []
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")
            texts += [text for (text,) in cursor.fetchall()]
    return "\n".join(texts)


def test_secrets_are_not_in_the_database(family: User, clock: Clock) -> None:
    browser = enter(family)
    assert browser.get("/accounts/2fa/totp/activate/").status_code == 200
    secret = browser.session["mfa.totp.secret"]
    row = Session.objects.get(session_key=browser.session.session_key)
    assert secret.encode() not in raw(row)  # while it is being set up it lies in the session
    assert secret not in everything()
    done = browser.post("/accounts/2fa/totp/activate/", {"code": code_of(secret, clock.time())})
    assert done.headers["Location"] == "/accounts/2fa/recovery-codes/"
    page = browser.get("/accounts/2fa/recovery-codes/")
    codes = Authenticator.objects.get(user=family, type="recovery_codes").wrap().get_unused_codes()
    assert all(code.encode() in page.content for code in codes)
    dump = everything()
    assert family.email in dump  # it is a dump
    assert secret not in dump
    assert not any(code in dump for code in codes)
    stored = {row.type: row.data for row in Authenticator.objects.filter(user=family)}
    assert box("factors").decrypt(stored["totp"]["secret"]).decode() == secret
    assert stored["recovery_codes"]["seed"].startswith("gAAAA")


def test_set_up_and_removal_are_told_and_on_the_trail(family: User, auditor: User, clock: Clock) -> None:
    browser = enter(family)
    browser.get("/accounts/2fa/totp/activate/")
    code = code_of(browser.session["mfa.totp.secret"], clock.time())
    browser.post("/accounts/2fa/totp/activate/", {"code": code})
    assert browser.get("/accounts/2fa/recovery-codes/download/").content.count(b"\n") >= 10
    assert browser.post("/accounts/2fa/recovery-codes/generate/").status_code == 302
    assert browser.post("/accounts/2fa/totp/deactivate/").status_code == 302
    with acting_as(auditor):
        acts = list(AuditEvent.objects.order_by("at").values_list("action", flat=True))
    events = ["totp activated", "recovery codes generated", "totp deactivated"]
    assert [act for act in acts if act in events] == events
    assert [subject for _, subject in told()][1:] == [
        "an authenticator app was set up",
        "new recovery codes were made",
        "the authenticator app was switched off",
    ]
    assert not Authenticator.objects.filter(user=family).exists()


def replay(user: User, code: str, times: int = 5) -> list[int]:
    """Send one code from several browsers at once; the statuses, 302 for a way in."""
    browsers = [enter(user) for _ in range(times)]
    barrier, statuses = threading.Barrier(times), []

    def send(browser: Client) -> None:
        try:
            barrier.wait()
            statuses.append(browser.post("/accounts/2fa/authenticate/", {"code": code}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=[browser]) for browser in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(browser.get("/accounts/sessions/").status_code == 200 for browser in browsers) == 1
    return sorted(statuses)


def test_an_app_code_works_once(clinician: User, with_app: Callable, clock: Clock) -> None:
    secret = with_app(clinician)
    assert replay(clinician, code_of(secret, clock.time())) == [200, 200, 200, 200, 302]


def test_a_recovery_code_works_once(clinician: User, with_app: Callable, clock: Clock) -> None:
    with_app(clinician)
    codes = RecoveryCodes.activate(clinician)
    first, *others = codes.get_unused_codes()
    assert replay(clinician, first) == [200, 200, 200, 200, 302]
    codes.instance.refresh_from_db()
    assert codes.get_unused_codes() == others


def test_codes_cannot_be_guessed(clinician: User, with_app: Callable, clock: Clock) -> None:
    secret = with_app(clinician)
    browser = enter(clinician)
    right = code_of(secret, clock.time())
    for number in range(5):
        browser.post("/accounts/2fa/authenticate/", {"code": f"{(int(right) + 1 + number) % 10**6:06}"})
    page = browser.post("/accounts/2fa/authenticate/", {"code": right})
    assert b"too many attempts" in page.content
    clock.move(minutes=5, seconds=1)
    code = code_of(secret, clock.time())
    assert browser.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302


def test_a_box_opens_by_purpose_and_by_earlier_keys(settings: Settings) -> None:
    sealed = box("factors").encrypt(b"secret")
    with pytest.raises(InvalidToken):
        box("session").decrypt(sealed)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "a new key"
    assert box("factors").decrypt(sealed) == b"secret"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        box("factors").decrypt(sealed)


def test_sessions_are_sealed() -> None:
    sealed = SealedSerializer().dumps({"word": "ataxia"})
    assert b"ataxia" not in sealed
    assert SealedSerializer().loads(sealed) == {"word": "ataxia"}


def answer(**parts: str) -> str:
    """A device's answer as JSON, with what a test puts in."""
    response = {"clientDataJSON": "e30", "authenticatorData": "eA", "signature": "eA", "userHandle": "MQ"}
    return json.dumps({"id": "eA", "rawId": "eA", "type": "public-key", "response": response | parts})


@pytest.mark.parametrize(
    "credential",
    [
        "[]",
        "1",
        '"x"',
        '{"id": "x"}',
        '{"id": "x", "rawId": "x", "type": "public-key", "response": {}}',
        '{"id": 1, "rawId": 2, "response": {"userHandle": "!!"}}',
        '{"response": []}',
        answer(),
        answer(userHandle="!!"),
        answer(authenticatorData="A" * 50, attestationObject="oA"),
        answer(attestationObject="A" * 60),
        answer(clientDataJSON="eyJ0eXBlIjoieCJ9", attestationObject="v_8"),
    ],
)
def test_no_made_up_answer_of_a_device_breaks_a_page(
    credential: str, family: User, with_app: Callable, sign_in: Callable
) -> None:
    nobody, whole = Client(), sign_in(family)
    nobody.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    assert nobody.post("/accounts/2fa/webauthn/login/", {"credential": credential}).status_code == 302
    for page in ("add", "reauthenticate"):
        whole.get(f"/accounts/2fa/webauthn/{page}/")
        told = whole.post(f"/accounts/2fa/webauthn/{page}/", {"credential": credential, "name": "x"})
        assert told.status_code in {200, 302}
    with_app(family)
    half = enter(family)
    assert half.post("/accounts/2fa/authenticate/", {"credential": credential}).status_code == 200
    assert not Authenticator.objects.filter(type="webauthn").exists()
