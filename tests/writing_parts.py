"""The forms of what a condition has beside its text, filled in well: what `tests.writing_offices` posts."""

from django.db.models import Model

# What is told of a row of each kind beside its condition; "source" stands for the condition's source.
PARTS: dict[str, dict[str, object]] = {
    "code": {"system": "ORPHA", "code": "1183", "display": "D", "relation": "exact", "note": "N"}
    | {"source": "source", "checked": "on"},
    "feature": {"hpo": "HP:0001336", "name": "Myoclonus", "lay": "shaking", "population": "all"}
    | {"frequency": "", "source": "source"},
    "fact": {"key": "f", "measure": "incidence", "about": "New cases", "value": "2", "low": "1", "high": "3"}
    | {"unit": "%", "denominator": "9 people", "population": "all", "place": "Here", "period": "2020"}
    | {"source": "source", "checked": "on", "displayed": "on", "reason": "Alone."},
    "mustsay": {"key": "search", "text": "Everybody is searched."},
    "organisation": {"key": "group", "kind": "patients", "name": "The Group", "country": "Nowhere"}
    | {"url": "https://example.org/", "note": "N", "checked_on": "2026-01-31"},
}


def part_of(made: dict[str, Model], word: str) -> dict[str, object]:
    """A form's fields of such a row, about the condition that is `made`."""
    told = {name: made["source"].pk if value == "source" else value for name, value in PARTS[word].items()}
    return {"condition": made["condition"].pk, **told}
