"""A translation laid over an edition, statement by statement. Pure.

What the translation has of the very words shown is shown in its language; anything else stays English
and says why.
"""

from collections.abc import Iterable
from dataclasses import replace

from conditions.pieces import Stored, hash_of
from conditions.reading import PROFESSIONAL, Edition
from conditions.shown import CHANGED, MISSING, ShownSection, ShownStatement


def overlaid(edition: Edition, language: str, stored: Stored) -> Edition:
    """The edition in `language` as far as `stored` goes; the numbers of sources and the keys stay."""
    sections = [_section(each, edition.words, language, stored) for each in edition.sections]
    condition, spoken = dict(edition.condition), dict(edition.spoken)
    for field in ("name", "summary"):
        key = f"condition/{field}"
        if not _lack(condition[field], key, stored):
            condition[field], spoken[field] = stored[key]["text"], language
    return replace(
        edition,
        condition=condition,
        spoken=spoken,
        language=language,
        sections=sections,
        in_english=sum(bool(each.lack) for section in sections for each in section.statements),
    )


def _section(section: ShownSection, words: str, language: str, stored: Stored) -> ShownSection:
    statements = [_statement(each, words, language, stored) for each in section.statements]
    key = f"section/{section.key}/title"
    if _lack(section.title, key, stored):
        return replace(section, statements=statements)
    return replace(section, statements=statements, title=stored[key]["text"], language=language)


def _statement(each: ShownStatement, words: str, language: str, stored: Stored) -> ShownStatement:
    """All of what is shown of a statement is translated, or none: no reader meets half of one."""
    asked = "professional" if words == PROFESSIONAL and each.professional else "text"
    shown = {"question": each.question, "text": each.text, "dissent": each.dissent}
    keys = {
        field: f"statement/{each.key}/{asked if field == 'text' else field}"
        for field in shown
        if shown[field]
    }
    if lack := _worst(_lack(shown[field], key, stored) for field, key in keys.items()):
        return replace(each, lack=lack)
    told = {field: stored[key]["text"] for field, key in keys.items()}
    return replace(
        each,
        question=told.get("question", ""),
        text=told.get("text", ""),
        dissent=told.get("dissent", ""),
        language=language,
    )


def _lack(english: str, key: str, stored: Stored) -> str:
    """Why a text stays English, or ''."""
    found = stored.get(key)
    if found is None:
        return MISSING
    return "" if found["source"] == hash_of(english) else CHANGED


def _worst(lacks: Iterable[str]) -> str:
    """That the English changed says more than that a piece is missing."""
    found = set(lacks)
    return next((each for each in (CHANGED, MISSING) if each in found), "")
