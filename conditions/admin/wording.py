"""A row's values in the words that a page shows."""

from collections.abc import Iterable
from typing import Any

from django.db import models


def displayed(row: models.Model, name: str) -> str:
    """One field: the label of a choice, yes or no, the name of what it points to."""
    label = getattr(row, f"get_{name}_display", None)
    value: Any = label() if label else getattr(row, name, "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def line_of(row: models.Model, names: Iterable[str]) -> str:
    """The fields that hold something, in one line."""
    told = ((name, displayed(row, name)) for name in names if name not in ("id", "DELETE"))
    return " · ".join(_with_name(name, words) for name, words in told if words)


def _with_name(name: str, words: str) -> str:
    """Yes and no say nothing without what they answer."""
    return f"{name.replace('_', ' ')}: {words}" if words in ("yes", "no") else words
