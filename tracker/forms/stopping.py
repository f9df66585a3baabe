"""What a clinician types to end a treatment."""

from datetime import date
from typing import Any

from django import forms

from tracker.forms.days import Day, since_birth, today_of
from tracker.forms.fields import Words
from tracker.models import Treatment

LONGEST = 300  # letters of a treatment's note, as the table has it
TAKE_BACK = "It has not begun: left empty, it never begins."


class StopForm(forms.Form):
    """The last day of a treatment, and why it ends."""

    ends_on = Day("Give the last day.", label="Last day", help_text="The last day on which it is given.")
    reason = Words(200, rows=2, required=False, label="Why", help_text="Optional. The family reads it.")

    def __init__(self, treatment: Treatment, *args: Any, **kwargs: Any) -> None:
        today = today_of(treatment.patient)
        self.treatment, self.ahead = treatment, treatment.starts_on > today
        super().__init__(*args, **{"initial": {} if self.ahead else {"ends_on": today}, **kwargs})
        if self.ahead:
            self.fields["ends_on"].required, self.fields["ends_on"].help_text = False, TAKE_BACK

    def clean_ends_on(self) -> date | None:
        """Not before the first day, and not later than it would end anyway; None before it began."""
        if self.cleaned_data["ends_on"] is None:
            return None
        day = since_birth(self.cleaned_data["ends_on"], self.treatment.patient)
        if day < self.treatment.starts_on:
            raise forms.ValidationError("This is before its first day.")
        if self.treatment.ends_on and day > self.treatment.ends_on:
            raise forms.ValidationError("It ends earlier already. Change the plan to let it go on.")
        return day

    def clean_reason(self) -> str:
        """It joins the note, and both have to fit; a second tap finds it there."""
        reason: str = self.cleaned_data["reason"]
        if self._said(reason):
            return reason
        room = LONGEST - len(self.treatment.note) - len(" Stopped: ")
        if reason and len(reason) > room:
            raise forms.ValidationError(f"There is room for {max(room, 0)} letters beside the note.")
        return reason

    def note(self) -> str:
        """The note of the treatment, with the reason."""
        reason, note = self.cleaned_data["reason"], self.treatment.note
        return f"{note} Stopped: {reason}".strip() if reason and not self._said(reason) else note

    def _said(self, reason: str) -> bool:
        return bool(reason) and self.treatment.note.endswith(f"Stopped: {reason}")
