"""What is made once for all processes, and that nothing else comes off the shelf."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from conditions import shelf, standing
from conditions.models import Condition, KeptPage, Release

pytestmark = pytest.mark.django_db
Publish = Callable[..., Release]
URL = "/conditions/small-syndrome/"


def another_process() -> None:
    """Forget what this one keeps."""
    standing._asked.cache_clear()
    shelf.place_of.cache_clear()


def test_another_process_makes_nothing_again(small: Condition, publish: Publish) -> None:
    publish(small)
    another_process()  # what earlier tests made lies on no shelf any more
    made = Client().get(URL)
    lie = KeptPage.objects.count()
    another_process()
    given = Client().get(URL)
    assert (given.content, given["ETag"]) == (made.content, made["ETag"])
    assert KeptPage.objects.count() == lie


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
    forged: str, small: Condition, publish: Publish
) -> None:
    publish(small)
    pages = [f"{URL}{query}" for query in ("", "?for=child", "data.json")]
    made = [Client().get(page).content for page in pages]
    with connection.cursor() as cursor:
        cursor.execute(forged, {"words": b"Nothing needs to be looked for."})
        assert cursor.rowcount
    another_process()
    assert [Client().get(page).content for page in pages] == made
    another_process()  # and what was made again lies there under its seal
    assert [Client().get(page).content for page in pages] == made


def test_another_secret_opens_nothing(
    small: Condition, publish: Publish, settings: pytest.FixtureRequest
) -> None:
    publish(small)
    made = Client().get(URL).content
    old = set(KeptPage.objects.values_list("seal", flat=True))
    another_process()
    settings.SECRET_KEY = "another one, as long as a secret has to be for this purpose"
    assert Client().get(URL).content == made
    assert not old & {bytes(seal) for seal in KeptPage.objects.values_list("seal", flat=True)}


def test_what_nobody_asks_for_goes(small: Condition, publish: Publish) -> None:
    publish(small)
    Client().get(URL)
    KeptPage.objects.update(made_at=timezone.now() - shelf.FORGOTTEN)
    Client().get(f"{URL}?for=adult")
    assert KeptPage.objects.filter(made_at__lte=timezone.now() - shelf.FORGOTTEN).count() == 0
    assert KeptPage.objects.exists()


def test_other_files_make_other_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A deployed change of a template shows at once, whatever lies on the shelf."""
    (tmp_path / "templates").mkdir()
    monkeypatch.setattr(shelf, "SOURCES", ("templates", "missing"))
    seen = {shelf.build.__wrapped__(tmp_path)}
    for name, words in (("a.html", "one"), ("a.html", "two"), ("b.html", "two"), ("c.pyc", "no")):
        (tmp_path / "templates" / name).write_text(words)
        seen.add(shelf.build.__wrapped__(tmp_path))
    assert len(seen) == 4
