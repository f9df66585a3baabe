"""Days as clinicians type them, and how far they may lie from today."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from tracker.models import Patient
from tracker.timeline import day_words


class Day(forms.DateField):
    """One day; `asked` is the sentence for an empty one."""

    def __init__(self, asked: str = "Give the day.", **options: Any) -> None:
        messages = {"required": asked, "invalid": "Give the day as year-month-day, like 2026-05-31."}
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(widget=widget, error_messages=messages, **options)


def today_of(patient: Patient) -> date:
    """Which day it is where the patient lives."""
    return timezone.localdate(timezone=ZoneInfo(patient.zone))


def lived(day: date, patient: Patient) -> date:
    """Errors: ValidationError before the birth or in the future."""
    if day > today_of(patient):
        raise forms.ValidationError("This day has not come yet.")
    return since_birth(day, patient)


def since_birth(day: date, patient: Patient) -> date:
    """Errors: ValidationError before the birth, or for a year that can only be a slip."""
    if day < patient.birth_date:
        raise forms.ValidationError(f"The patient was born on {day_words(patient.birth_date)}.")
    if day.year > today_of(patient).year + 20:
        raise forms.ValidationError("This day is more than 20 years ahead. Check the year.")
    return day
