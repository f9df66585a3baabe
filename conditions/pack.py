"""Read a condition pack and check it whole: schema, cross-references, every mistake with its line.

A pack is a directory: `condition.yaml` (names, codes, features), `sources.yaml` and
`sections/*.yaml`, whose file names give the order; `translations/<language>.yaml` where there are any.
`pack.schema.json` says what each may hold.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, cast

from django.utils import timezone

from conditions import marked, packed, schema
from conditions.formats import Fields, filled
from conditions.marked import Document, Place
from conditions.models.statement import HALF_DECIDED, STILL_AHEAD
from conditions.packed import Packed
from conditions.snapshot import CONDITION, FORMAT, SectionEntry, Snapshot

Found = tuple[Document, Place, Fields]


@dataclass(frozen=True)
class Pack:
    """A pack without mistakes; `content` has the shape of a snapshot, in the files' order."""

    path: Path
    content: Snapshot
    translations: dict[str, Packed]


class PackError(Exception):
    """The pack has mistakes; each is `file:line: sentence`, in the order of files and lines."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def read(path: Path) -> Pack:
    """Read and check the pack in the directory `path`. Errors: PackError with every mistake."""
    condition = _document(path / "condition.yaml", "condition")
    sources = _document(path / "sources.yaml", "sources")
    sections = [_document(file, "section") for file in sorted((path / "sections").glob("*"))]
    if not sections:
        condition.tell(1, "The pack has no file sections/*.yaml.")
    _check_condition(condition, sources)
    statements = _check_sections(sections, sources)
    _check_must_says(condition, statements)
    translations = packed.read(path / "translations")
    packed.check(translations, [section.value for section in sections])
    documents = [condition, sources, *sections, *translations]
    mistakes = [mistake for document in documents for mistake in document.told()]
    if mistakes:
        raise PackError(mistakes)
    content = _content(condition.value, sources.value, [section.value for section in sections])
    return Pack(path, content, packed.packed(translations))


def _document(path: Path, kind: str) -> Document:
    if path.suffix != ".yaml":
        document = Document(path)
        document.tell(1, "The name of a section's file must end with .yaml.")
        return document
    document = marked.read(path)
    if not document.mistakes or document.value is not None:
        schema.check(document, kind)
    return document


def _check_condition(condition: Document, sources: Document) -> None:
    """Check what no schema can say: each entry once, a code unless there is none, known sources."""
    _once(_entries(sources), "key")
    _once(_entries(condition, "names"), "text")
    _once(_entries(condition, "codes"), "system", "code")
    _once(_entries(condition, "features"), "hpo", "population")
    for _, place, code in _entries(condition, "codes"):
        if isinstance(code.get("code"), str) and (code.get("relation") == "none") != (code["code"] == ""):
            line = condition.line((*place, "code"))
            condition.tell(line, "Give a code, or the relation “none” and an empty code.")
    _once(_entries(condition, "facts"), "key")
    _once(_displayed(condition), "measure", "about", "population")
    _once(_entries(condition, "must_says"), "key")
    organisations = list(_entries(condition, "organisations"))
    _once(organisations, "key")
    for _, place, each in organisations:
        if _lies_ahead(each.get("checked_on")):
            condition.tell(condition.line((*place, "checked_on")), STILL_AHEAD)
    for _, place, fact in _entries(condition, "facts"):
        if mistake := _fact_mistake(fact):
            condition.tell(condition.line((*place, "low")), mistake)
    _known([each for word in ("codes", "features", "facts") for each in _entries(condition, word)], sources)


def _fact_mistake(fact: Fields) -> str:
    """What is wrong with a fact's numbers, or ''; the database says the same."""
    low, high = (str(fact.get(word) or "") for word in ("low", "high"))
    if not (low or high or fact.get("value")):
        return "A fact needs a “value”, or “low” and “high”."
    try:
        backwards = bool(low and high) and Decimal(low) > Decimal(high)
    except InvalidOperation:  # which the schema has told
        return ""
    return "“low” is above “high”." if backwards else ""


def _displayed(condition: Document) -> Iterator[Found]:
    """The facts that readers see first; one of each kind. A population left out means all."""
    for document, place, fact in _entries(condition, "facts"):
        if fact.get("displayed", True) is True:
            yield document, place, filled("fact", fact)


def _check_must_says(condition: Document, statements: set[Any]) -> None:
    """Check that must-says name statements that there are, each once."""
    for _, place, each in _entries(condition, "must_says"):
        said = found if isinstance(found := each.get("statements"), list) else []
        for index, key in enumerate(said):
            line = condition.line((*place, "statements", index))
            if key not in statements:
                condition.tell(line, f"The statement “{key}” is in no section.")
            elif key in said[:index]:
                condition.tell(line, f"The statement “{key}” stands here twice; remove one.")


def _check_sections(sections: list[Document], sources: Document) -> set[Any]:
    """Check that keys stand once in the whole pack and that sources are known; give statements' keys."""
    _once(((each, (), each.value) for each in sections if isinstance(each.value, dict)), "key")
    statements = [found for each in sections for found in _entries(each, "statements")]
    _once(statements, "key")
    for document in sections:
        if mistake := _urgency_mistake(document.value):
            document.tell(document.line(("kind",)), mistake)
    for document, place, statement in statements:
        if _half_decided(statement):
            document.tell(document.line(place), HALF_DECIDED)
        if _lies_ahead(statement.get("decided_on")):
            document.tell(document.line((*place, "decided_on")), STILL_AHEAD)
        cited = list(_entries(document, *place, "citations"))
        _once(cited, "source")
        _known(cited, sources)
        for _, at, citation in cited:
            if citation.get("checked") is False and citation.get("checked_on"):
                line = document.line((*at, "checked_on"))
                document.tell(line, "A date of comparing belongs to a citation that was compared.")
            if _lies_ahead(citation.get("checked_on")):
                document.tell(document.line((*at, "checked_on")), STILL_AHEAD)
    return {each.get("key") for _, _, each in statements}


def _half_decided(statement: Fields) -> bool:
    given = [statement.get(field) for field in ("decision", "decided_by", "decided_on")]
    told = [bool(each.strip() if isinstance(each, str) else each) for each in given]
    return any(given) and not all(told)


def _lies_ahead(day: Any) -> bool:
    """Whether a day is still to come; what is no day, the schema has told."""
    try:
        return date.fromisoformat(str(day)) > timezone.localdate()
    except ValueError:
        return False


def _urgency_mistake(section: Any) -> str:
    if not isinstance(section, dict):
        return ""
    cares, urgent = section.get("kind") == "care", bool(section.get("urgency"))
    return "A care card needs an urgency; other sections have none." if cares != urgent else ""


def _entries(document: Document, *place: str | int) -> Iterator[Found]:
    """Go through the groups in the list at `place`; nothing where there is no list."""
    value = document.value
    for word in place:
        if isinstance(value, dict):
            value = value.get(word)
        elif isinstance(word, int) and isinstance(value, list):
            value = value[word]
    for index, entry in enumerate(value if isinstance(value, list) else []):
        if isinstance(entry, dict):
            yield document, (*place, index), entry


def _once(entries: Iterable[Found], *fields: str) -> None:
    """Tell where two entries agree in all `fields`."""
    first: dict[tuple[str, ...], str] = {}
    for document, place, entry in entries:
        values = tuple(str(entry.get(field, "")) for field in fields)
        here = f"{document.path.name}:{document.line((*place, fields[0]))}"
        earlier = first.setdefault(values, here)
        if entry.get(fields[0]) and earlier != here:
            words = " ".join(filter(None, values))
            line = document.line((*place, fields[0]))
            document.tell(line, f"{' and '.join(fields)} “{words}” is taken already ({earlier}).")


def _known(entries: Iterable[Found], sources: Document) -> None:
    """Tell which sources do not stand in sources.yaml, if that could be read."""
    keys = {entry.get("key") for _, _, entry in _entries(sources)}
    for document, place, entry in entries if isinstance(sources.value, list) else ():
        source = entry.get("source")
        if isinstance(source, str) and source not in keys:
            line = document.line((*place, "source"))
            document.tell(line, f"The source “{source}” is not in sources.yaml.")


def _content(condition: Fields, sources: list[Fields], sections: list[Fields]) -> Snapshot:
    whole = filled("condition", condition)

    def rows(kind: str, word: str) -> list[Fields]:
        return [filled(kind, each) for each in condition.get(word, [])]

    return {
        "format": FORMAT,
        "condition": {key: whole[key] for key in CONDITION},
        "names": rows("name", "names"),
        "codes": rows("code", "codes"),
        "features": rows("feature", "features"),
        "facts": rows("fact", "facts"),
        "must_says": rows("must_say", "must_says"),
        "organisations": rows("organisation", "organisations"),
        "sources": [filled("source", each) for each in sources],
        "sections": [_section(each) for each in sections],
    }


def _section(section: Fields) -> SectionEntry:
    statements = [
        {**filled("statement", each), "citations": [filled("citation", cited) for cited in each["citations"]]}
        for each in section["statements"]
    ]
    return cast("SectionEntry", {**filled("section", section), "statements": statements})
