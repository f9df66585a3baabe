"""What is made once for all processes, and that nothing else comes off the shelf."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from conditions import pages, shelf, standing, tasks
from conditions.models import Condition, KeptPage, Release

pytestmark = pytest.mark.django_db
Publish = Callable[..., Release]
URL = "/conditions/small-syndrome/"


def another_process() -> None:
    """Forget what this one keeps."""
    standing._asked.cache_clear()
    shelf.place_of.cache_clear()


def makes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on whatever reads a release to make something of it fails."""

    def refuse(*_: object) -> None:
        raise AssertionError("It was made before.")

    monkeypatch.setattr(pages, "_load", refuse)
    monkeypatch.setattr(standing, "_read_months", refuse)


def test_another_process_makes_nothing_again(
    small: Condition, publish: Publish, sign_in: Callable, family: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(small)
    another_process()  # what earlier tests made lies on no shelf any more
    readers = [Client(), sign_in(family)]
    made = [reader.get(URL) for reader in readers]
    another_process()
    makes_nothing(monkeypatch)
    given = [reader.get(URL) for reader in readers]
    for before, after in zip(made, given, strict=True):  # above it each form has its own token
        assert before.content.partition(b"<main")[2] == after.content.partition(b"<main")[2]
    assert given[0]["ETag"] == made[0]["ETag"]


@pytest.mark.parametrize(
    "forged",
    [
        "UPDATE conditions_keptpage SET packed = %(words)s",
        "UPDATE conditions_keptpage SET packed = %(words)s, seal = ''",
        "UPDATE conditions_keptpage SET packed = %(words)s, seal = sha256(%(words)s)",
        # Of another release or group, under a seal that was right there.
        "UPDATE conditions_keptpage a SET packed = b.packed, seal = b.seal FROM conditions_keptpage b"
        " WHERE b.key = (SELECT min(key) FROM conditions_keptpage)",
    ],
)
def test_what_is_put_there_past_the_portal_is_not_given(
    forged: str, small: Condition, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(small)
    another_process()
    addresses = [f"{URL}{query}" for query in ("", "?for=child", "data.json")]
    made = [Client().get(address).content for address in addresses]
    with connection.cursor() as cursor:
        cursor.execute(forged, {"words": b"Nothing needs to be looked for."})
        assert cursor.rowcount
    another_process()
    assert [Client().get(address).content for address in addresses] == made
    another_process()
    makes_nothing(monkeypatch)  # what was made again lies there under its seal
    assert [Client().get(address).content for address in addresses] == made


def test_another_secret_opens_nothing(small: Condition, publish: Publish, settings: Settings) -> None:
    publish(small)
    made = Client().get(URL).content
    old = set(KeptPage.objects.values_list("seal", flat=True))
    another_process()
    settings.SECRET_KEY = "another one, as long as a secret has to be for this purpose"
    assert Client().get(URL).content == made
    assert not old & {bytes(seal) for seal in KeptPage.objects.values_list("seal", flat=True)}


def test_what_nobody_asks_for_goes(small: Condition, publish: Publish) -> None:
    publish(small)
    another_process()
    Client().get(URL)
    old = KeptPage.objects.update(made_at=timezone.now() - shelf.FORGOTTEN)
    Client().get(f"{URL}?for=adult")
    tasks.tidy_shelf(timestamp=0)
    assert old
    assert KeptPage.objects.exists()
    assert not KeptPage.objects.filter(made_at__lte=timezone.now() - shelf.FORGOTTEN).exists()


def test_addresses_written_in_many_ways_do_not_fill_the_database(
    small: Condition, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(small)
    another_process()
    monkeypatch.setattr(shelf, "MOST", 3)
    told = {Client().get(URL, headers={"host": f"localhost:{port}"}).status_code for port in range(1, 9)}
    assert told == {200}
    assert KeptPage.objects.count() == 3


def test_a_page_is_given_though_it_cannot_be_shelved(
    small: Condition,
    publish: Publish,
    sign_in: Callable,
    family: object,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A database that is read-only after a failure, or full; the reader's transaction goes on."""

    def fail(*_: object, **__: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    publish(small)
    another_process()
    KeptPage.objects.all().delete()
    monkeypatch.setattr(KeptPage.objects, "bulk_create", fail)
    for reader in (Client(), sign_in(family)):
        another_process()
        assert 'id="statement-what"' in reader.get(URL).content.decode()
    assert not KeptPage.objects.exists()
    assert "could not be shelved" in caplog.text


def test_other_files_make_other_pages(tmp_path: Path, settings: Settings) -> None:
    """A deployed change of a template, or of a name of a style sheet, shows at once."""
    settings.STATIC_ROOT = tmp_path / "static"
    seen = {shelf.build.__wrapped__(tmp_path)}
    for name in ("templates/a.html", "templates/b.html", "conditions/a.py", "static/staticfiles.json"):
        for words in ("one", "two"):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(words)
            seen.add(shelf.build.__wrapped__(tmp_path))
    assert len(seen) == 9
    for name in ("static/site.css", "conditions/__pycache__/a.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("says nothing of a page")
        seen.add(shelf.build.__wrapped__(tmp_path))
    assert len(seen) == 9
