"""The form of a snapshot: its number, what a missing field means, and how older releases are read.

A published snapshot never changes, nor its digest; what it lacks is filled in when it is read.
"""

from collections.abc import Mapping
from typing import Any, cast

from conditions.snapshot import FORMAT, Snapshot

Fields = dict[str, Any]

# What the rows hold where a pack's file or an older release leaves a field out.
DEFAULTS: dict[str, Fields] = {
    "condition": {"short_name": "", "review_months": 12},
    "name": {"note": "", "ambiguous": False},
    "code": {"display": "", "checked": True, "note": ""},
    "feature": {"frequency": "", "population": "all"},
    "fact": {
        **dict.fromkeys(("value", "low", "high", "unit", "denominator", "place", "period"), ""),
        "population": "all",
        "checked": True,
        "displayed": True,
    },
    "must_say": {"statements": []},
    "organisation": {"url": "", "note": "", "checked_on": None},
    "source": {
        **dict.fromkeys(("authors", "published_in", "doi", "pmid", "url", "note"), ""),
        "year": None,
        "checked": True,
    },
    "section": {"kind": "text", "urgency": ""},
    "statement": {
        **dict.fromkeys(("question", "professional", "dissent", "decision", "decided_by"), ""),
        "decided_on": None,
    },
    "citation": {"locator": "", "stance": "supports", "checked": True, "checked_on": None},
}


def filled(kind: str, entry: Fields) -> Fields:
    """The entry with the default of every field that it leaves out."""
    return {**DEFAULTS[kind], **entry}


def current(stored: Mapping[str, Any]) -> Snapshot:
    """A release's snapshot in today's form; one that has it already is given back as it is."""
    if stored["format"] == FORMAT:
        return cast("Snapshot", stored)
    return {
        "format": FORMAT,
        "condition": filled("condition", stored["condition"]),
        "names": [filled("name", each) for each in stored["names"]],
        "codes": stored["codes"],
        "features": stored["features"],
        "facts": stored.get("facts", []),
        "must_says": stored.get("must_says", []),
        "organisations": stored.get("organisations", []),
        "sources": stored["sources"],
        "sections": [_section(each) for each in stored["sections"]],
    }


def _section(section: Fields) -> Any:
    statements = [
        {
            **filled("statement", each),
            "citations": [filled("citation", cited) for cited in each["citations"]],
        }
        for each in section["statements"]
    ]
    return {**filled("section", section), "statements": statements}


def label_of(choices: Any, value: str) -> str:
    """The word shown for a stored value; the value itself where an old release holds another."""
    return str(dict(choices.choices).get(value, value))
