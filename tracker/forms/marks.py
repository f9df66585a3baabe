"""What a clinician types of a mark: from when, until when."""

from datetime import date
from typing import Any

from django import forms

from tracker.forms.days import Day, since_birth
from tracker.models import Mark, Patient

UNTIL = "Empty: until further notice. An end needs a person."


class EndMarkForm(forms.Form):
    """Until when a mark holds."""

    ends_on = Day(label="Until", required=False, help_text=UNTIL)

    def __init__(self, patient: Patient, starts_on: date | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient, self.begun = patient, starts_on

    def clean_ends_on(self) -> date | None:
        """Not before it began."""
        day: date | None = self.cleaned_data["ends_on"]
        start = self.cleaned_data.get("starts_on") or self.begun
        if day and start and day < start:
            raise forms.ValidationError("This is before it begins.")
        return since_birth(day, self.patient) if day else None


class MarkForm(EndMarkForm):
    """Which mark, and from when."""

    name = forms.ChoiceField(
        label="Mark the patient as",
        choices=Mark.Name.choices,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose one of these."),
    )
    starts_on = Day("Give the day from which it holds.", label="From")
    field_order = ["name", "starts_on", "ends_on"]

    def clean_starts_on(self) -> date:
        """Errors: see `since_birth`."""
        return since_birth(self.cleaned_data["starts_on"], self.patient)
