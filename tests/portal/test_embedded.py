"""The embedded server: shared by all, outlived by none, blocked by nothing that was killed."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest

from portal.database.embedded import REPOSITORY, Server

USER = "from portal.database.embedded import start; print(start().address, flush=True); input()"
EXPORT = """
import os; from portal.database.embedded import export_urls; export_urls()
print(*(os.environ.get(n) for n in ("STEADY_MODE", "DATABASE_URL", "OWNER_DATABASE_URL", "SECRET_KEY")))
"""


class User:
    """A process that uses the server of a root until it is told to leave or is killed."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER],
            cwd=REPOSITORY,
            env=os.environ | {"STEADY_ROOT": str(root)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def server(self) -> Server:
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        assert line, self.process.communicate()[1]
        return Server(Path(line))

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A root without a cluster; afterwards its server must go by itself."""
    yield tmp_path
    until(lambda: not processes(tmp_path))


@pytest.fixture
def join(root: Path) -> Iterator[Callable[[], User]]:
    """Make users, and let none of them live past the test."""
    users: list[User] = []

    def make() -> User:
        users.append(User(root))
        return users[-1]

    yield make
    for user in users:
        user.kill()


def until(met: Callable[[], object]) -> None:
    """Wait until it is so, 20 seconds at most."""
    deadline = time.monotonic() + 20
    while not met():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def processes(root: Path, program: str = "") -> list[int]:
    """Give the ids of the keeper and the server of this root.

    A server's child bears its parent's name for the moment until it has given itself its own, so a count
    is true only once it stays.
    """
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue  # it has just ended
        here = {str(root / ".postgres"), str(root / ".postgres" / "data")} & set(words)
        if (here or f"{root}/.postgres/data.new" in " ".join(words)) and program in " ".join(words[:3]):
            found.append(int(folder.name))
    return found


def answer(server: Server) -> int:
    with closing(server.connect()) as connection:
        row = connection.execute("SELECT 1").fetchone()
    assert row
    return int(row[0])


def test_many_starting_at_once_share_one_server(root: Path, join: Callable[[], User]) -> None:
    users = [join() for _ in range(3)]
    assert len({user.server for user in users}) == 1
    until(lambda: len(processes(root, "bin/postgres")) == 1)
    assert join().server == Server(Path((root / ".postgres/address").read_text()))


def test_the_server_stops_after_its_last_user_however_that_ends(root: Path, join: Callable[[], User]) -> None:
    first, second = join(), join()
    server = first.server
    assert second.server == server
    first.kill()
    assert answer(server) == 1
    second.process.communicate("\n")
    until(lambda: not processes(root))
    assert not server.address.exists()


def test_a_killed_user_does_not_block_the_next(join: Callable[[], User]) -> None:
    user = join()
    assert answer(user.server) == 1
    user.kill()
    assert answer(join().server) == 1


def test_a_killed_starter_leaves_the_others_waiting_for_nothing(root: Path, join: Callable[[], User]) -> None:
    starter, other = join(), join()
    until(lambda: processes(root, "keeper"))
    starter.kill()
    assert answer(other.server) == 1


@pytest.mark.parametrize("victim", ["keeper", "bin/postgres"])
def test_a_killed_part_is_replaced_at_the_next_start(
    root: Path, join: Callable[[], User], victim: str
) -> None:
    assert answer(join().server) == 1
    for process in processes(root, victim):
        with suppress(ProcessLookupError):  # a child ends by itself when its server has gone
            os.kill(process, signal.SIGKILL)
    assert answer(join().server) == 1
    until(lambda: len(processes(root, "bin/postgres")) == 1)


def test_a_killed_initialisation_is_done_again(root: Path, join: Callable[[], User]) -> None:
    starter = join()
    until(lambda: list(root.glob(".postgres/data.new.*/base")))
    for process in processes(root):
        os.kill(process, signal.SIGKILL)
    assert "keeper failed" in starter.process.communicate()[1]
    assert answer(join().server) == 1
    assert not list(root.glob(".postgres/data.new.*"))


def test_a_strangers_process_in_the_pid_file_is_not_waited_for(root: Path, join: Callable[[], User]) -> None:
    join().process.communicate("\n")
    until(lambda: not processes(root))
    (root / ".postgres/data/postmaster.pid").write_text(f"{os.getpid()}\n")
    assert answer(join().server) == 1


def test_a_removed_cluster_is_made_anew_beside_the_orphan(root: Path, join: Callable[[], User]) -> None:
    user = join()
    orphan = user.server
    shutil.rmtree(root / ".postgres")
    assert join().server != orphan
    user.kill()
    until(lambda: not orphan.address.exists())
    until(lambda: len(processes(root, "bin/postgres")) == 1)


def test_a_long_path_with_a_space_works(tmp_path: Path) -> None:
    root = tmp_path / ("a very long name " * 7).strip()
    root.mkdir()
    user = User(root)
    assert answer(user.server) == 1
    user.kill()
    until(lambda: not processes(root))


def test_another_versions_cluster_is_refused_with_a_sentence(root: Path, join: Callable[[], User]) -> None:
    (root / ".postgres/data").mkdir(parents=True)
    (root / ".postgres/data/PG_VERSION").write_text("15\n")
    assert "was made by PostgreSQL 15 and this is 18" in join().process.communicate()[1]


def test_a_database_is_open_to_steadys_roles_only(join: Callable[[], User]) -> None:
    server = join().server
    server.create_database("one")
    server.create_database("one")
    server.create_database("two", template="one")
    with psycopg.connect(server.url("owner", "two")) as owner:
        owner.execute("CREATE TABLE note (); SET ROLE steady_policy")
    with (
        psycopg.connect(server.url("web", "two")) as web,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        web.execute("CREATE TABLE public.note2 ()")
    with psycopg.connect(server.url("web", "two")) as web:
        assert web.execute("SHOW statement_timeout").fetchone() == ("15s",)
        assert web.execute("SELECT unaccent('é'), similarity('a', 'a')").fetchone() == ("e", 1.0)
    server.drop_database("two")
    server.drop_database("two")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(server.url("web", "two"))


def exported(root: Path, **environment: str) -> list[str]:
    names = ("STEADY_MODE", "DATABASE_URL", "OWNER_DATABASE_URL", "WORKER_DATABASE_URL", "SECRET_KEY")
    rest = {name: value for name, value in os.environ.items() if name not in names}
    command = [sys.executable, "-c", EXPORT]
    environment = rest | {"STEADY_ROOT": str(root)} | environment
    return subprocess.run(
        command, cwd=REPOSITORY, env=environment, check=True, capture_output=True, text=True
    ).stdout.split()


def test_a_command_without_a_database_gets_the_demo(root: Path) -> None:
    mode, web, owner, key = exported(root)
    assert mode == "demo"
    assert web.startswith("postgresql://steady_web@/steady_demo?")
    assert owner.startswith("postgresql://steady_owner@/steady_demo?")
    assert exported(root)[3] == key
    assert (root / ".postgres/secret-key").stat().st_mode & 0o777 == 0o600


def test_a_given_database_and_production_start_nothing(root: Path) -> None:
    assert exported(root, DATABASE_URL="postgresql://x/y")[1] == "postgresql://x/y"
    assert exported(root, STEADY_MODE="production") == ["production", "None", "None", "None"]
    assert not (root / ".postgres").exists()
