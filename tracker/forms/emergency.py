"""What is typed about emergency access: to get it, and to review it."""

from django import forms

from tracker.forms.fields import Words
from tracker.models.emergency import Purpose

SHORTEST, LONGEST = 20, 1000  # letters of a reason or a finding, the longest as the table has it


class BreakGlassForm(forms.Form):
    """Whose record, known beforehand and exactly; and why."""

    record_number = forms.CharField(
        label="Record number",
        max_length=40,
        help_text="Exactly as the patient's clinic writes it.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Give the record number."},
    )
    birth_date = forms.DateField(
        label="Date of birth",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": "Give the date of birth.",
            "invalid": "Give the date of birth as year-month-day, like 2022-05-31.",
        },
    )
    purpose = forms.ChoiceField(
        label="Why do you need it now?",
        choices=Purpose.choices,
        widget=forms.RadioSelect,
        help_text="The family reads this choice.",
        error_messages={
            "required": "Choose why you need it.",
            "invalid_choice": "Choose one of these reasons.",
        },
    )
    reason = Words(
        LONGEST,
        rows=3,
        min_length=SHORTEST,
        label="What happened, and why it cannot wait",
        help_text="A sentence or two. The auditor and you read it; the family does not.",
        error_messages={
            "required": "Write what happened and why it cannot wait.",
            "min_length": "Write a little more: at least %(limit_value)d letters.",
        },
    )


class FindingForm(forms.Form):
    """What an auditor found."""

    finding = Words(
        LONGEST,
        rows=4,
        min_length=SHORTEST,
        label="What you found",
        help_text="Was it right to open the record? What did you ask, whom, and what follows?",
        error_messages={
            "required": "Write what you found.",
            "min_length": "Write a little more: at least %(limit_value)d letters.",
        },
    )
