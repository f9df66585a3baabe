"""The translations beside a pack, `translations/<language>.yaml`: read and checked, loaded as drafts.

Loading never publishes: a draft waits until somebody who wrote none of it has checked it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from conditions import marked, schema
from conditions.marked import Document
from conditions.models import Condition, TranslationRelease
from conditions.pieces import Stored, pieces_of
from conditions.snapshot import Snapshot
from conditions.translating import languages
from portal import audit
from portal.identity import speaking_as

PACK = "job:pack"  # whom the database lets write drafts without a person


@dataclass(frozen=True)
class Packed:
    """A translation as a file holds it; `method` says what wrote its first words."""

    method: str
    pieces: Stored


def read(folder: Path) -> list[Document]:
    """Read the files, each checked against the schema."""
    documents = [marked.read(path) for path in sorted(folder.glob("*"))]
    for document in documents:
        if document.path.suffix != ".yaml" or document.path.stem not in languages():
            known = ", ".join(f"{code}.yaml" for code in languages())
            document.tell(1, f"A translation's file is named after its language: {known}.")
        elif not document.mistakes or document.value is not None:
            schema.check(document, "translation")
    return documents


def check(documents: list[Document], sections: list[Any]) -> None:
    """Tell which keys stand twice, or nowhere in the pack."""
    known = set(_keys(sections))
    for document in documents:
        seen: set[str] = set()
        for index, key in _listed(document):
            line = document.line(("pieces", index, "key"))
            if key not in known:
                document.tell(line, f"The piece “{key}” is not in this pack.")
            elif key in seen:
                document.tell(line, f"The piece “{key}” stands here twice; remove one.")
            seen.add(key)


def _listed(document: Document) -> Iterator[tuple[int, str]]:
    told = document.value.get("pieces") if isinstance(document.value, dict) else None
    for index, each in enumerate(told if isinstance(told, list) else []):
        if isinstance(each, dict) and isinstance(each.get("key"), str):
            yield index, each["key"]


def _keys(sections: list[Any]) -> Iterator[str]:
    """Every key that a piece may have, of sections that may have mistakes of their own."""
    yield from ("condition/name", "condition/summary")
    for section in sections:
        if not isinstance(section, dict):
            continue
        yield f"section/{section.get('key')}/title"
        statements = section.get("statements")
        for each in statements if isinstance(statements, list) else []:
            if isinstance(each, dict):
                yield from (f"statement/{each.get('key')}/{field}" for field in each)


def packed(documents: list[Document]) -> dict[str, Packed]:
    """By language, of files without mistakes."""
    return {
        document.path.stem: Packed(
            document.value["method"],
            {
                each["key"]: {"source": each["source"], "text": each["text"]}
                for each in document.value["pieces"]
            },
        )
        for document in documents
    }


def load(condition: Condition, translations: Mapping[str, Packed]) -> list[str]:
    """Make drafts of them, and say which; what editors have changed is left as it is.

    A second run changes nothing: what was loaded once is in the history. One transaction.
    """
    with speaking_as(PACK), transaction.atomic():
        changes = [_load(condition, language, each) for language, each in translations.items()]
    return [change for change in changes if change]


def _load(condition: Condition, language: str, told: Packed) -> str:
    own = TranslationRelease.objects.filter(condition=condition, language=language)
    past: Any = TranslationRelease.past.rel.related_model  # type: ignore[attr-defined]  # by pghistory
    if past.objects.filter(condition=condition, language=language, pieces=told.pieces).exists():
        return ""
    draft = own.underway().select_for_update().first()
    if draft is None:
        draft = own.create(condition=condition, language=language, method=told.method, pieces=told.pieces)
        audit.record(None, "translation.loaded", draft)
        return f"added translation {language}, as a draft that nobody has checked"
    if draft.state != TranslationRelease.State.DRAFT or draft.edited_by_id is not None:
        return f"kept translation {language}: people are at work on it"
    draft.pieces = told.pieces
    draft.save(update_fields=["pieces"])
    audit.record(None, "translation.loaded", draft)
    return f"changed translation {language}"


def kept(condition: Condition, content: Snapshot) -> dict[str, Packed]:
    """What there is of the content in each language: what readers see, else what is under way."""
    known = [piece.key for piece in pieces_of(content)]
    with speaking_as(PACK):
        rows = TranslationRelease.objects.filter(condition=condition)
        found = {row.language: row for row in [*rows.underway(), *rows.published()]}
    return {
        language: Packed(row.method, {key: row.pieces[key] for key in known if key in row.pieces})
        for language, row in sorted(found.items())
    }
