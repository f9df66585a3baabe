"""Every word that the interface asks gettext for has its translation, with the same places to fill."""

import os
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message

from portal import catalogues, extraction

PLACE = re.compile(r"%\(\w+\)[sd]|%[sd%]|</?[a-z]+|\{\w*\}")
LANGUAGES = sorted(catalogues.languages())


def translations(language: str) -> dict[tuple, Message]:
    return {_key(each): each for each in extraction.read(language) if each.id}


def _key(message: Message) -> tuple:
    return message.context, message.id


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_there_is_german() -> None:
    assert "de" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated_and_none_is_left_over(language: str) -> None:
    """`make messages` adds what is missing."""
    asked = {_key(each) for each in extraction.extracted() if each.id}
    given = translations(language)
    assert asked - set(given) == set()
    assert set(given) - asked == set()
    assert [key for key, each in given.items() if each.fuzzy or not all(forms(each.string))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_have_the_same_places(language: str) -> None:
    """A place for a value that is missing or misspelt would fail on the page; a tag would break it."""
    for key, each in translations(language).items():
        expected = sorted(PLACE.findall(forms(each.id)[-1]))
        for text in forms(each.string):
            assert sorted(PLACE.findall(text)) == expected, key


def test_a_changed_catalogue_is_compiled_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, compiled = tmp_path / "locale", tmp_path / ".locale"
    source = written / "de" / catalogues.FILE
    source.parent.mkdir(parents=True)
    source.write_text('msgid "Yes"\nmsgstr "Ja"\n')
    monkeypatch.setattr(catalogues, "WRITTEN", written)
    monkeypatch.setattr(catalogues, "COMPILED", compiled)
    catalogues.compile_changed()
    [made] = compiled.rglob("*.*")
    first = made.read_bytes()
    assert b"Ja" in first
    made.write_bytes(b"kept")
    os.utime(made, ns=(source.stat().st_mtime_ns,) * 2)
    catalogues.compile_changed()
    assert made.read_bytes() == b"kept", "what is up to date is left alone"
    source.write_text('msgid "Yes"\nmsgstr "Jawohl"\n')
    os.utime(source, (1, 1))  # an older file that was put back counts, too
    catalogues.compile_changed()
    assert b"Jawohl" in made.read_bytes()
