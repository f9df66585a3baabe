"""What a clinician types of something due."""

from datetime import date
from typing import Any

from django import forms

from tracker.forms.days import Day, lived, since_birth
from tracker.forms.fields import Words
from tracker.models import DueItem, Patient

WEEKS = "Write a whole number of weeks from 1 to 260, or leave it empty."


class DueForm(forms.Form):
    """Something to be done by a day."""

    kind = forms.ChoiceField(
        label="What",
        choices=[("", "Choose"), *DueItem.Kind.choices],
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose one of these."),
    )
    text = forms.CharField(
        label="In words",
        max_length=200,
        required=False,
        help_text="Optional, but for something else. The family reads it.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    due_on = Day("Give the day by which it is due.", label="Due on")
    every_weeks = forms.IntegerField(
        label="Again after … weeks",
        required=False,
        min_value=1,
        max_value=260,
        help_text="Empty: once.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), WEEKS),
    )

    def __init__(self, patient: Patient, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient

    def clean_due_on(self) -> date:
        """Errors: see `since_birth`."""
        return since_birth(self.cleaned_data["due_on"], self.patient)

    def clean(self) -> dict[str, Any]:
        """What is none of the kinds says what it is."""
        told = super().clean() or {}
        if told.get("kind") == DueItem.Kind.OTHER and not told.get("text"):
            self.add_error("text", "Write what is due.")
        return told


class DoneForm(forms.Form):
    """On which day it was done."""

    on = Day("Give the day on which it was done.", label="Done on")

    def __init__(self, patient: Patient, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient

    def clean_on(self) -> date:
        """Errors: see `lived`."""
        return lived(self.cleaned_data["on"], self.patient)


class DropForm(forms.Form):
    """Why it will not be done."""

    reason = Words(300, rows=2, label="Why", error_messages={"required": "Write why, in a sentence."})
