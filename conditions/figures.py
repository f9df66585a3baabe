"""A fact's figure as words. Pure."""

from collections.abc import Mapping
from typing import Any


def figure(fact: Mapping[str, Any]) -> str:
    """The number with its range and unit, like `1.5 (1.2 to 2) years` or `0.27 to 0.40`."""
    span = " to ".join(filter(None, (fact["low"], fact["high"])))
    if fact["value"] and span:
        span = f"({span})"
    number = " ".join(filter(None, (fact["value"], span)))
    if fact["unit"].startswith("%"):
        return f"{number}{fact['unit']}"
    return f"{number} {fact['unit']}".rstrip()
