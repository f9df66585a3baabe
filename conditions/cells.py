"""Values of one cell: how each is written, and the sentence when it cannot be read. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from import_export.widgets import Widget

from conditions.models import Citation

SHAPE = (
    "a source's key, then supports, contradicts or mentions, then checked, unchecked or a day"
    " like 2026-11-28, then a colon and the place"
)
YES = {"yes": True, "true": True, "no": False, "false": False}


class Words(Widget):
    """A text; in a sheet every line ends alike, which is no change."""

    def clean(self, value: Any, row: Any = None, **named: Any) -> str:
        """The text without space around it."""
        return str(value).strip()

    def render(self, value: Any, obj: Any = None, **named: Any) -> str:
        """The text with the line ends of a sheet."""
        return "\n".join(str(value or "").splitlines()).strip()


class YesNo(Widget):
    """Yes or no; spreadsheets write TRUE and FALSE."""

    def clean(self, value: Any, row: Any = None, **named: Any) -> bool:
        """Errors: ValueError for every other word."""
        if (word := value.lower()) not in YES:
            raise ValueError("Write yes or no.")
        return YES[word]

    def render(self, value: Any, obj: Any = None, **named: Any) -> str:
        """The word."""
        return "yes" if value else "no"


class Whole(Widget):
    """A whole number, or nothing."""

    def clean(self, value: Any, row: Any = None, **named: Any) -> int | None:
        """Errors: ValueError for what is no number."""
        if not value:
            return None
        if not (value.isascii() and value.isdecimal() and len(value) < 10):
            raise ValueError("Write a whole number in digits.")
        return int(value)

    def render(self, value: Any, obj: Any = None, **named: Any) -> str:
        """The digits."""
        return "" if value is None else str(value)


class Keyed(Widget):
    """A row of the condition by its key."""

    def __init__(self, noun: str) -> None:
        super().__init__()
        self.noun, self.rows = noun, dict[str, Any]()

    def clean(self, value: Any, row: Any = None, **named: Any) -> Any:
        """Errors: ValueError for a key that the condition does not have."""
        if value not in self.rows:
            raise ValueError(f"The {self.noun} “{value[:80]}” is not in this condition; add it first.")
        return self.rows[value]

    def render(self, value: Any, obj: Any = None, **named: Any) -> str:
        """The key."""
        return value.key if value else ""


@dataclass(frozen=True)
class Cited:
    """One line of the cell `citations`: `key stance checked: locator`, all after the key may be left out."""

    source: str
    stance: str
    checked: bool
    checked_on: date | None
    locator: str

    def __str__(self) -> str:
        when = self.checked_on.isoformat() if self.checked_on else "checked" if self.checked else "unchecked"
        line = f"{self.source} {self.stance} {when}"
        return f"{line}: {self.locator}" if self.locator else line


class Citations(Widget):
    """The citations of a statement by source, a line each; `rows` are the condition's sources."""

    rows: Mapping[str, Any] = {}

    def clean(self, value: Any, row: Any = None, **named: Any) -> dict[str, Cited]:
        """Errors: ValueError with a sentence for the first wrong line."""
        found: dict[str, Cited] = {}
        for line in filter(None, map(str.strip, value.splitlines())):
            each = _line(line)
            if each.source not in self.rows:
                raise ValueError(f"The source “{each.source[:80]}” is not in this condition; add it first.")
            if each.source in found:
                raise ValueError(f"The source “{each.source}” stands there twice; name it once.")
            found[each.source] = each
        return found

    def render(self, value: Any, obj: Any = None, **named: Any) -> str:
        """A line for each."""
        return "\n".join(map(str, value.values()))


def cited(citation: Citation) -> Cited:
    """A citation as its line; a locator is one line of text."""
    locator = " ".join(citation.locator.split())
    return Cited(citation.source.key, citation.stance, citation.checked, citation.checked_on, locator)


def _line(line: str) -> Cited:
    head, _, locator = line.partition(":")
    source, *words = head.split()
    stance, checked, on = Citation.Stance.SUPPORTS.value, False, None
    for word in words:
        if word in Citation.Stance.values:
            stance = word
        elif word in ("checked", "unchecked"):
            checked = word == "checked"
        else:
            checked, on = True, _day(word, line)
    return Cited(source, stance, checked, on, " ".join(locator.split()))


def _day(word: str, line: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise ValueError(f"“{line[:80]}” cannot be read. Write {SHAPE}.") from None
