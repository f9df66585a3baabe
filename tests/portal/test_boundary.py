"""What nobody could read or store is a sentence, whoever sends it and wherever it stands."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from io import BytesIO

import pytest
from django.conf import settings
from django.core.exceptions import BadRequest, ValidationError
from django.db import DatabaseError, DataError, OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client, RequestFactory

from conditions.models import Release
from portal import boundary, startup
from portal.models import AuditEvent, User
from tests import test_access
from tests.identities import World
from tests.portal import bad_inputs

pytestmark = pytest.mark.django_db
world = test_access.world  # the fixture
FORM = bad_inputs.FORM
TOO_MANY = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1
PARTS = "multipart/form-data; boundary=b"


def parts(head: str, value: str = "x") -> str:
    return f"--b\r\nContent-Disposition: form-data; {head}\r\n\r\n{value}\r\n--b--\r\n"


def test_hundreds_of_bad_requests(world: World) -> None:
    """A sample; `make drill` sends twenty thousand."""
    answers = list(bad_inputs.sent(2026, 500, world))
    assert len({each.status for each in answers}) > 5, "the sample reaches too little"
    assert [each for each in answers if bad_inputs.failed(each)] == []


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("/%00", ""),
        ("/admin/conditions/statement/%00/change/", ""),
        ("/conditions/", "q=%00"),
        ("/conditions/", "q%00=1"),
        ("/conditions/", "&".join(["a=1"] * TOO_MANY)),
        ("/no-such-page/", "%00"),
    ],
)
def test_unreadable_address(address: str, query: str, client: Client) -> None:
    answer = client.generic("GET", address, QUERY_STRING=query)
    assert answer.status_code == 400
    assert b"could not be read" in answer.content


@pytest.mark.parametrize(
    "address",
    [
        "/log/not-a-uuid/",
        "/patients/5f2b9c1e-3c55-4c0e-9f0e/",
        "/%ff",
        "/%zz",
        f"/conditions/x/releases/{'9' * 5000}/",
        f"/conditions/x/releases/{'9' * 400}/",
        "/conditions/%ED%A0%80/",
    ],
)
def test_address_of_nothing(address: str, client: Client) -> None:
    assert client.get(address).status_code == 404


@pytest.mark.parametrize(
    "address", ["/admin/conditions/condition/abc/change/", "/admin/portal/user/1e9/change/"]
)
def test_admin_keys_that_are_none(address: str, sign_in: Callable, editor: User, administrator: User) -> None:
    person = administrator if "user" in address else editor
    assert sign_in(person).get(address).status_code in {302, 400, 404}


@pytest.mark.parametrize("word", [None, "family", "clinician", "editor", "administrator"])
@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        (FORM, "login%00=a", 400),
        (FORM, "login=%ff", 400),
        (FORM, "login=\xff", 400),
        (FORM, "&".join(["a=1"] * TOO_MANY), 400),
        (FORM, "a=" + "1" * 2 * 1024 * 1024, 413),
        (PARTS, parts('name="a\0"'), 400),
        (PARTS, parts('name="a"', "\xff"), 400),
        (PARTS, parts('name="a"; filename="a.png"'), 400),
        (
            PARTS,
            "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n" * TOO_MANY + "--b--",
            400,
        ),
        ("multipart/form-data", "x", 400),
        ("multipart/form-data; boundary=\x01", "x", 400),
    ],
)
def test_unreadable_body(
    kind: str, body: str, status: int, word: str | None, sign_in: Callable, request: pytest.FixtureRequest
) -> None:
    client = sign_in(request.getfixturevalue(word)) if word else Client()
    for address in ("/accounts/login/", "/worklist/", "/no-such-page/"):
        answer = client.generic("POST", address, body.encode("latin-1"), kind)
        assert answer.status_code == status, address
        assert b"<h1>This " in answer.content


def test_what_a_field_holds_is_for_its_form_to_explain(client: Client) -> None:
    """A page of its own would lose what was typed."""
    for kind, body in ((FORM, b"login=a%00b&password=x"), (PARTS, parts('name="login"', "a\0b").encode())):
        answer = client.generic("POST", "/accounts/login/", body, kind)
        assert answer.status_code == 200
        assert b"Null characters are not allowed" in answer.content


@pytest.mark.parametrize("length", ["x", "-1", "1e3", "٣", "9" * 30])
def test_length_that_is_none(length: str, client: Client) -> None:
    answer = client.generic("POST", "/accounts/login/", b"a=1", FORM, CONTENT_LENGTH=length)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_COOKIE": "sessionid=\0"},
        {"HTTP_COOKIE": 'sessionid="\\000"'},
        {"HTTP_COOKIE": '\0="x"'},
        {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": "http://testserver/%00"},
        {"HTTP_USER_AGENT": "a\0b"},
        {"HTTP_USER_AGENT": "\ud800"},
        {"HTTP_X_FORWARDED_FOR": "\0"},
    ],
)
def test_unreadable_header(headers: dict[str, str], client: Client) -> None:
    assert client.generic("GET", "/worklist/", **headers).status_code == 400


@pytest.mark.parametrize(
    "cookie", ["sessionid=" + "x" * 9000, "=;;=", "sessionid=ÿ", "csrftoken='; messages=[[[", "sessionid=%00"]
)
def test_garbage_in_cookies_is_no_session(cookie: str, client: Client) -> None:
    assert client.get("/worklist/", HTTP_COOKIE=cookie).status_code in {302, 400}


@pytest.fixture
def application(monkeypatch: pytest.MonkeyPatch) -> Callable:
    """What granian serves."""
    monkeypatch.setattr(startup, "refuse_unsafe", lambda: None)  # it would end the test's transaction
    return import_module("portal.wsgi").application


@pytest.mark.parametrize(
    ("kind", "query", "status"),
    [
        (f"{FORM}; charset=rot13", "", "400 Bad Request"),
        (f"{FORM}; charset=undefined", "", "400 Bad Request"),
        (f"{FORM}; charset=utf-16", "", "400 Bad Request"),
        (f"{FORM}; charset=nosuch", "", "400 Bad Request"),
        ("text/plain; x*=nosuch''y", "", "400 Bad Request"),
        (f"{FORM}; charset=UTF8", "&".join(["a=1"] * TOO_MANY), "400 Bad Request"),
        (f"{FORM}; charset=UTF-8", "", "200 OK"),
        ("text/plain; x*=utf-8''y", "", "200 OK"),
    ],
)
def test_types_read_before_any_middleware(kind: str, query: str, status: str, application: Callable) -> None:
    page = "/static/portal/site.css"  # needs no database, which the server's signals would close
    environ = RequestFactory()._base_environ(PATH_INFO=page, QUERY_STRING=query, CONTENT_TYPE=kind)
    seen: list[str] = []
    application(environ, lambda line, headers: seen.append(line)).close()
    assert seen == [status]


def test_boundary_outlives_its_charset() -> None:
    assert boundary.readable_type(f"{PARTS}; charset=utf-8") == PARTS


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b"[" * 33 + b"]" * 33,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"NaN",
        b'{"a": -Infinity}',
        b"1" * 5000,
        rb'"\u0000"',
        rb'{"\ud800": 1}',
        rb'[{"a": ["\udfff"]}]',
    ],
)
def test_json_that_nobody_could_store(body: bytes) -> None:
    with pytest.raises(BadRequest):
        boundary.json_body(RequestFactory().generic("POST", "/", body, "application/json"))


def test_json_that_can_be_stored() -> None:
    sent = {"a": [1, 2.5, None, True, "ä😀"], "b": {"c": {}}}
    request = RequestFactory().generic("POST", "/", json.dumps(sent), "application/json")
    assert boundary.json_body(request) == sent


ACTS: dict[str, Callable[[], object]] = {
    "no number": lambda: User.objects.get(pk="abc"),
    "no uuid": lambda: AuditEvent.objects.get(pk="abc"),
    "no date": lambda: list(AuditEvent.objects.filter(at="10000-01-01")),
    "year 10000": lambda: list(AuditEvent.objects.filter(at__year=10000)),
    "NUL": lambda: list(User.objects.filter(name="\0")),
    "surrogate": lambda: list(User.objects.filter(name="\ud800")),
    "beyond bigint": lambda: AuditEvent(actor_id=2**63, actor_name="x", action="x", target="x").save(),
    "too long": lambda: User(email="a" * 255, password="x").save(),
    "far slice": lambda: list(User.objects.all()[10**30 :]),
    "bad pattern": lambda: list(User.objects.filter(name__regex="(((")),
    "NUL in JSON": lambda: list(Release.objects.filter(snapshot={"a": "\0"})),
    "surrogate in JSON": lambda: list(Release.objects.filter(snapshot={"a": "\ud800"})),
    "NaN in JSON": lambda: list(Release.objects.filter(snapshot={"a": float("nan")})),
}


@pytest.mark.parametrize("act", ACTS)
def test_unfit_values_are_refused_with_a_sentence(
    act: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each as a view would meet it; the transaction is over, and the next request is answered."""
    with monkeypatch.context() as patch:
        patch.setattr("portal.views.render", lambda *_: ACTS[act]())
        client.raise_request_exception = False
        answer = client.get("/")
    assert answer.status_code == 400, answer
    assert b"could not be read" in answer.content
    assert client.get("/").status_code == 200


@pytest.mark.parametrize("credential", ["", "[" * 900, "[" * 100_000, '{"id": "x"}', "0", "NaN", r'"\ud800"'])
@pytest.mark.parametrize("page", ["add/", "reauthenticate/"])
def test_a_passkey_that_is_none_is_refused_with_a_sentence(
    page: str, credential: str, sign_in: Callable, auditor: User
) -> None:
    browser = sign_in(auditor)
    browser.raise_request_exception = False
    assert browser.get(f"/accounts/2fa/webauthn/{page}").status_code < 500
    sent = {"name": "x", "credential": credential}
    assert browser.post(f"/accounts/2fa/webauthn/{page}", sent).status_code < 500


def test_faults_of_ours_stay_faults(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    faults: list[Callable[[], object]] = [
        lambda: int("x"),
        lambda: datetime.fromtimestamp(1e30, UTC),
        lambda: json.loads("{"),
        lambda: [][1],
        lambda: Release(number="x").full_name,
    ]
    client.raise_request_exception = False
    for fault in faults:
        monkeypatch.setattr("portal.views.render", lambda *_, fault=fault: fault())
        assert client.get("/").status_code == 500
    assert not boundary.is_unfit(ValidationError("never raised"))
    assert boundary.is_unfit(DataError())


def test_a_database_that_is_gone_is_a_sentence_for_the_signed_in(
    sign_in: Callable, family: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(self: BaseDatabaseWrapper) -> None:
        raise OperationalError

    browser = sign_in(family)
    browser.raise_request_exception = False
    monkeypatch.setattr(BaseDatabaseWrapper, "cursor", gone)
    answer = browser.get("/log/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert b"try again in a minute" in answer.content


def test_a_sender_who_hangs_up_is_answered(client: Client) -> None:
    class Torn(BytesIO):
        def read(self, *sizes: int) -> bytes:
            raise OSError

    environ = {"wsgi.input": Torn(), "CONTENT_LENGTH": "3", "CONTENT_TYPE": FORM}
    assert client.generic("POST", "/accounts/login/", b"a=1", **environ).status_code == 400


def test_errors_inside_the_transaction_are_the_databases_own() -> None:
    """`is_unfit` rests on this: what PostgreSQL refuses for its value arrives as DataError."""
    with pytest.raises(DatabaseError) as raised, transaction.atomic():
        list(User.objects.filter(name__regex="((("))
    assert isinstance(raised.value, DataError)
