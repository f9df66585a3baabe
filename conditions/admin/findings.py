"""What the guards find, each sentence with a link to its place in the admin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from conditions import guards
from conditions.formats import current
from conditions.models import Source, Statement
from conditions.watch import watch


@dataclass(frozen=True)
class Located:
    """A sentence and the address where it can be mended."""

    sentence: str
    address: str


def found(condition: int, content: Mapping[str, Any]) -> dict[str, list[Located]]:
    """What stands in the way of this content, and what is advice. Queries: two."""
    snapshot, told = current(content), watch()
    places = _places(condition)
    return {
        word: [_located(each, condition, places) for each in findings]
        for word, findings in (
            ("hindrances", guards.hindrances(snapshot, told)),
            ("advice", guards.advice(snapshot, told)),
        )
    }


def _places(condition: int) -> dict[tuple[str, str], int]:
    statements = Statement.objects.filter(section__condition=condition).values_list("key", "pk")
    sources = Source.objects.filter(condition=condition).values_list("key", "pk")
    return {("statement", key): pk for key, pk in statements} | {("source", key): pk for key, pk in sources}


def _located(finding: guards.Finding, condition: int, places: dict[tuple[str, str], int]) -> Located:
    """The row's own page, or the condition's, where everything else is edited."""
    pk = places.get((finding.noun, finding.key))
    if pk is None:
        return Located(finding.sentence, reverse("admin:conditions_condition_change", args=[condition]))
    return Located(finding.sentence, reverse(f"admin:conditions_{finding.noun}_change", args=[pk]))
