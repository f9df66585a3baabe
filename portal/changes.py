"""What changed in a row from one of its past states to the next, in words."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models

from portal.models import User

ACTS = {"insert": "made", "update": "changed", "delete": "removed"}
OWN = frozenset({"by", "xid", "epoch", "id", "key"})  # columns that say nothing of what the row said

Fields = list["models.Field[Any, Any]"]


@dataclass(frozen=True)
class Change:
    """One act on a row: when, by whom (a name, or empty), what was done, and what it said then."""

    at: datetime
    by: str
    act: str
    facts: list[str]


def changes(past: Iterable[Any], without: Set[str] = frozenset()) -> list[Change]:
    """Newest first, from `portal.history.Past` states of any rows; fields `without` go unsaid.

    Queries: the states, and one for names.
    """
    states = sorted(past, key=lambda state: state.pgh_id)
    fields = [each for each in _fields(states) if each.name not in without]
    names = _names(states, fields)
    before: dict[Any, Any] = {}
    told = []
    for state in states:
        facts = list(_facts(before.get(state.pgh_obj_id), state, fields, names))
        act = ACTS.get(state.pgh_label, state.pgh_label)
        told.append(Change(state.pgh_created_at, names.get(state.by, ""), act, facts))
        before[state.pgh_obj_id] = state
    return told[::-1]


def _fields(states: list[Any]) -> Fields:
    fields = states[0]._meta.concrete_fields if states else []
    return [each for each in fields if not each.name.startswith("pgh_") and each.name not in OWN]


def _names(states: list[Any], fields: Fields) -> Mapping[Any, str]:
    """What the people named in the states are called now, by their number."""
    people = {state.by for state in states}
    for each in fields:
        if each.related_model is User:
            people |= {getattr(state, each.attname) for state in states}
    return dict(User.objects.filter(pk__in=people - {None}).values_list("pk", "name"))


def _facts(before: Any, state: Any, fields: Fields, names: Mapping[Any, str]) -> Iterable[str]:
    """A sentence for each field: what it was and became, or what a new row says."""
    for each in fields:
        was = _said(before, each, names) if before else ""
        word, now = str(each.verbose_name), _said(state, each, names)
        if state.pgh_label != "delete" and was != now:
            yield f"{word}: {was or '–'} → {now or '–'}" if before else f"{word}: {now}"


def _said(state: Any, each: "models.Field[Any, Any]", names: Mapping[Any, str]) -> str:
    value = getattr(state, each.attname)
    if value is None or value == "":
        return ""
    if each.related_model is User:
        return names.get(value, str(value))
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(dict(each.flatchoices).get(value, value))
