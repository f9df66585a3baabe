"""Headers on every answer, cookies, forged names of hosts, and what production checks."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from portal.models import User
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
