"""One process owns the web server and the job worker; stopped or killed, it leaves nothing running."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException

import psutil
import pytest

from tests import database

pytestmark = pytest.mark.django_db(transaction=True)
PATIENCE = 60


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def until(wanted: bool, port: int) -> None:
    """Wait for the web server to answer, or to be gone; fails after a minute."""
    deadline = time.monotonic() + PATIENCE
    while answers(port) is not wanted:
        assert time.monotonic() < deadline, f"answering is still not {wanted}"


@contextmanager
def supervised(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A supervisor of its own over this test's database."""
    worker = database.SERVER.url("worker", database.NAME)
    with subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port)],
        cwd=database.ROOT,
        env={**os.environ, "WORKER_DATABASE_URL": worker},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            until(True, port)
            yield process
        finally:
            process.kill()


def test_stops_in_good_order() -> None:
    port = free_port()
    with supervised(port) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
        until(False, port)


def test_killed_it_leaves_nothing() -> None:
    port = free_port()
    with supervised(port) as process:
        process.kill()
        process.wait(PATIENCE)
        until(False, port)


def child(process: subprocess.Popen[bytes], word: str, *, other_than: int = 0) -> psutil.Process:
    """The supervisor's child with `word` in its command; fails after a minute without one."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        for each in psutil.Process(process.pid).children():
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):  # it has just ended
                if each.pid != other_than and any(word in part for part in each.cmdline()):
                    return each
    raise AssertionError(f"no {word} in time")


def test_a_dead_worker_comes_back_and_a_dead_web_server_ends_all() -> None:
    port = free_port()
    with supervised(port) as process:
        worker = child(process, "procrastinate")
        worker.kill()
        assert child(process, "procrastinate", other_than=worker.pid).is_running()
        child(process, "granian").kill()
        assert process.wait(PATIENCE) == 1
        until(False, port)


def manage(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=database.ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_busy_port_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = manage("serve", "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} is in use" in done.stderr + done.stdout


def test_roles_are_made_by_a_superuser_alone() -> None:
    as_superuser = manage("database_roles", DATABASE_URL=database.SERVER.url("postgres", database.NAME))
    assert "role steady_web: LOGIN" in as_superuser.stdout
    assert "Name a superuser" in manage("database_roles").stderr


def test_nothing_is_served_as_the_owner() -> None:
    code = "import portal.wsgi"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=database.ROOT,
        env={**os.environ, "DATABASE_URL": database.SERVER.url("owner", database.NAME)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "must name a role that owns no table" in done.stderr
