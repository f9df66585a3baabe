"""Log lines hold allow-listed facts, whoever writes them and whatever went wrong."""

import json
import logging
import re
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.db import DataError, IntegrityError, OperationalError
from django.http import HttpResponse
from django.test import Client

from portal import logs
from portal.models import User

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
CANARY = "Zebedee-Canary"
SignIn = Callable[[User], Client]


def failing(error: Exception) -> Callable[..., HttpResponse]:
    def view(*arguments: object, **named: object) -> HttpResponse:
        raise error

    return view


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
