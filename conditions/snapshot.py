"""A condition's content frozen: working rows -> canonical JSON -> digest; what differs between two.

Everything below `take` is pure. Order that carries no meaning (names, codes, features, sources,
citations) is sorted away, so that equal content has an equal digest whatever the rows' order.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypedDict

from django.db.models import Prefetch

from conditions.models import Citation, Condition, Section, Statement

FORMAT = 1


class Cited(TypedDict):
    """Where in which source (by key) a statement is borne out."""

    source: str
    locator: str
    checked: bool


class StatementEntry(TypedDict):
    """One statement; `key` is unique in the whole condition."""

    key: str
    population: str
    question: str
    text: str
    citations: list[Cited]


class SectionEntry(TypedDict):
    """A heading with its statements in the order shown."""

    key: str
    title: str
    statements: list[StatementEntry]


class Snapshot(TypedDict):
    """Everything that readers see of a condition; sources are named by their key throughout."""

    format: int
    condition: dict[str, str]
    names: list[dict[str, str]]
    codes: list[dict[str, Any]]
    features: list[dict[str, str]]
    sources: list[dict[str, Any]]
    sections: list[SectionEntry]


CONDITION = ("slug", "name", "short_name", "summary")
NAME = ("text", "kind", "note")
CODE = ("system", "code", "display", "relation", "checked", "note")
FEATURE = ("hpo", "name", "lay", "frequency", "population")
SOURCE = (
    *("key", "kind", "title", "authors", "year", "published_in"),
    *("doi", "pmid", "url", "read", "checked", "note"),
)
STATEMENT = ("key", "population", "question", "text")


def take(condition: Condition) -> Snapshot:
    """Freeze the working rows of a saved condition as they stand.

    Shape: `Snapshot`, canonical. Queries: seven, however many rows there are.
    """
    cited = Prefetch("citations", Citation.objects.select_related("source"))
    statements = Prefetch("statements", Statement.objects.prefetch_related(cited))
    return canonical(
        {
            "format": FORMAT,
            "condition": _fields(condition, CONDITION),
            "names": [_fields(row, NAME) for row in condition.names.all()],
            "codes": [
                _fields(row, CODE) | {"source": row.source.key}
                for row in condition.codes.select_related("source")
            ],
            "features": [
                _fields(row, FEATURE) | {"source": row.source.key}
                for row in condition.features.select_related("source")
            ],
            "sources": [_fields(row, SOURCE) for row in condition.sources.all()],
            "sections": [_section(row) for row in condition.sections.prefetch_related(statements)],
        }
    )


def canonical(snapshot: Snapshot) -> Snapshot:
    """The same content with every list whose order says nothing sorted by its natural key."""
    return {
        "format": snapshot["format"],
        "condition": snapshot["condition"],
        "names": sorted(snapshot["names"], key=lambda name: (name["text"].casefold(), name["text"])),
        "codes": sorted(snapshot["codes"], key=lambda code: (code["system"], code["code"])),
        "features": sorted(snapshot["features"], key=lambda each: (each["hpo"], each["population"])),
        "sources": sorted(snapshot["sources"], key=lambda source: str(source["key"])),
        "sections": [
            {**section, "statements": [_sorted_citations(each) for each in section["statements"]]}
            for section in snapshot["sections"]
        ],
    }


def digest(snapshot: Snapshot) -> str:
    """SHA-256, in hex, of the canonical JSON; equal for a snapshot that PostgreSQL gave back."""
    text = json.dumps(canonical(snapshot), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class Change:
    """One difference. `old` is empty for what was added, `new` for what was removed.

    `field` names what changed of an item that both have, and is empty otherwise.
    """

    kind: Literal["added", "removed", "changed"]
    noun: str
    key: str
    field: str
    old: str
    new: str

    def __str__(self) -> str:
        what = f"{self.noun} {self.key} {self.kind}"
        return f"{what}: {self.field}" if self.field else what


def difference(old: Snapshot | None, new: Snapshot) -> list[Change]:
    """What changed from `old` to `new`, statements first; all of it is new when there is no `old`.

    Empty exactly when both have the same digest.
    """
    before = dict(_items(old)) if old else {}
    after = dict(_items(new))
    changes: list[Change] = []
    for at in dict.fromkeys([*after, *before]):
        changes += _compare(at, before.get(at), after.get(at))
    return sorted(changes, key=lambda change: NOUNS.index(change.noun))


NOUNS = ("statement", "section", "condition", "order", "name", "code", "feature", "source", "format")

Item = tuple[tuple[str, str], dict[str, str]]


def _compare(at: tuple[str, str], old: dict[str, str] | None, new: dict[str, str] | None) -> list[Change]:
    """One item before and after; its first field stands for the whole when only one side has it."""
    if old is None or new is None:
        if at[0] == "order":  # of a section that came or went, which is said already
            return []
        kind: Literal["added", "removed"] = "added" if old is None else "removed"
        return [Change(kind, *at, "", _lead(old), _lead(new))]
    if at[0] == "order":
        return _reordered(at[1], old["keys"].split(), new["keys"].split())
    return [
        Change("changed", *at, field, old[field], new[field]) for field in new if old[field] != new[field]
    ]


def _lead(item: dict[str, str] | None) -> str:
    return next(iter(item.values())) if item else ""


def _reordered(key: str, old: list[str], new: list[str]) -> list[Change]:
    """Whether what both have stands in another order; additions alone reorder nothing."""
    both = set(old) & set(new)
    was, now = [word for word in old if word in both], [word for word in new if word in both]
    return [Change("changed", "order", key, "order", ", ".join(was), ", ".join(now))] if was != now else []


def _items(snapshot: Snapshot) -> Iterator[Item]:
    """Every item by noun and key, as printable fields, the telling one first."""
    snapshot = canonical(snapshot)
    yield ("format", "format"), {"number": str(snapshot["format"])}
    yield ("condition", "itself"), _printable(snapshot["condition"], "name")
    yield ("order", "sections"), {"keys": " ".join(section["key"] for section in snapshot["sections"])}
    for section in snapshot["sections"]:
        yield from _section_items(section)
    for name in snapshot["names"]:
        yield ("name", name["text"]), _printable(name, "text")
    for code in snapshot["codes"]:
        yield ("code", f"{code['system']} {code['code'] or 'none'}"), _printable(code, "display")
    for each in snapshot["features"]:
        yield ("feature", f"{each['hpo']} {each['population']}"), _printable(each, "name")
    for source in snapshot["sources"]:
        yield ("source", source["key"]), _printable(source, "title")


def _section_items(section: SectionEntry) -> Iterator[Item]:
    statements = section["statements"]
    yield ("section", section["key"]), {"title": section["title"]}
    yield ("order", section["key"]), {"keys": " ".join(each["key"] for each in statements)}
    for each in statements:
        cited = "; ".join(_citation_words(citation) for citation in each["citations"])
        fields = {"text": each["text"], "question": each["question"], "population": each["population"]}
        yield ("statement", each["key"]), {**fields, "section": section["key"], "citations": cited}


def _citation_words(citation: Cited) -> str:
    words = f"{citation['source']} ({citation['locator']})" if citation["locator"] else citation["source"]
    return words if citation["checked"] else f"{words}, to be verified"


def _printable(item: dict[str, Any], first: str) -> dict[str, str]:
    words = {True: "yes", False: "no", None: ""}
    ordered = {first: item[first], **dict(sorted(item.items()))}
    return {
        field: words[value] if isinstance(value, bool | None) else str(value)
        for field, value in ordered.items()
    }


def _fields(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _section(row: Section) -> SectionEntry:
    return {
        "key": row.key,
        "title": row.title,
        "statements": [_statement(each) for each in row.statements.all()],
    }


def _statement(row: Statement) -> StatementEntry:
    return {
        "key": row.key,
        "population": row.population,
        "question": row.question,
        "text": row.text,
        "citations": [
            {"source": each.source.key, "locator": each.locator, "checked": each.checked}
            for each in row.citations.all()
        ],
    }


def _sorted_citations(statement: StatementEntry) -> StatementEntry:
    return {**statement, "citations": sorted(statement["citations"], key=lambda cited: cited["source"])}
