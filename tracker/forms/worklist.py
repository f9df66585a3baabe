"""What clinicians type or tick on the worklist: a search, and rows to take along."""

from uuid import UUID

from django import forms
from django.http import QueryDict

from tracker.worklist.selection import MOST


class SearchForm(forms.Form):
    """Finds patients by name, record number or birth date; sent by POST, so never in an address."""

    q = forms.CharField(
        label="Name, record number or birth date",
        max_length=200,
        error_messages={"required": "Type a part of the name, the record number or the birth date."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "search"}),
    )


def ticked(sent: QueryDict) -> list[UUID]:
    """The patients whose boxes were ticked, each once; what is no key is left out."""
    keys = []
    for value in dict.fromkeys(sent.getlist("patient")[:MOST]):
        try:
            keys.append(UUID(value))
        except ValueError:
            continue
    return keys
