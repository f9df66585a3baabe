"""Facts as readers see them: a figure in words, one of each kind first, the others beside it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conditions.formats import label_of
from conditions.models import Fact, Population


@dataclass(frozen=True)
class ShownFact:
    """A figure with whom it counts; `population` is the label of a group, or '' for everyone.

    `others` are the figures for the same that are not displayed, each with its reason.
    """

    about: str
    figure: str
    counted: str
    population: str
    source: str
    number: int
    checked: bool
    reason: str
    others: list["ShownFact"]


def figure(fact: Mapping[str, Any]) -> str:
    """The number with its range and unit, like `1.5 (1.2 to 2) years` or `50%`."""
    span = " to ".join(filter(None, (fact["low"], fact["high"])))
    if fact["value"] and span:
        span = f"({span})"
    number = " ".join(filter(None, (fact["value"], span)))
    if fact["unit"].startswith("%"):
        return f"{number}{fact['unit']}"
    return f"{number} {fact['unit']}".rstrip()


def shown_facts(
    facts: list[dict[str, Any]], numbers: Mapping[str, int], sure: Mapping[str, bool]
) -> list[ShownFact]:
    """One entry for each kind of figure, in the order of Fact.Measure."""
    kinds: dict[tuple[int, str, str], list[dict[str, Any]]] = {}
    for fact in facts:
        kinds.setdefault((_rank(fact["measure"]), fact["about"], fact["population"]), []).append(fact)
    shown = []
    for at in sorted(kinds):
        first, *others = sorted(kinds[at], key=lambda fact: (not fact["displayed"], fact["key"]))
        beside = [_shown(other, numbers, sure, []) for other in others]
        shown.append(_shown(first, numbers, sure, beside))
    return shown


def _shown(
    fact: dict[str, Any], numbers: Mapping[str, int], sure: Mapping[str, bool], others: list[ShownFact]
) -> ShownFact:
    group = fact["population"]
    return ShownFact(
        fact["about"],
        figure(fact),
        ", ".join(filter(None, (fact["denominator"], fact["place"], fact["period"]))),
        "" if group == Population.ALL else label_of(Population, group),
        fact["source"],
        numbers[fact["source"]],
        fact["checked"] and sure[fact["source"]],
        fact["reason"],
        others,
    )


def _rank(measure: str) -> int:
    order: list[str] = list(Fact.Measure.values)
    return order.index(measure) if measure in order else len(order)
