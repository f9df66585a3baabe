"""Make a condition's working rows equal a pack: a draft, never what readers see.

Rows that are equal already are not touched, so that a second run changes nothing and counts as
nobody's edit.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models, transaction

from conditions.models import Citation, Condition, Statement
from conditions.pack import Pack
from conditions.snapshot import SectionEntry, Snapshot
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

    names: Rows = {(each["text"],): own | each for each in content["names"]}
    changes += _Table(condition.names.all(), "text").match(names)
    codes: Rows = {(each["system"], each["code"]): sourced(each) for each in content["codes"]}
    changes += _Table(condition.codes.all(), "system", "code").match(codes)
    features: Rows = {(each["hpo"], each["population"]): sourced(each) for each in content["features"]}
    changes += _Table(condition.features.all(), "hpo", "population").match(features)
    return changes + _load_text(condition, content["sections"], sources) + sources.drop(known)


def _load_text(condition: Condition, entries: list[SectionEntry], sources: _Table) -> list[str]:
    """Sections, statements and citations; a statement that moves to another section keeps its row."""
    own = {"condition_id": condition.pk}
    wanted: Rows = {
        (each["key"],): {**own, "key": each["key"], "title": each["title"], "position": at}
        for at, each in enumerate(entries, 1)
    }
    sections = _Table(condition.sections.all(), "key")
    changes = sections.put(wanted)
    statements = _Table(Statement.objects.filter(section__condition=condition), "key")
    placed: Rows = {
        (each["key"],): {
            **{field: value for field, value in each.items() if field != "citations"},
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
            "locator": citation["locator"],
            "checked": citation["checked"],
        }
        for section in entries
        for each in section["statements"]
        for citation in each["citations"]
    }
    return _Table(rows.select_related("statement", "source"), "statement.key", "source.key").match(cited)
