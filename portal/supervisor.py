"""One process that owns the others: it runs the web server and the job worker, and none outlives it.

A Ctrl-C or SIGTERM stops both in good order. They and all they start are one process group, led by a guard
that kills the group when its pipe from here closes, which the kernel does also when we are killed.
"""

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
GRACE = 10  # seconds that a child has to finish its work
LONGEST_PAUSE = 60  # seconds before a job worker that keeps dying is tried again
# Not PR_SET_PDEATHSIG: it reaches granian's leader only, which waits for its workers with the port taken.
GUARD = ["/bin/sh", "-c", "read -r _; kill -KILL 0"]


@dataclass
class Child:
    """A command that is started in the given process group."""

    command: list[str]
    environment: dict[str, str]
    group: int
    pause: float = 1  # seconds until it may be started again; doubles while it dies young
    started: float = field(init=False)
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        """Start it; the caller holds a running process or an OSError."""
        self.start()

    def start(self) -> None:
        """Start it (again)."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command, env=self.environment, cwd=REPOSITORY, process_group=self.group
        )

    def is_alive(self) -> bool:
        """Say whether it still runs."""
        return self.process.poll() is None

    def revive(self) -> None:
        """Start it again if it died, each time after a longer pause unless it had lived well."""
        age = time.monotonic() - self.started
        if self.is_alive() or age < self.pause:
            return
        self.pause = 1 if age > 2 * LONGEST_PAUSE else min(2 * self.pause, LONGEST_PAUSE)
        self.start()


def check_port(host: str, port: int) -> None:
    """Exit with a sentence when nobody can listen there."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        socket.create_server((host, port), family=family).close()
    except (OSError, OverflowError) as error:
        busy = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        fault = "is in use" if busy else f"of {host} cannot be used"
        sys.exit(f"Port {port} {fault}; set PORT to another one, e.g. make run PORT=8001.")


def supervise(host: str, port: int) -> None:
    """Run the web server and the job worker until SIGTERM or Ctrl-C; exit with a sentence if the web dies."""
    for number in (signal.SIGTERM, signal.SIGINT):  # also where a shell's & had us ignore the latter
        signal.signal(number, signal.default_int_handler)
    children: list[Child] = []
    with subprocess.Popen(GUARD, stdin=subprocess.PIPE, process_group=0) as guard:
        try:
            children.append(Child(_granian(host, port), _environment("DATABASE_URL"), guard.pid))
            children.append(Child(_jobs(), _environment("WORKER_DATABASE_URL"), guard.pid))
            _watch(*children, host=host, port=port)
        except KeyboardInterrupt:
            pass  # asked to end, which needs no traceback
        finally:
            _stop(children, guard.pid)


def _watch(web: Child, worker: Child, *, host: str, port: int) -> None:
    """Say when the web answers, and look after both for ever."""
    announced = False
    while web.is_alive():
        worker.revive()
        if not announced and _answers(host, port):
            announced = True
            place = "localhost" if host == "127.0.0.1" else host
            sys.stdout.write(f"Steady is on http://{place}:{port}\n")
            sys.stdout.flush()
        time.sleep(0.2)
    sys.exit(f"The web server ended with status {web.process.returncode}; the lines above say why.")


def _answers(host: str, port: int) -> bool:
    """Say whether the web server answers; in production that is a redirect to https or a refused name."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _stop(children: list[Child], group: int) -> None:
    """Ask all to finish, then kill what is left of the group. A second Ctrl-C changes nothing."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    for child in children:
        child.process.terminate()  # granian's leader ends its workers in its own order
    deadline = time.monotonic() + GRACE
    for child in children:
        with suppress(subprocess.TimeoutExpired):  # killed below
            child.process.wait(max(0, deadline - time.monotonic()))
    os.killpg(group, signal.SIGKILL)  # the guard is among them, so the group exists
    for child in children:
        child.process.wait()


def _granian(host: str, port: int) -> list[str]:
    workers = min(2, os.cpu_count() or 1)
    options = ["--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers)]
    options += ["--blocking-threads", "4", "--no-access-log", "--log-level", "warning"]
    options += ["--respawn-failed-workers", "--workers-kill-timeout", str(GRACE - 2)]
    return [sys.executable, "-m", "granian", *options, "portal.wsgi:application"]


def _jobs() -> list[str]:
    return [sys.executable, str(REPOSITORY / "manage.py"), "procrastinate", "worker"]


def _environment(login: str) -> dict[str, str]:
    """Give the environment with this login to the database and no other; without it, the web's."""
    logins = ("OWNER_DATABASE_URL", "WORKER_DATABASE_URL")
    rest = {name: value for name, value in os.environ.items() if name not in logins}
    return rest | {"DATABASE_URL": os.environ.get(login) or os.environ["DATABASE_URL"]}
