"""The test run's databases, as a pytest plugin: loaded before Django reads its settings.

One template is migrated by the owner and peopled by `tests.cast`; it is kept until a migration
changes. Each xdist worker gets a clone of its own and talks to it as the web role, so every test
runs under row-level security. Nothing here imports Django.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.database import embedded

ROOT = Path(__file__).resolve().parent.parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
NAME = f"steady_test_{os.getppid() if WORKER != 'main' else os.getpid()}_{WORKER}"


def fingerprint() -> str:
    """Changes when the template must be made anew."""
    sums = hashlib.sha256()
    for path in sorted([*ROOT.glob("*/migrations/*.py"), *ROOT.glob("portal/database/*.py")]):
        sums.update(path.read_bytes())
    for name in ("requirements.txt", "tests/cast.py", "portal/identity.py"):
        sums.update((ROOT / name).read_bytes())
    return sums.hexdigest()[:12]


def environment(server: embedded.Server, name: str) -> dict[str, str]:
    """What settings need to serve the database `name` as the web role."""
    return {
        "STEADY_MODE": "test",
        "SECRET_KEY": "tests only: the template holds the identity key made from it",
        "DATABASE_URL": server.url("web", name),
        "OWNER_DATABASE_URL": server.url("owner", name),
        "WORKER_DATABASE_URL": server.url("worker", name),
        "IDENTITY_KEY_DIRECTORY": str(embedded.key_directory()),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }


@contextmanager
def alone() -> Iterator[None]:
    """One process at a time makes the template."""
    with (ROOT / ".postgres" / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def template(server: embedded.Server) -> str:
    """Name of the migrated, peopled template; made when missing, which takes some seconds."""
    name = f"steady_template_{fingerprint()}"
    with alone(), server.connect() as maintenance:
        stale = maintenance.execute(
            "SELECT datname FROM pg_database"
            " WHERE starts_with(datname, 'steady_template_') AND datname <> %s",
            [name],
        ).fetchall()
        if not maintenance.execute("SELECT FROM pg_database WHERE datname = %s", [name]).rowcount:
            for (old,) in stale:
                server.drop_database(old)
            server.drop_database(f"{name}_new")
            server.create_database(f"{name}_new")
            variables = {**os.environ, **environment(server, f"{name}_new")}
            for command in (["migrate", "--database", "owner", "-v0"], ["database_key"]):
                _run([str(ROOT / "manage.py"), *command], variables)
            _run(["-m", "tests.cast"], variables)
            maintenance.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
    return name


def clone(server: embedded.Server) -> None:
    """Make this worker's database a fresh copy of the template, whoever is connected to it."""
    server.drop_database(NAME)
    server.create_database(NAME, template=template(server))


def forget_the_dead(server: embedded.Server) -> None:
    """Drop what killed runs left behind: their number is a process that lives no more."""
    with server.connect() as maintenance:
        rows = maintenance.execute(
            "SELECT datname, split_part(datname, '_', 3) FROM pg_database"
            " WHERE starts_with(datname, 'steady_test_')"
        ).fetchall()
    for name, process in rows:
        if not Path(f"/proc/{process}").exists():
            server.drop_database(name)


def _run(arguments: list[str], variables: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=variables, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{arguments}: {done.stdout}{done.stderr}")


(ROOT / ".static-test").mkdir(exist_ok=True)  # whitenoise warns where nothing was ever collected
SERVER = embedded.start()
os.environ.update(environment(SERVER, NAME))
