"""A sheet tried on a condition's draft, and then written to it: one transaction, one event of the trail."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from tablib import Dataset

from conditions import sheets, snapshot
from conditions.models import Condition
from conditions.resources import KINDS
from portal import audit
from portal.models import User

RIGHTS = [
    f"conditions.{act}_{word}" for act in ("add", "change") for word in ("statement", "source", "citation")
]


@dataclass(frozen=True)
class RowChange:
    """What one row of the sheet does; `fields` are column, before and after."""

    number: int
    key: str
    new: bool
    fields: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Trial:
    """What a sheet would do to the draft that had `digest`; with a mistake it does nothing."""

    digest: str
    mistakes: list[str] = field(default_factory=list)
    changes: list[RowChange] = field(default_factory=list)
    same: int = 0

    @property
    def new(self) -> int:
        """How many rows are new."""
        return sum(each.new for each in self.changes)


class Moved(Exception):
    """Somebody changed the draft after the sheet was tried."""


def export(condition: Condition, kind: str) -> str:
    """The draft's statements or sources as CSV, in the columns that `try_out` reads."""
    resource = KINDS[kind](condition)
    return sheets.write(Dataset(*resource.cells(), headers=resource.columns()))


def try_out(condition: Condition, kind: str, text: str) -> Trial:
    """What the sheet would change, row by row; nothing is kept."""
    return _run(condition, kind, text, dry_run=True)


def carry_out(user: User, condition: Condition, kind: str, text: str, *, tried: str) -> Trial:
    """Write the sheet into the draft whose digest was `tried`. Rows that say the same are not touched.

    Errors: Moved, and nothing is written; PermissionDenied.
    """
    if not user.has_perms(RIGHTS):
        raise PermissionDenied
    with transaction.atomic():
        # Edits of its rows wait for this lock too, by their trigger.
        locked = Condition.objects.select_for_update().get(pk=condition.pk)
        if snapshot.digest(snapshot.take(locked)) != tried:
            raise Moved
        trial = _run(locked, kind, text, dry_run=False)
        if trial.changes and not trial.mistakes:
            audit.record(user, f"{kind}.imported", locked)
    return trial


def _run(condition: Condition, kind: str, text: str, *, dry_run: bool) -> Trial:
    digest = snapshot.digest(snapshot.take(condition))
    resource = KINDS[kind](condition)
    try:
        data = sheets.read(text, resource.columns())
    except sheets.Unreadable as error:
        return Trial(digest, error.mistakes)
    result = resource.import_data(data, dry_run=dry_run, rollback_on_validation_errors=True)
    for fault in (*result.base_errors, *(each for row in result.error_rows for each in row.errors)):
        raise fault.error  # nothing that a sheet can hold: a fault of ours
    rows = data.dict
    mistakes = [
        sentence
        for each in result.invalid_rows
        for sentence in _sentences(resource, rows[each.number - 1], each.error)
    ]
    if mistakes:
        return Trial(digest, mistakes)
    told = list(zip(rows, result.rows, strict=True))
    changes = [
        RowChange(int(row[sheets.NUMBER]), row["key"], each.is_new(), each.diff)
        for row, each in told
        if not each.is_skip()
    ]
    return Trial(digest, [], changes, len(told) - len(changes))


def _sentences(resource: Any, row: dict[str, str], mistake: Any) -> Iterator[str]:
    """Every mistake of a row, with the row's number and the column."""
    columns = {each.attribute: each.column_name for each in resource.fields.values()}
    errors: dict[str, list[ValidationError]] = getattr(mistake, "error_dict", {"": [mistake]})
    for attribute, found in errors.items():
        place = f"Row {row[sheets.NUMBER]}"
        if attribute in columns:
            place += f", {columns[attribute]}"
        for error in found:
            for message in error.messages:
                yield f"{place}: {message}{_choices(resource, attribute, error)}"


def _choices(resource: Any, attribute: str, error: ValidationError) -> str:
    if error.code != "invalid_choice":
        return ""
    choices = resource._meta.model._meta.get_field(attribute).choices or ()
    return f" Write one of: {', '.join(value for value, _ in choices)}."
