"""What browsers report of the content policy is reduced to listed facts, few of them."""

import json

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from portal import policy_reports
from portal.models import PolicyReport

pytestmark = pytest.mark.django_db
CANARY = "Zebedee-Canary"


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
