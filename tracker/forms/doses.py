"""What a clinician types of a dose for the family, by phone."""

from datetime import UTC, datetime, time
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from tracker.doses import Given
from tracker.forms.days import Day, lived
from tracker.forms.fields import Words
from tracker.models import Dose, Treatment

NOON = time(12)


class DoseForm(forms.Form):
    """One dose that was not given as planned; the hidden `key` makes a second tap harmless."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label="What became of it",
        choices=[(each.value, each.label) for each in Dose.Status if each != Dose.Status.TAKEN],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose what became of the dose."),
    )
    on = Day("Give the day of the dose.", label="Day")
    at = forms.TimeField(
        label="At what time",
        required=False,
        help_text="Empty when nobody remembers.",
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={"invalid": "Write the time like 18:30."},
    )
    reason = Words(300, rows=2, required=False, label="Why", help_text="Optional. The family reads it.")

    def __init__(self, treatment: Treatment, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": uuid4(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.treatment = treatment

    def clean(self) -> dict[str, Any]:
        """A day of the treatment, and a moment that has come."""
        told = super().clean() or {}
        if day := told.get("on"):
            try:
                lived(day, self.treatment.patient)
            except forms.ValidationError as error:
                self.add_error("on", error)
        if day and not self.errors and not self._planned(day):
            self.add_error("on", "The treatment is not planned on this day.")
        if not self.errors and told.get("at") and self._moment() > timezone.now():
            self.add_error("at", "This time has not come yet.")
        return told

    def _planned(self, day: Any) -> bool:
        end = self.treatment.last_given
        return bool(self.treatment.starts_on <= day and (end is None or day <= end))

    def _moment(self) -> datetime:
        told, zone = self.cleaned_data, ZoneInfo(self.treatment.patient.zone)
        return datetime.combine(told["on"], told.get("at") or NOON, zone).astimezone(UTC)

    def given(self) -> Given:
        """What a valid form says; without a time it was at noon, or now when that is still to come."""
        told, zone = self.cleaned_data, self.treatment.patient.zone
        return Given(min(self._moment(), timezone.now()), zone, told["on"], reason=told["reason"])
