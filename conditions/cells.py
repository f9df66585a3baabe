"""Values of one cell: how each is written, and the sentence when it cannot be read. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from import_export.fields import Field
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


class Day(Widget):
    """A day, or nothing."""

    def clean(self, value: Any, row: Any = None, **named: Any) -> date | None:
        """Errors: ValueError for what is no day."""
        try:
            return date.fromisoformat(value) if value else None
        except ValueError:
            raise ValueError("Write a day like 2026-11-28.") from None

    def render(self, value: Any, obj: Any = None, **named: Any) -> str:
        """As ISO has it."""
        return value.isoformat() if value else ""


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
    """One line of the cell `citations`: `key stance checked: locator`."""

    source: str
    stance: str
    checked: bool
    checked_on: date | None
    locator: str

    def __str__(self) -> str:
        when = self.checked_on.isoformat() if self.checked_on else "checked" if self.checked else "unchecked"
        line = f"{self.source} {self.stance} {when}"
        return f"{line}: {self.locator}" if self.locator else line


class Citations(Field):
    """The citations of a statement by source, a line each; `sources` are the condition's."""

    sources: Mapping[str, Any] = {}

    def save(self, instance: Any, row: Any, is_m2m: bool = False, **named: Any) -> None:
        """Lay the cell's lines over the citations that are there; none goes.

        Errors: ValueError with a sentence for the first wrong line.
        """
        found: dict[str, Cited] = {}
        for line in filter(None, map(str.strip, row[self.column_name].splitlines())):
            each = _line(line, instance.cited)
            if each.source not in self.sources:
                raise ValueError(f"The source “{each.source[:80]}” is not in this condition; add it first.")
            if each.source in found:
                raise ValueError(f"The source “{each.source}” stands there twice; name it once.")
            found[each.source] = each
        instance.cited = instance.cited | found

    def export(self, instance: Any, **named: Any) -> str:
        """A line for each."""
        return "\n".join(map(str, instance.cited.values()))


def cited(citation: Citation) -> Cited:
    """A citation as its line; a locator is one line of text."""
    locator = " ".join(citation.locator.split())
    return Cited(citation.source.key, citation.stance, citation.checked, citation.checked_on, locator)


def _line(line: str, before: Mapping[str, Cited]) -> Cited:
    """What a line says; what it leaves out stays, and of a new citation nobody has compared anything."""
    head, colon, locator = line.partition(":")
    source, *words = head.split() or [""]
    each = before.get(source) or Cited(source, Citation.Stance.SUPPORTS.value, False, None, "")
    for word in words:
        if word in Citation.Stance.values:
            each = replace(each, stance=word)
        elif word in ("checked", "unchecked"):
            each = replace(each, checked=word == "checked", checked_on=None)
        else:
            each = replace(each, checked=True, checked_on=_day(word, line))
    return replace(each, locator=" ".join(locator.split())) if colon else each


def _day(word: str, line: str) -> date:
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise ValueError(f"“{line[:80]}” cannot be read. Write {SHAPE}.") from None
