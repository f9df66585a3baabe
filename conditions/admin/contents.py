"""What a condition holds beside its own page: how many rows of each kind, and the way to them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet, Value
from django.urls import reverse

from conditions.models import (
    Code,
    Condition,
    Fact,
    Feature,
    MustSay,
    Organisation,
    Section,
    Source,
    Statement,
)

# In the order in which a page is written: what one is called, and several.
KINDS: dict[type[Any], tuple[str, str]] = {
    Section: ("section", "sections"),
    Statement: ("statement", "statements"),
    Source: ("source", "sources"),
    Code: ("code", "codes"),
    Feature: ("feature", "features"),
    Fact: ("fact", "facts"),
    MustSay: ("must-say", "must-says"),
    Organisation: ("organisation", "organisations"),
}


@dataclass(frozen=True)
class Kind:
    """How many rows of a kind the condition has, the list of them, and the page of a new one."""

    words: str
    one: str
    address: str
    add: str


def kinds(condition: Condition) -> list[Kind]:
    """Every kind of row, also those of which there is none. Queries: one."""
    first, *others = (_counted(model, condition) for model in KINDS)
    counts = dict(first.union(*others, all=True))
    return [_kind(model, counts.get(model._meta.model_name, 0), condition) for model in KINDS]


def _counted(model: type[Any], condition: Condition) -> "QuerySet[Any, tuple[str, int]]":
    """The kind's word and its number; no row where there is none."""
    column = "section__condition" if model is Statement else "condition"
    rows = model._default_manager.filter(**{column: condition.pk}).order_by().values(column)
    counted: QuerySet[Any, tuple[str, int]] = rows.annotate(
        word=Value(model._meta.model_name), number=Count("pk")
    ).values_list("word", "number")
    return counted


def _kind(model: type[Any], number: int, condition: Condition) -> Kind:
    one, many = KINDS[model]
    word, query = model._meta.model_name, f"?condition={condition.pk}"
    return Kind(
        f"{number} {one if number == 1 else many}",
        one,
        reverse(f"admin:conditions_{word}_changelist") + query,
        reverse(f"admin:conditions_{word}_add") + query,
    )
