"""Rows of a page that another deleted while it was open: what was typed in them comes back as new rows."""

import re
from typing import Any

from django.db import models
from django.http import QueryDict


def brought_back(data: QueryDict, model: type[models.Model], prefix: str) -> QueryDict:
    """The posted formset, in which rows that are gone are new ones. Queries: one at most."""
    counts = [data.get(f"{prefix}-{name}_FORMS", "") for name in ("INITIAL", "TOTAL")]
    if not all(re.fullmatch("[0-9]{1,4}", count) for count in counts):
        return data  # the formset itself says what is wrong
    stored, total = map(int, counts)
    pk = str(model._meta.pk.name)
    posted = {number: data.get(f"{prefix}-{number}-{pk}", "") for number in range(stored)}
    asked = [value for value in posted.values() if re.fullmatch("[0-9]{1,18}", value)]
    there = {str(key) for key in model._base_manager.filter(pk__in=asked).values_list("pk", flat=True)}
    lost = [number for number, value in posted.items() if value in asked and value not in there]
    return _renumbered(data, prefix, pk, stored, total, lost) if lost else data


def _renumbered(data: QueryDict, prefix: str, pk: str, stored: int, total: int, lost: list[int]) -> QueryDict:
    """Stored rows come first in a formset, so the lost ones move behind them and give up their key."""
    kept = [number for number in range(stored) if number not in lost]
    places = {number: at for at, number in enumerate([*kept, *lost, *range(stored, total)])}
    moved: dict[str, Any] = {}
    for name, values in data.lists():
        found = re.fullmatch(rf"{re.escape(prefix)}-([0-9]{{1,4}})-(.+)", name)
        number = int(found[1]) if found else -1
        moved[f"{prefix}-{places[number]}-{found[2]}" if found and number in places else name] = values
    fresh = QueryDict(mutable=True)
    for name, values in moved.items():
        fresh.setlist(name, values)
    for number in lost:
        fresh[f"{prefix}-{places[number]}-{pk}"] = ""
    fresh[f"{prefix}-INITIAL_FORMS"] = str(len(kept))
    return fresh
