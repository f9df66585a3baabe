"""Headers on every answer, cookies, forged names of hosts, log lines, reports, and what production checks."""

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.cache import cache
from django.db import DataError, IntegrityError, OperationalError
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal import logs, policy_reports
from portal.models import PolicyReport, User
from tests.cast import PASSWORD
from tests.portal.test_settings import COMPLETE

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
CANARY = "Zebedee-Canary"
SignIn = Callable[[User], Client]

ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Reporting-Endpoints": 'csp="/csp-report/"',
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "frame-ancestors": "'none'",
    "report-uri": "/csp-report/",
    "report-to": "csp",
}


@pytest.fixture
def production(settings: Settings) -> Settings:
    """What production sets of cookies and transport; see the end of portal/settings.py."""
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    settings.BROWSER_COOKIE_NAME = "__Host-browser"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = settings.SECURE_HSTS_PRELOAD = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    return settings


def failing(error: Exception) -> Callable[..., HttpResponse]:
    def view(*arguments: object, **named: object) -> HttpResponse:
        raise error

    return view


def ask(what: str, sign_in: SignIn, auditor: User, patch: pytest.MonkeyPatch) -> HttpResponse:
    """One answer of each kind, as over TLS."""
    client = Client(raise_request_exception=False, headers={"X-Forwarded-Proto": "https"})
    signed_in = what in {"private page", "forbidden", "not found"}
    if signed_in:
        client.force_login(auditor)
    if what in {"failure", "database away"}:
        error = RuntimeError() if what == "failure" else OperationalError()
        patch.setattr("portal.views.render", failing(error))
    post = {"unreadable": b"x=%ff", "too large": b"x" * 2_100_000}
    if what in post:
        return client.post("/accounts/login/", post[what], content_type="application/x-www-form-urlencoded")
    odd = {"plain text": {"X-Forwarded-Proto": "http"}, "bad host": {"Host": "evil.example"}}
    return client.get(ANSWERS[what][0], headers=odd.get(what, {}))


ANSWERS = {
    "public page": ("/conditions/", 200),
    "private page": ("/trail/", 200),
    "to sign-in": ("/worklist/", 302),
    "plain text": ("/", 301),
    "moved": ("/favicon.ico", 301),
    "unreadable": ("", 400),
    "bad host": ("/", 400),
    "forbidden": ("/worklist/", 403),
    "not found": ("/no-such-page/", 404),
    "wrong method": ("/csp-report/", 405),
    "too large": ("", 413),
    "failure": ("/", 500),
    "database away": ("/", 503),
    "static file": ("/static/portal/site.css", 200),
    "machine's page": ("/health/live", 200),
}


@pytest.mark.parametrize("what", ANSWERS)
def test_headers(
    what: str, production: Settings, sign_in: SignIn, auditor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ask(what, sign_in, auditor, monkeypatch)
    assert answer.status_code == ANSWERS[what][1]
    assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
    told = dict(each.strip().split(" ", 1) for each in answer.headers["Content-Security-Policy"].split(";"))
    assert told == POLICY
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-ID"])
    over_tls = None if what == "plain text" else "max-age=31536000; includeSubDomains; preload"
    assert answer.headers.get("Strict-Transport-Security") == over_tls
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Server" not in answer.headers
    assert answer.headers.get("Cache-Control") == CACHING.get(what)
    answer.close()  # a file is read from disk


# A file's name in production carries its hash, and then it is kept for ever.
CACHING = {
    "public page": "public, max-age=0, s-maxage=60",
    "private page": "private, no-store",
    "forbidden": "private, no-store",
    "not found": "private, no-store",
    "wrong method": "max-age=0, no-cache, no-store, must-revalidate, private",
    "static file": "max-age=60, public",
}


def cookies_of_a_crawl(client: Client) -> Iterator[tuple[str, str, object]]:
    """Every Set-Cookie while somebody signs in, looks round, fails and signs out."""
    tls = {"X-Forwarded-Proto": "https"}
    credentials = {"login": "family@test.example", "password": PASSWORD}
    steps = [
        client.get("/", headers=tls),
        client.get("/accounts/login/", headers=tls),
        client.post("/accounts/login/", credentials, headers=tls),
        *(client.get(page, headers=tls) for page in ("/log/", "/accounts/email/", "/accounts/2fa/", "/none")),
        client.post("/accounts/logout/", headers=tls),
        client.get("/", headers=tls),
    ]
    assert steps[2].status_code == 302
    for step in steps:
        for name, cookie in step.cookies.items():
            yield name, cookie.value, cookie


def test_every_cookie_is_bound_to_the_host(production: Settings, client: Client) -> None:
    crawl = list(cookies_of_a_crawl(client))
    assert {"__Host-session", "__Host-csrf"} <= {name for name, _, _ in crawl}
    for name, value, cookie in crawl:
        assert name.startswith("__Host-"), name
        assert (cookie["path"], cookie["domain"], cookie["samesite"]) in {
            ("/", "", "Lax"),
            ("/", "", "Strict"),
        }
        assert not value or (cookie["secure"] and cookie["httponly"]), name


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "a b", "[::1", "testserver:80:80", ""]
)
def test_bad_host_is_refused_with_a_page(host: str, client: Client) -> None:
    for address in ("/", "/health/live", "/static/portal/site.css", "/accounts/password/reset/"):
        answer = client.get(address, HTTP_HOST=host)
        assert answer.status_code == 400
        assert b"could not be read" in answer.content


FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Server": "evil.example",
    "X-Forwarded-Port": "444",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-For": "10.9.8.7",
    "Forwarded": "for=10.9.8.7;host=evil.example;proto=https",
    "X-Original-URL": "/trail/",
    "X-Rewrite-URL": "/trail/",
    "X-HTTP-Method-Override": "DELETE",
    "X-Request-ID": CANARY,
}


@pytest.mark.parametrize(
    "address", ["/", "/conditions/", "/worklist/", "/accounts/login/", "/accounts/password/reset/"]
)
def test_forged_headers_move_nothing(address: str, client: Client) -> None:
    plain, forged = client.get(address), client.get(address, headers=FORGED)
    assert (forged.status_code, forged.headers.get("Location")) == (
        plain.status_code,
        plain.headers.get("Location"),
    )
    words = forged.content.decode() + str(forged.headers)
    assert not [word for word in ("evil.example", CANARY, "10.9.8.7") if word in words]
    assert not forged.wsgi_request.is_secure()
    assert forged.wsgi_request.build_absolute_uri("/") == "http://testserver/"


def test_mailed_links_name_our_host(client: Client, family: User, mailoutbox: list) -> None:
    client.post("/accounts/password/reset/", {"email": family.email}, headers=FORGED)
    assert all("evil.example" not in mail.body for mail in mailoutbox)
    assert all("http://testserver/" in mail.body for mail in mailoutbox)


LINE_KEYS = {
    "time",
    "level",
    "logger",
    "where",
    "event",
    "request",
    "route",
    "status",
    "ms",
    "queries",
    "roles",
    "errors",
    "frames",
}


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], list[dict]]]:
    """What production's log holds, of every logger that speaks from `INFO` up."""
    written = StringIO()
    handler = logs.Console(written)
    handler.setFormatter(logs.JsonLines())
    logging.getLogger().addHandler(handler)
    with caplog.at_level(logging.INFO), caplog.at_level(logging.INFO, "portal.request"):
        yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    logging.getLogger().removeHandler(handler)


def test_one_line_a_request(lines: Callable, sign_in: SignIn, auditor: User) -> None:
    answer = sign_in(auditor).get(f"/trail/?page={CANARY}", headers={"X-Request-ID": CANARY})
    (line,) = [each for each in lines() if each["logger"] == "portal.request"]
    assert set(line) == LINE_KEYS - {"errors", "frames"}
    told = (line["event"], line["route"], line["status"], line["roles"])
    assert told == ("answered", "trail", 200, "auditor")
    assert line["request"] == answer.headers["X-Request-ID"] != CANARY
    assert line["queries"] > 0
    assert isinstance(line["ms"], int)


def psycopg_says(error: type[Exception]) -> Exception:
    return error(f"duplicate key\nDETAIL:  Key (name)=({CANARY}) already exists.")


def test_no_line_holds_what_was_sent_or_stored(
    lines: Callable, sign_in: SignIn, auditor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(auditor)
    stranger = Client(raise_request_exception=False)
    refusals = [
        browser.get(f"/{CANARY}/?q={CANARY}"),
        browser.get(f"/worklist/?q={CANARY}"),
        browser.get("/", HTTP_HOST=f"{CANARY}.example"),
        browser.post("/accounts/login/", f"login={CANARY}&x=%ff".encode(), content_type="text/plain"),
        browser.post("/accounts/login/", {"login": f"{CANARY}@x.example", "password": CANARY}),
        Client(enforce_csrf_checks=True).post(f"/accounts/login/?next=/{CANARY}", {"login": CANARY}),
        Client().get(f"/accounts/login/?next=//{CANARY}.example"),
        Client().get(f"/log/{CANARY}", headers={"Referer": f"http://testserver/{CANARY}"}),
    ]
    errors = [
        psycopg_says(DataError),
        psycopg_says(IntegrityError),
        psycopg_says(OperationalError),
        KeyError(CANARY),
    ]
    for error in errors:
        monkeypatch.setattr("portal.views.render", failing(error))
        refusals.append(stranger.get(f"/?page={CANARY}"))
    assert [each.status_code for each in refusals[-4:]] == [400, 500, 503, 500]
    told = lines()
    assert len(told) > len(refusals)
    assert {key for line in told for key in line} <= LINE_KEYS
    assert CANARY.lower() not in json.dumps(told).lower()
    failures = [line for line in told if line["logger"] == "django.request"]
    assert failures[0]["errors"] == ["django.db.utils.IntegrityError"]
    assert re.search(r"portal\.views:home:\d+$", failures[0]["frames"][-2])
    assert failures[0]["request"] in {each.headers["X-Request-ID"] for each in refusals}


@pytest.mark.parametrize(
    "name",
    [
        "root",
        "django.request",
        "django.security.csrf",
        "django.server",
        "django.db.backends",
        "_granian",
        "allauth.account",
        "procrastinate.worker",
        "psycopg",
        "py.warnings",
    ],
)
def test_a_librarys_words_are_left_out(name: str, lines: Callable) -> None:
    logger = logging.getLogger(None if name == "root" else name)
    try:
        raise ValueError(CANARY) from KeyError(CANARY)
    except ValueError:
        logger.exception(f"Not Found: /{CANARY} %s", CANARY, extra={"status": CANARY, "job": {"x": CANARY}})
    (line,) = lines()
    assert set(line) == {"time", "level", "logger", "where", "errors", "frames"}
    assert line["errors"] == ["builtins.ValueError", "builtins.KeyError"]
    assert CANARY not in json.dumps(line)


def test_every_logger_leads_to_our_lines() -> None:
    """No handler beside ours: Django's own would mail an error, or print a path."""
    known = [
        logging.getLogger(),
        *(logging.getLogger(name) for name in list(logging.root.manager.loggerDict)),
    ]
    foreign = {
        type(handler).__name__
        for logger in known
        for handler in logger.handlers
        if not type(handler).__module__.startswith("_pytest")
    }
    assert foreign <= {"Console", "NullHandler"}


def test_endless_recursion_is_a_short_line() -> None:
    def deeper() -> None:
        deeper()

    try:
        deeper()
    except RecursionError as error:
        facts = logs.facts_of_error(error)
    assert facts["errors"] == ["builtins.RecursionError"]
    assert len(facts["frames"]) == logs.MOST_FRAMES


def test_a_person_reads_the_same_facts() -> None:
    record = logging.LogRecord("portal.request", logging.INFO, "middleware.py", 1, "answered", (), None)
    vars(record).update(route="trail", status=200, ms=3, queries=9, path=CANARY)
    line = logs.ReadableLines().format(record)
    assert "INFO portal.request" in line
    assert "route=trail status=200 ms=3 queries=9" in line
    assert CANARY not in line


def test_a_line_that_cannot_be_written_is_dropped(capsys: pytest.CaptureFixture[str]) -> None:
    closed = StringIO()
    closed.close()
    logs.Console(closed).handle(logging.LogRecord("x", logging.INFO, "x.py", 1, CANARY, (CANARY,), None))
    assert capsys.readouterr() == ("", "")


def test_our_own_events_are_constants() -> None:
    """`portal.logs` writes our words as they stand, so none may be built from a value."""
    calls = [
        (path.name, call)
        for app in ("portal", "conditions", "tracker")
        for path in (ROOT / app).rglob("*.py")
        for call in re.findall(
            r"\blog(?:ger)?\.(?:debug|info|warning|error|exception|critical)\((.*)", path.read_text()
        )
    ]
    assert len(calls) >= 3
    assert [each for each in calls if not re.match(r'"[^"%{]*"[,)]', each[1])] == []


def old_report(**fields: str) -> dict:
    told = {
        "document-uri": f"http://testserver/conditions/{CANARY}/?q={CANARY}",
        "referrer": f"http://testserver/{CANARY}",
        "effective-directive": "script-src-elem",
        "blocked-uri": f"https://user:{CANARY}@evil.example:8443/{CANARY}?{CANARY}",
        "script-sample": CANARY,
    }
    return {"csp-report": {**told, **fields}}


def new_report(**fields: str) -> dict:
    told = {
        "documentURL": f"http://testserver/log/5f2b9c1e-3c55-4c0e-9f0e-5d6b1a2c3d4e/?{CANARY}",
        "effectiveDirective": "style-src-attr",
        "blockedURL": "inline",
        "sample": CANARY,
    }
    return {"type": "csp-violation", "url": CANARY, "user_agent": CANARY, "body": {**told, **fields}}


def test_reports_are_reduced_to_listed_facts() -> None:
    (old,) = policy_reports.violations(old_report(), "testserver")
    assert old == ("script-src-elem", "https://evil.example", "conditions:detail")
    (new,) = policy_reports.violations([new_report()], "testserver:80")
    assert new == ("style-src-attr", "inline", "tracker:diary")


@pytest.mark.parametrize(
    "sent",
    [
        None,
        1,
        CANARY,
        [],
        {},
        [[]],
        {"csp-report": CANARY},
        {"csp-report": {}},
        [{"body": None}],
        old_report(**{"effective-directive": CANARY}),
        old_report(**{"effective-directive": "script-src\n"}) | {"csp-report": {"effective-directive": 1}},
        old_report(**{"document-uri": f"https://evil.example/{CANARY}"}),
        old_report(**{"document-uri": "http://[::1"}),
        old_report(**{"document-uri": "about"}),
    ],
)
def test_what_is_no_report_of_ours_is_skipped(sent: object) -> None:
    assert list(policy_reports.violations(sent, "testserver")) == []


@pytest.mark.parametrize(
    ("blocked", "kept"),
    [
        ("eval", "eval"),
        ("data", "data"),
        (f"data:text/html,{CANARY}", ""),
        (f"chrome-extension://{CANARY.lower()}/x", ""),
        ("http://[::1", ""),
        ("https://" + "a" * 300, ""),
        (f"https://{CANARY} x", ""),
        ("wss://live.example/x", "wss://live.example"),
        (CANARY, ""),
    ],
)
def test_blocked_is_an_origin_or_a_word(blocked: str, kept: str) -> None:
    blocked = blocked.replace(CANARY + " ", "\u00e4 ")
    assert policy_reports.origin(blocked) == kept


def test_pages_that_are_none_of_ours_have_no_route() -> None:
    assert policy_reports.route_of(f"/{CANARY}/") == ""
    assert policy_reports.route_of("") == ""


def report(client: Client, sent: object, kind: str = "application/csp-report") -> HttpResponse:
    return client.post("/csp-report/", json.dumps(sent), content_type=kind)


def test_reports_are_stored_without_a_session_or_a_token() -> None:
    strict = Client(enforce_csrf_checks=True)
    assert report(strict, old_report()).status_code == 204
    assert report(strict, [new_report()] * 2, "application/reports+json").status_code == 204
    rows = list(PolicyReport.objects.values())
    assert len(rows) == 3
    assert CANARY.lower() not in str(rows).lower()


def test_reports_are_bounded(client: Client) -> None:
    cache.clear()
    assert report(client, old_report(), "application/json").status_code == 415
    assert report(client, old_report(sample="x" * 8192)).status_code == 413
    assert client.post("/csp-report/", b"[" * 5000, content_type="application/csp-report").status_code == 400
    assert client.post("/csp-report/", b'"\\u0000"', content_type="application/csp-report").status_code == 400
    for method in ("get", "put", "delete", "patch"):
        assert getattr(client, method)("/csp-report/").status_code == 405
    assert PolicyReport.objects.count() == 0


def test_a_flood_of_reports_is_cut(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policy_reports, "MOST_A_MINUTE", 7)
    cache.clear()
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    for _ in range(4):
        assert report(client, [new_report()] * 3, "application/reports+json").status_code == 204
    assert PolicyReport.objects.count() == 7


def test_nothing_is_mailed_to_administrators(settings: Settings) -> None:
    assert settings.ADMINS == settings.MANAGERS == []


def test_production_is_clean_under_djangos_own_check() -> None:
    variables = {**COMPLETE, "SECRET_KEY": "".join(map(chr, range(40, 110)))}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_nginx_takes_what_the_application_takes(settings: Settings) -> None:
    """A body that the proxy refuses gets no page of ours."""
    written = (ROOT / "docs/deploy/nginx.conf").read_text()
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", written)
    assert int(megabytes) * 1024**2 >= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
