"""Choosing a citation's source by its key, with a list of keys and titles to choose from.

A text field with a data list needs no script and no mouse; the number of the source's row is taken too,
which is what the window for a new source writes into the field.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from conditions.models import Source

LIST_ID = "source-keys"  # the data list that templates/admin/conditions/change_form.html writes


class KeyInput(forms.TextInput):
    """The key, with the page's list of keys."""

    choices = ()  # the admin's wrapper with the link to a new source asks for it

    def __init__(self) -> None:
        super().__init__(attrs={"list": LIST_ID, "autocomplete": "off", "spellcheck": "false", "size": 24})


class SourceByKey(forms.ModelChoiceField[Source]):
    """One of the known sources; the formset says which are known and whose they should be."""

    widget = KeyInput
    known: Mapping[int, Source] = {}
    condition: Callable[[], int | None] = staticmethod(lambda: None)

    def prepare_value(self, value: Any) -> Any:
        """Show the key."""
        found = self._find(value)
        return found.key if found else value

    def to_python(self, value: Any) -> Source | None:
        """Errors: ValidationError for a key that no source has."""
        if value in self.empty_values:
            return None
        found = self._find(value)
        if found is None:
            raise ValidationError(f"There is no source “{str(value)[:40]}”. Choose a key from the list.")
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether another source is meant, by whatever it is named."""
        return self._find(initial) != self._find(data) or bool(data and not self._find(data))

    def _find(self, value: Any) -> Source | None:
        typed = str(getattr(value, "pk", value)).strip()
        named = [each for each in self.known.values() if each.key == typed]
        own = [each for each in named if each.condition_id == self.condition()]
        numbered = [each for each in self.known.values() if str(each.pk) == typed]
        return next(iter([*own, *named, *numbered]), None)
