"""Translations beside a pack: read with every mistake, loaded as drafts, exported the same."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from conditions import loading, pack, packed, translating
from conditions.models import Condition, Release, TranslationRelease
from conditions.pieces import Stand, pieces_of, risks, stand
from portal.identity import acting_as
from portal.models import User
from tests.conditions import packs
from tests.conditions.conftest import OMS

HASH = "a" * 64
GERMAN = f"""\
method: machine draft
pieces:
  - key: condition/name
    source: {HASH}
    text: Kleines Syndrom
  - key: statement/what/text
    source: {HASH}
    text: "Es ist *selten*:\\nsehr."
"""


def loaded(*arguments: object) -> str:
    out = StringIO()
    call_command("load_pack", *map(str, arguments), stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def folder(db: None, tmp_path: Path) -> Path:
    return packs.write(tmp_path / "packed", {"translations/de.yaml": GERMAN})


def only(user: User) -> TranslationRelease:
    with acting_as(user):
        return TranslationRelease.objects.get()


def test_loading_makes_a_draft_and_never_more(folder: Path, editor: User, client: Client) -> None:
    assert "added translation de, as a draft that nobody has checked" in loaded(folder)
    draft = only(editor)
    assert (draft.state, draft.method, draft.edited_by) == ("draft", "machine draft", None)
    assert draft.pieces["condition/name"]["text"] == "Kleines Syndrom"
    assert TranslationRelease.objects.count() == 0, "nobody who is not signed in sees it"
    assert "Nothing to change." in loaded(folder)


def test_a_dry_run_stores_nothing(folder: Path, editor: User) -> None:
    assert "this was a dry run" in loaded(folder, "--dry-run")
    with acting_as(editor):
        assert TranslationRelease.objects.count() == 0
    assert not Condition.objects.exists()


def test_a_changed_file_changes_the_packs_draft_and_never_peoples(folder: Path, editor: User) -> None:
    loaded(folder)
    packs.write(folder, {"translations/de.yaml": GERMAN.replace("Kleines", "Winziges")})
    assert "changed translation de" in loaded(folder)
    draft = only(editor)
    with acting_as(editor):
        told = {"condition/name": "Von Hand"}
        translating.save(editor, draft, told, version=draft.version, fits=set())
    packs.write(folder, {"translations/de.yaml": GERMAN.replace("Kleines", "Anderes")})
    assert "kept translation de" in loaded(folder)
    assert only(editor).pieces["condition/name"]["text"] == "Von Hand"


def test_what_was_loaded_once_does_not_come_back(folder: Path, editor: User) -> None:
    loaded(folder)
    draft = only(editor)
    with acting_as(editor):
        translating.save(editor, draft, {"condition/name": ""}, version=draft.version, fits=set())
    assert "Nothing to change." in loaded(folder)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("de.yaml", GERMAN.replace("condition/name", "statement/gone/text"), "is not in this pack"),
        ("de.yaml", GERMAN.replace("statement/what/text", "condition/name"), "stands here twice"),
        ("de.yaml", GERMAN.replace(HASH, "abc"), "must be the SHA-256"),
        ("de.yaml", GERMAN.replace("machine draft", "oracle"), "must be one of"),
        ("de.yaml", GERMAN.replace("Kleines Syndrom", "''"), "must not be empty"),
        ("de.yaml", "pieces: [", "This is not YAML"),
        ("de.yaml", "- a", "must be a group of keys"),
        ("de.yaml", "method: human\npieces: 3", "must be a list"),
        ("de.yml", GERMAN, "named after its language"),
        ("en.yaml", GERMAN, "named after its language"),
        ("xx.yaml", GERMAN, "named after its language"),
    ],
)
def test_every_mistake_has_its_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    folder = packs.write(tmp_path / "broken", {f"translations/{name}": text})
    with pytest.raises(pack.PackError, match=said) as found:
        pack.read(folder)
    assert all(f"{name}:" in mistake for mistake in found.value.mistakes)


def test_a_broken_translation_loads_nothing(folder: Path) -> None:
    packs.write(folder, {"translations/de.yaml": "pieces: ["})
    with pytest.raises(CommandError):
        loaded(folder)
    assert not Condition.objects.exists()


def test_a_round_trip_gives_the_same(folder: Path, tmp_path: Path) -> None:
    loaded(folder)
    out = tmp_path / "out"
    call_command("export_pack", "small-syndrome", str(out), "--draft", stdout=StringIO())
    assert pack.read(out).translations == pack.read(folder).translations
    assert "Nothing to change." in loaded(out)


def test_what_readers_see_is_exported_first(
    db: None, folder: Path, tmp_path: Path, publish: Callable[..., Release], editor: User, reviewer: User
) -> None:
    loaded(folder)
    release = publish(Condition.objects.get())
    with acting_as(editor):
        draft = TranslationRelease.objects.get()
        told = {"condition/name": "Geprüft"}
        draft = translating.save(editor, draft, told, version=draft.version, fits=set())
        draft = translating.submit(editor, draft, version=draft.version)
    with acting_as(reviewer):
        translating.publish(reviewer, draft, version=draft.version)
    with acting_as(editor):
        again = translating.begin(editor, release.condition, "de")
        translating.save(editor, again, {"condition/name": "Neu"}, version=again.version, fits=set())
    call_command("export_pack", "small-syndrome", str(tmp_path / "out"), stdout=StringIO())
    assert pack.read(tmp_path / "out").translations["de"].pieces["condition/name"]["text"] == "Geprüft"


class TestShipped:
    """German for the overview and the care cards."""

    def test_it_fits_the_english_and_the_numbers_are_the_same(self) -> None:
        read = pack.read(OMS)
        stored = read.translations["de"].pieces
        pieces = {piece.key: piece for piece in pieces_of(read.content)}
        assert read.translations["de"].method == "machine draft"
        assert {stand(pieces[key], stored) for key in stored} == {Stand.CURRENT}
        for key, each in stored.items():
            assert "The numbers differ." not in risks(pieces[key], each["text"]), key

    def test_all_of_the_overview_and_the_care_cards(self) -> None:
        read = pack.read(OMS)
        stored = read.translations["de"].pieces
        for section in read.content["sections"]:
            if section["kind"] == "care" or section["key"] == "overview":
                assert f"section/{section['key']}/title" in stored
                for each in section["statements"]:
                    assert f"statement/{each['key']}/text" in stored
                    for field in ("professional", "dissent"):
                        assert (f"statement/{each['key']}/{field}" in stored) == bool(each[field])

    def test_checked_it_is_read(
        self, db: None, publish: Callable[..., Release], editor: User, reviewer: User, client: Client
    ) -> None:
        read = pack.read(OMS)
        loading.load(read)
        condition = Condition.objects.get(slug=OMS.name)
        packed.load(condition, read.translations)
        publish(condition)
        assert "wackelig" not in client.get(f"/conditions/{OMS.name}/?lang=de").content.decode()
        with acting_as(editor):
            draft = TranslationRelease.objects.get()
            draft = translating.submit(editor, draft, version=draft.version)
        with acting_as(reviewer):
            translating.publish(reviewer, draft, version=draft.version)
        shown = client.get(f"/conditions/{OMS.name}/?lang=de").content.decode()
        assert "Holen Sie sofort Hilfe" in shown
        assert "Den ersten Entwurf schrieb eine Maschine." in shown
        assert "Auf Englisch: noch nicht übersetzt." in shown
