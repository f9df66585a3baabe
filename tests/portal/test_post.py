"""Mail waits sealed in the queue, is sent by the worker alone, and survives a mail server that is away."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from smtplib import SMTPException, SMTPServerDisconnected
from types import SimpleNamespace

import pytest
from cryptography.fernet import InvalidToken
from django.core import mail
from django.core.mail import EmailMultiAlternatives, send_mail
from django.core.mail.backends import locmem
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.functional import lazystr
from pytest_django import Settings

from portal.models import Letter, User
from portal.post import PATIENCE, send_letter, unseal
from tests import database
from tests.portal.conftest import enter
from tracker.models import Patient

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _queue(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "portal.post.Queue"


@contextmanager
def as_worker() -> Iterator[None]:
    """Talk to the database as the worker's role does."""
    served = connections["default"]
    worker = served.copy()
    worker.settings_dict["USER"] = "steady_worker"
    connections["default"] = worker
    try:
        yield
    finally:
        worker.close()
        connections["default"] = served


def letters() -> list[Letter]:
    with as_worker():
        return list(Letter.objects.order_by("written_at"))


def jobs() -> list[tuple[dict[str, str], str, int]]:
    """Arguments, status and attempts of each job that sends a letter."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args, status, attempts FROM procrastinate_jobs"
            " WHERE task_name = 'portal.post.send_letter' ORDER BY id"
        )
        return [(json.loads(args), status, attempts) for args, status, attempts in cursor.fetchall()]


def write(subject: str = "Come and see", to: str = "sam@home.example") -> None:
    send_mail(subject, "Open this link.", None, [to])


def test_a_mail_stands_and_falls_with_its_transaction() -> None:
    with transaction.atomic():
        write()
        transaction.set_rollback(True)  # as a request does that fails
    assert (letters(), jobs()) == ([], [])
    with transaction.atomic():
        write()
    (letter,) = letters()
    assert jobs() == [({"key": str(letter.key)}, "todo", 0)]
    assert mail.outbox == []


def test_the_row_tells_nothing() -> None:
    write()
    (letter,) = letters()
    for word in (b"sam", b"home.example", b"Come", b"Open"):
        assert word not in bytes(letter.sealed)
    with pytest.raises(InvalidToken):
        unseal(bytes(letter.sealed)[:-4] + b"AAA=")


def test_the_worker_sends_all_of_it_once() -> None:
    message = EmailMultiAlternatives(
        lazystr("Čau"),
        "Text",
        "from@steady.example",
        ["to@home.example"],
        bcc=["bcc@home.example"],
        cc=["cc@home.example"],
        reply_to=["clinic@steady.example"],
        headers={"X-Kind": "invitation"},
    )
    message.attach_alternative("<p>Text</p>", "text/html")
    assert message.send() == 1
    (letter,) = letters()
    with as_worker():
        send_letter(key=str(letter.key))
        send_letter(key=str(letter.key))  # as after a worker that died before it could say so
    (sent,) = mail.outbox
    assert letters() == []
    assert sent.recipients() == ["to@home.example", "cc@home.example", "bcc@home.example"]
    for name in ("body", "from_email", "reply_to", "extra_headers", "alternatives"):
        assert getattr(sent, name) == getattr(message, name)
    assert sent.subject == "Čau"


def test_no_file_leaves_by_mail() -> None:
    message = EmailMultiAlternatives("Report", "Text", to=["to@home.example"])
    message.attach("diary.txt", "ataxia 3", "text/plain")
    with pytest.raises(ValueError, match="carry no files"):
        message.send()
    assert letters() == []


@pytest.mark.parametrize("error", [SMTPServerDisconnected("gone"), ConnectionRefusedError(), TimeoutError()])
def test_a_letter_outlives_a_server_that_is_away(error: OSError, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> int:
        raise error

    write()
    (letter,) = letters()
    with monkeypatch.context() as server:
        server.setattr(locmem.EmailBackend, "send_messages", away)
        with as_worker(), pytest.raises(type(error)):
            send_letter(key=str(letter.key))
    assert letters() == [letter]
    with as_worker():
        send_letter(key=str(letter.key))
    assert [sent.to for sent in mail.outbox] == [["sam@home.example"]]


def test_pauses_grow_and_end_after_a_day() -> None:
    def pause(attempts: int, error: Exception) -> float | None:
        decision = PATIENCE.get_retry_decision(exception=error, job=SimpleNamespace(attempts=attempts))
        return decision and (decision.retry_at - datetime.now(UTC)).total_seconds()

    pauses = [pause(attempts, SMTPException()) for attempts in range(24)]
    assert pauses == sorted(pauses)
    assert 50 < pauses[0] < 61
    assert 22 < sum(pauses) / 3600 < 26
    assert pause(24, SMTPException()) is None
    assert pause(0, InvalidToken()) is None  # no patience opens it


def worker(**variables: str) -> subprocess.CompletedProcess[str]:
    """What the job worker does with the jobs that are due, in another mode of the settings."""
    return subprocess.run(
        [sys.executable, "manage.py", "procrastinate", "worker", "--one-shot"],
        cwd=database.ROOT,
        env={**os.environ, "DATABASE_URL": database.SERVER.url("worker", database.NAME), **variables},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def lines(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    """What it logged; procrastinate also greets whoever started it."""
    return [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]


def test_in_the_demo_mails_appear_in_the_terminal() -> None:
    write()
    shown = worker(STEADY_MODE="demo").stdout
    assert "To: sam@home.example" in shown
    assert "Open this link." in shown
    assert letters() == []
    assert [job[1:] for job in jobs()] == [("succeeded", 1)]


def test_a_dead_server_is_given_up_with_a_line_that_names_nobody() -> None:
    write()
    with socket.socket() as nobody_listens:
        nobody_listens.bind(("127.0.0.1", 0))
        port = str(nobody_listens.getsockname()[1])
        production = {"STEADY_MODE": "production", "ALLOWED_HOSTS": "x", "EMAIL_HOST": "127.0.0.1"}
        first = worker(**production, EMAIL_PORT=port)
        assert [job[1:] for job in jobs()] == [("todo", 1)]
        assert lines(first) == []
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET attempts = 24, scheduled_at = now()")
        last = worker(**production, EMAIL_PORT=port)
    assert [job[1:] for job in jobs()] == [("failed", 25)]
    assert len(letters()) == 1
    (line,) = lines(last)
    assert (line["level"], line["logger"], line["errors"][0]) == (
        "ERROR",
        "procrastinate.worker",
        "builtins.ConnectionRefusedError",
    )
    assert "home.example" not in last.stderr + last.stdout


@pytest.mark.parametrize(
    "attempt",
    ["SELECT key FROM portal_letter", "DELETE FROM portal_letter", "UPDATE portal_letter SET sealed = ''"],
)
def test_the_web_role_only_posts(attempt: str) -> None:
    write()
    with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
        cursor.execute(attempt)


# Telling accounts apart


def test_reset_costs_the_same_for_known_and_unknown(family: User) -> None:
    """allauth asks for an unknown address once more, and twice about a known one to make its token.

    What that one query makes in time is measured in `tests/bench/test_enumeration.py`.
    """
    counts = []
    for number, email in enumerate((family.email, "unknown@test.example"), 1):
        with CaptureQueriesContext(connection) as queries:
            Client(REMOTE_ADDR=f"10.0.0.{number}").post("/accounts/password/reset/", {"email": email})
        counts.append(len(queries))
        assert len(letters()) == number
    assert counts[0] == counts[1] + 1


def test_writing_mail_opens_no_socket(
    monkeypatch: pytest.MonkeyPatch, sign_in: Callable, clinician: User, family: User, patient: Patient
) -> None:
    """Rendering and queueing only; the database is reached through libpq, and in tests by a file."""
    tried = []

    def guarded(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX:
            tried.append(address)
            raise PermissionError(address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: tried.append("a name"))
    monkeypatch.setattr(socket, "getfqdn", lambda *_: tried.append("our name"))
    Client().post("/accounts/password/reset/", {"email": family.email})
    enter(family)
    sam = {"name": "Sam", "email": "sam@home.example", "basis": "parent", "ground": "responsibility"}
    sign_in(clinician).post(f"/patients/{patient.pk}/invite/", sam)
    assert len(letters()) == 3  # the second tells of a new browser
    assert tried == []
