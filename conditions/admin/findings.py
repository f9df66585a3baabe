"""What the guards find, each sentence with a link to its place in the admin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from conditions import guards
from conditions.formats import current
from conditions.models import Fact, MustSay, Organisation, Source, Statement
from conditions.watch import watch

# What a guard calls a kind of row that has a page and a key.
OWN: dict[str, type[Any]] = {
    "source": Source,
    "fact": Fact,
    "must-say": MustSay,
    "organisation": Organisation,
}


@dataclass(frozen=True)
class Located:
    """A sentence and the address where it can be mended."""

    sentence: str
    address: str


def found(condition: int, content: Mapping[str, Any]) -> dict[str, list[Located]]:
    """What stands in the way of this content, and what is advice. Queries: five."""
    snapshot, told = current(content), watch()
    places = _places(condition)
    return {
        word: [_located(each, condition, places) for each in findings]
        for word, findings in (
            ("hindrances", guards.hindrances(snapshot, told)),
            ("advice", guards.advice(snapshot, told)),
        )
    }


def _places(condition: int) -> dict[tuple[str, str], str]:
    """The pages of rows that have one, by kind and key. Queries: five."""
    rows: list[tuple[str, Any]] = [
        ("statement", Statement.objects.filter(section__condition=condition)),
        *((noun, model._default_manager.filter(condition=condition)) for noun, model in OWN.items()),
    ]
    return {
        (noun, key): reverse(f"admin:conditions_{found.model._meta.model_name}_change", args=[pk])
        for noun, found in rows
        for key, pk in found.values_list("key", "pk")
    }


def _located(finding: guards.Finding, condition: int, places: dict[tuple[str, str], str]) -> Located:
    """The row's own page, or the condition's, which leads to everything else."""
    place = places.get((finding.noun, finding.key))
    return Located(finding.sentence, place or reverse("admin:conditions_condition_change", args=[condition]))
