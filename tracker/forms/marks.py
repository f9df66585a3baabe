"""What a clinician types of a mark: which, from when, until when, and a limit's numbers."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from tracker.forms.days import Day, since_birth
from tracker.forms.fields import Number
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
    systolic = Number(
        "systolic_mmhg",
        "Write a whole number, 40 to 260.",
        places=0,
        label="Upper limit, mm Hg",
    )
    diastolic = Number(
        "diastolic_mmhg",
        "Write a whole number, 20 to 200.",
        places=0,
        label="Lower limit, mm Hg",
        help_text="For a blood pressure limit. Two readings running over it ask for a call the same day.",
    )
    field_order = ["name", "systolic", "diastolic", "starts_on", "ends_on"]

    def clean_starts_on(self) -> date:
        """Errors: see `since_birth`."""
        return since_birth(self.cleaned_data["starts_on"], self.patient)

    def clean(self) -> dict[str, Any]:
        """Both numbers of a limit, the lower one lower; none for another mark."""
        told: dict[str, Any] = super().clean() or {}
        numbers = told.get("systolic"), told.get("diastolic")
        if told.get("name") != Mark.Name.PRESSURE_LIMIT:
            if told.get("name") and any(numbers):
                self.add_error(
                    "systolic", "Only a blood pressure limit has numbers. Choose it, or empty them."
                )
        elif not {"systolic", "diastolic"} & set(self.errors):
            refuse_pressure(self, "systolic", *numbers, needed=True)
        return told


def refuse_pressure(
    form: forms.Form, field: str, systolic: Decimal | None, diastolic: Decimal | None, *, needed: bool
) -> None:
    """Put a mistake on `field` when one number is missing, or the lower one is not lower."""
    if systolic is None and diastolic is None and not needed:
        return
    if systolic is None or diastolic is None:
        form.add_error(field, "Write both numbers, as in 110 over 70.")
    elif diastolic >= systolic:
        form.add_error(field, "The upper number is the larger one. Write it as in 110 over 70.")
