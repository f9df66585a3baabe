"""Make a condition's working rows equal a pack: a draft, never what readers see.

Rows that are equal already are not touched, so that a second run changes nothing and counts as
nobody's edit.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.db import models, transaction

from conditions.models import Citation, Condition, Saying, Statement
from conditions.pack import Pack
from conditions.snapshot import CITATION, SECTION, SectionEntry, Snapshot
from portal import audit

Key = tuple[str, ...]
Fields = dict[str, Any]
Rows = dict[Key, Fields]


def load(pack: Pack, *, dry_run: bool = False) -> list[str]:
    """Write the pack to the working rows; give one description for each row that changed.

    `dry_run` describes the same and changes nothing. One transaction.
    """
    with transaction.atomic():
        condition, changes = _load_condition(dict(pack.content["condition"]))
        changes += _load_rows(condition, pack.content)
        if changes:
            audit.record(None, "pack.loaded", condition)
        transaction.set_rollback(dry_run)
    return changes


class _Table:
    """The rows of one model that belong to a condition, by natural key (the fields or paths `key`)."""

    def __init__(self, rows: "models.QuerySet[Any]", *key: str) -> None:
        self.model, self.noun = rows.model, rows.model._meta.verbose_name
        self.rows: dict[Key, Any] = {}
        self.spare: list[Any] = []  # second rows with the same key, which the admin's rules may allow
        for row in rows:
            at = tuple(_follow(row, path) for path in key)
            if self.rows.setdefault(at, row) is not row:
                self.spare.append(row)

    def drop(self, wanted: Iterable[Key]) -> list[str]:
        """Remove what is not wanted."""
        gone = {at: self.rows.pop(at) for at in self.rows.keys() - set(wanted)}
        for row in [*self.spare, *gone.values()]:
            row.delete()
        return [f"removed {self.noun} {' '.join(at)}".rstrip() for at in sorted(gone)]

    def put(self, wanted: Rows) -> list[str]:
        """Add what is missing and change what differs."""
        changes = []
        for at, fields in wanted.items():
            label = f"{self.noun} {' '.join(at)}".rstrip()
            if at in self.rows:
                changes += _change(self.rows[at], fields, label)
            else:
                changes.append(f"added {label}")
        new = {at: self.model(**fields) for at, fields in wanted.items() if at not in self.rows}
        self.model.objects.bulk_create(new.values())
        self.rows |= new
        return changes

    def match(self, wanted: Rows) -> list[str]:
        """Remove, change and add until the rows are exactly those."""
        return self.drop(wanted) + self.put(wanted)


def _follow(row: Any, path: str) -> str:
    for word in path.split("."):
        row = getattr(row, word)
    return str(row)


def _change(row: models.Model, fields: Fields, label: str) -> list[str]:
    differing = [name for name, value in fields.items() if getattr(row, name) != value]
    if not differing:
        return []
    for name in differing:
        setattr(row, name, fields[name])
    row.save(update_fields=differing)
    return [f"changed {label}: {', '.join(name.removesuffix('_id') for name in differing)}"]


def _load_condition(fields: Fields) -> tuple[Condition, list[str]]:
    condition, made = Condition.objects.select_for_update().get_or_create(
        slug=fields["slug"], defaults=fields
    )
    label = f"condition {condition.slug}"
    return condition, [f"added {label}"] if made else _change(condition, fields, label)


def _load_rows(condition: Condition, content: Snapshot) -> list[str]:
    """Every table in the order that foreign keys ask for; sources go last, when nothing cites them."""
    own = {"condition_id": condition.pk}
    sources = _Table(condition.sources.all(), "key")
    known: Rows = {(each["key"],): own | each for each in content["sources"]}
    changes = sources.put(known)

    def sourced(entry: Mapping[str, Any]) -> Fields:
        rest = {field: value for field, value in entry.items() if field != "source"}
        return own | rest | {"source_id": sources.rows[entry["source"],].pk}

    def keyed(entries: Iterable[Mapping[str, Any]]) -> Rows:
        return {(each["key"],): own | dict(each) for each in entries}

    names: Rows = {(each["text"],): own | each for each in content["names"]}
    changes += _Table(condition.names.all(), "text").match(names)
    codes: Rows = {(each["system"], each["code"]): sourced(each) for each in content["codes"]}
    changes += _Table(condition.codes.all(), "system", "code").match(codes)
    features: Rows = {(each["hpo"], each["population"]): sourced(each) for each in content["features"]}
    changes += _Table(condition.features.all(), "hpo", "population").match(features)
    # What is displayed no more goes first, since one of a kind is displayed at a time.
    ordered = sorted(content["facts"], key=lambda each: bool(each["displayed"]))
    facts: Rows = {(each["key"],): sourced(each) for each in ordered}
    changes += _Table(condition.facts.all(), "key").match(facts)
    places = keyed(dated(each) for each in content["organisations"])
    changes += _Table(condition.organisations.all(), "key").match(places)
    changes += _load_text(condition, content["sections"], sources)
    return changes + _load_must_says(condition, content["must_says"]) + sources.drop(known)


def _load_text(condition: Condition, entries: list[SectionEntry], sources: _Table) -> list[str]:
    """Sections, statements and citations; a statement that moves to another section keeps its row."""
    own = {"condition_id": condition.pk}
    wanted: Rows = {
        (each["key"],): {**own, **_only(each, SECTION), "position": at} for at, each in enumerate(entries, 1)
    }
    sections = _Table(condition.sections.all(), "key")
    changes = sections.put(wanted)
    statements = _Table(Statement.objects.filter(section__condition=condition), "key")
    placed: Rows = {
        (each["key"],): {
            **dated({field: value for field, value in each.items() if field != "citations"}, "decided_on"),
            "position": at,
            "section_id": sections.rows[section["key"],].pk,
        }
        for section in entries
        for at, each in enumerate(section["statements"], 1)
    }
    changes += statements.match(placed)
    changes += _load_citations(condition, entries, statements, sources)
    return changes + sections.drop(wanted)


def _load_citations(
    condition: Condition, entries: list[SectionEntry], statements: _Table, sources: _Table
) -> list[str]:
    rows = Citation.objects.filter(statement__section__condition=condition)
    cited: Rows = {
        (each["key"], citation["source"]): {
            "statement_id": statements.rows[each["key"],].pk,
            "source_id": sources.rows[citation["source"],].pk,
            **dated(_only(citation, CITATION)),
        }
        for section in entries
        for each in section["statements"]
        for citation in each["citations"]
    }
    return _Table(rows.select_related("statement", "source"), "statement.key", "source.key").match(cited)


def _load_must_says(condition: Condition, entries: list[Fields]) -> list[str]:
    """What must be said, and which statements say it."""
    table = _Table(condition.must_says.all(), "key")
    wanted: Rows = {
        (each["key"],): {"condition_id": condition.pk, "key": each["key"], "text": each["text"]}
        for each in entries
    }
    changes = table.match(wanted)
    statements = Statement.objects.filter(section__condition=condition).values_list("key", "pk")
    numbers = dict(statements)
    said: Rows = {
        (each["key"], key): {"must_say_id": table.rows[each["key"],].pk, "statement_id": numbers[key]}
        for each in entries
        for key in each["statements"]
    }
    rows = Saying.objects.filter(must_say__condition=condition).select_related("must_say", "statement")
    return changes + _Table(rows, "must_say.key", "statement.key").match(said)


def dated(entry: Mapping[str, Any], field: str = "checked_on") -> Fields:
    """The entry as a row holds it: a day instead of its ISO text."""
    day = entry[field]
    return {**entry, field: date.fromisoformat(day) if day else None}


def _only(entry: Mapping[str, Any], fields: Iterable[str]) -> Fields:
    return {field: entry[field] for field in fields}
