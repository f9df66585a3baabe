"""What a clinician pins to a day of the picture."""

from datetime import date
from typing import Any

from django import forms

from tracker.forms.days import Day, since_birth
from tracker.forms.fields import Words
from tracker.models import Patient


class PinForm(forms.Form):
    """A private note and its day."""

    on = Day("Give the day to which the note belongs.", label="Day")
    text = Words(
        4000,
        rows=4,
        label="Note",
        help_text="Only this patient’s care team reads it; the family never does.",
        error_messages={"required": "Write the note."},
    )

    def __init__(self, patient: Patient, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient

    def clean_on(self) -> date:
        """Errors: see `since_birth`."""
        return since_birth(self.cleaned_data["on"], self.patient)
