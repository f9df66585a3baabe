"""A condition's content frozen: working rows -> canonical JSON -> digest.

Everything below `take` is pure. Order that carries no meaning (names, codes, features, facts, sources,
citations) is sorted away, so that equal content has an equal digest whatever the rows' order.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypedDict, cast

from django.db.models import Prefetch

from conditions.models import Citation, Condition, MustSay, Saying, Section, Statement

FORMAT = 3  # of what `take` gives; `conditions.formats` reads older ones


class Cited(TypedDict):
    """Where in which source (by key), to what effect, and when somebody compared them (ISO date)."""

    source: str
    locator: str
    stance: str
    checked: bool
    checked_on: str | None


class StatementEntry(TypedDict):
    """One statement; `key` is unique in the whole condition."""

    key: str
    population: str
    question: str
    text: str
    professional: str
    dissent: str
    decision: str
    decided_by: str
    decided_on: str | None
    citations: list[Cited]


class SectionEntry(TypedDict):
    """A heading with its statements in the order shown."""

    key: str
    title: str
    kind: str
    urgency: str
    statements: list[StatementEntry]


class Snapshot(TypedDict):
    """Everything that readers see of a condition; sources and statements are named by key throughout."""

    format: int
    condition: dict[str, Any]
    names: list[dict[str, Any]]
    codes: list[dict[str, Any]]
    features: list[dict[str, str]]
    facts: list[dict[str, Any]]
    must_says: list[dict[str, Any]]
    organisations: list[dict[str, Any]]
    sources: list[dict[str, Any]]
    sections: list[SectionEntry]


CONDITION = ("slug", "name", "short_name", "summary", "review_months")
NAME = ("text", "kind", "note", "ambiguous")
CODE = ("system", "code", "display", "relation", "checked", "note")
FEATURE = ("hpo", "name", "lay", "frequency", "population")
FACT = (
    *("key", "measure", "about", "value", "low", "high", "unit", "denominator"),
    *("population", "place", "period", "checked", "displayed", "reason"),
)
ORGANISATION = ("key", "kind", "name", "country", "url", "note", "checked_on")
SOURCE = (
    *("key", "kind", "title", "authors", "year", "published_in"),
    *("doi", "pmid", "url", "read", "checked", "note"),
)
SECTION = ("key", "title", "kind", "urgency")
STATEMENT = (
    *("key", "population", "question", "text", "professional", "dissent"),
    *("decision", "decided_by", "decided_on"),
)
CITATION = ("locator", "stance", "checked", "checked_on")

# The natural keys by which lists are sorted whose order says nothing.
SORTED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "names": lambda name: (name["text"].casefold(), name["text"]),
    "codes": lambda code: (code["system"], code["code"]),
    "features": lambda each: (each["hpo"], each["population"]),
    "facts": lambda fact: fact["key"],
    "must_says": lambda each: each["key"],
    "organisations": lambda each: each["key"],
    "sources": lambda source: source["key"],
}


def take(condition: Condition) -> Snapshot:
    """Freeze the working rows of a saved condition as they stand.

    Shape: `Snapshot`, canonical. Queries: eleven, however many rows there are.
    """
    cited = Prefetch("citations", Citation.objects.select_related("source"))
    statements = Prefetch("statements", Statement.objects.prefetch_related(cited))
    sayings = Prefetch("sayings", Saying.objects.select_related("statement"))
    return canonical(
        {
            "format": FORMAT,
            "condition": _fields(condition, CONDITION),
            "names": [_fields(row, NAME) for row in condition.names.all()],
            "codes": _sourced(condition.codes, CODE),
            "features": _sourced(condition.features, FEATURE),
            "facts": _sourced(condition.facts, FACT),
            "must_says": [_must_say(row) for row in condition.must_says.prefetch_related(sayings)],
            "organisations": [_fields(row, ORGANISATION) for row in condition.organisations.all()],
            "sources": [_fields(row, SOURCE) for row in condition.sources.all()],
            "sections": [_section(row) for row in condition.sections.prefetch_related(statements)],
        }
    )


def canonical(snapshot: Snapshot) -> Snapshot:
    """The same content with every list whose order says nothing sorted by its natural key.

    It adds nothing, so that a release of an older form keeps its digest.
    """
    whole: Mapping[str, Any] = snapshot
    ordered = {word: sorted(whole[word], key=key) for word, key in SORTED.items() if word in whole}
    if "must_says" in ordered:
        ordered["must_says"] = [
            {**each, "statements": sorted(each["statements"])} for each in ordered["must_says"]
        ]
    sections = [
        {**section, "statements": [_sorted_citations(each) for each in section["statements"]]}
        for section in snapshot["sections"]
    ]
    return cast("Snapshot", {**whole, **ordered, "sections": sections})


def digest(snapshot: Snapshot) -> str:
    """SHA-256, in hex, of the canonical JSON; equal for a snapshot that PostgreSQL gave back."""
    text = json.dumps(canonical(snapshot), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _fields(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _sourced(rows: Any, names: Iterable[str]) -> list[dict[str, Any]]:
    return [_fields(row, names) | {"source": row.source.key} for row in rows.select_related("source")]


def _must_say(row: MustSay) -> dict[str, Any]:
    said = [each.statement.key for each in row.sayings.all()]
    return {"key": row.key, "text": row.text, "statements": said}


def _section(row: Section) -> SectionEntry:
    statements = [_statement(each) for each in row.statements.all()]
    return cast("SectionEntry", _fields(row, SECTION) | {"statements": statements})


def _statement(row: Statement) -> StatementEntry:
    citations = [_fields(each, CITATION) | {"source": each.source.key} for each in row.citations.all()]
    return cast("StatementEntry", _fields(row, STATEMENT) | {"citations": citations})


def _sorted_citations(statement: StatementEntry) -> StatementEntry:
    return {**statement, "citations": sorted(statement["citations"], key=lambda cited: cited["source"])}
