"""Organisations by country, as readers see them. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from conditions.formats import label_of
from conditions.models import Organisation


@dataclass(frozen=True)
class Country:
    """A country and its organisations; `entries` hold what the snapshot does, with the day as a date."""

    name: str
    entries: list[dict[str, Any]]


def by_country(organisations: Iterable[dict[str, Any]]) -> list[Country]:
    """Countries by name, and in each the organisations by kind and name."""
    order = list(Organisation.Kind.values)

    def place(entry: dict[str, Any]) -> tuple[str, int, str]:
        kind = entry["kind"]
        rank = order.index(kind) if kind in order else len(order)
        return entry["country"].casefold(), rank, entry["name"].casefold()

    entries = [
        each
        | {
            "kind_label": label_of(Organisation.Kind, each["kind"]),
            "checked_on": day(each["checked_on"]),
            # The form and a pack let only such addresses pass; what came in by another way is no link.
            "url": each["url"] if each["url"].startswith(("https://", "http://")) else "",
        }
        for each in sorted(organisations, key=place)
    ]
    return [
        Country(next(iter(group))["country"], group)
        for group in (list(found) for _, found in groupby(entries, key=lambda each: place(each)[0]))
    ]


def day(text: str | None) -> date | None:
    """The day of a snapshot's ISO text."""
    return date.fromisoformat(text) if text else None
