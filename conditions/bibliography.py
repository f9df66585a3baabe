"""The works that a release cites: their numbers and, for one reader, the list at the end. Pure.

Numbers belong to the release and not to the filter, so that [7] is the same work for every reader.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conditions.formats import label_of
from conditions.models import Source
from conditions.snapshot import Snapshot
from portal import languages


@dataclass(frozen=True)
class ShownSource:
    """A numbered source; `cited_by` are keys of shown statements, `address` a link or ''."""

    number: int
    entry: Mapping[str, Any]
    kind: str
    read: str
    address: str
    cited_by: list[str]


def number_sources(snapshot: Snapshot) -> dict[str, int]:
    """Each cited source's number, from 1, in the order of the text, then of codes, features, facts."""
    statements = [each for section in snapshot["sections"] for each in section["statements"]]
    cited = [citation["source"] for each in statements for citation in each["citations"]]
    cited += [entry["source"] for entry in (*snapshot["codes"], *snapshot["features"], *snapshot["facts"])]
    return {key: number for number, key in enumerate(dict.fromkeys(cited), 1)}


def shown_sources(
    snapshot: Snapshot, cited_by: Mapping[str, list[str]], numbers: Mapping[str, int]
) -> list[ShownSource]:
    """The sources that this reader meets, in the order of their numbers."""
    shown = [
        ShownSource(
            numbers[source["key"]],
            source,
            label_of(Source.Kind, source["kind"]),
            languages.midsentence(label_of(Source.Read, source["read"])),
            _address(source),
            cited_by[source["key"]],
        )
        for source in snapshot["sources"]
        if source["key"] in cited_by
    ]
    return sorted(shown, key=lambda source: source.number)


def _address(source: Mapping[str, Any]) -> str:
    if source["doi"]:
        return f"https://doi.org/{source['doi']}"
    if source["pmid"]:
        return f"https://pubmed.ncbi.nlm.nih.gov/{source['pmid']}/"
    return str(source["url"])
