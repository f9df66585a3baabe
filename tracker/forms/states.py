"""What is typed about a whole record: the patient's state, and which record goes on."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Case, QuerySet, Value, When
from django.utils import timezone

from portal.models import User
from tracker.models import Patient
from tracker.models.seats import Reach
from tracker.timeline import day_words

WHAT_FOLLOWS = {
    Patient.State.ACTIVE: "Active: on the worklist; the family can log.",
    Patient.State.TRANSFERRED: "Transferred: another clinic looks after them now.",
    Patient.State.DISCHARGED: "Discharged: care here has come to its end.",
    Patient.State.DIED: "Died: open invitations close as well, and the family’s pages speak gently.",
}


class StateForm(forms.Form):
    """Since when a patient is active, transferred, discharged or has died."""

    state = forms.ChoiceField(
        label="The patient is or has",
        choices=[(state.value, words) for state, words in WHAT_FOLLOWS.items()],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one.", "invalid_choice": "Choose one of these."},
    )
    on = forms.DateField(
        label="Since",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="What happened before this day can still be entered.",
        error_messages={
            "required": "Give the day.",
            "invalid": "Give the day as year-month-day, like 2026-05-31.",
        },
    )

    def __init__(self, patient: Patient, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = patient

    def clean_on(self) -> date:
        """Within the patient's life, as far as it has come."""
        day: date = self.cleaned_data["on"]
        if day > timezone.localdate(timezone=ZoneInfo(self.patient.zone)):
            raise forms.ValidationError("This day has not come yet.")
        if day < self.patient.birth_date:
            raise forms.ValidationError(f"The patient was born on {day_words(self.patient.birth_date)}.")
        return day


class RecordField(forms.ModelChoiceField[Patient]):
    """Patients told apart by what identifies them."""

    def label_from_instance(self, obj: Patient) -> str:
        """Name, birth date and record number."""
        return identity_words(obj)


def identity_words(patient: Patient) -> str:
    """`Robin Example, born 1 May 2022, No. R1`."""
    return f"{patient.name}, born {day_words(patient.birth_date)}, No. {patient.record_number}"


class MergeForm(forms.Form):
    """The record that goes on in the place of this one."""

    def __init__(self, user: User, patient: Patient, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"] = RecordField(
            label="The record that goes on",
            queryset=twins(user, patient),
            empty_label="Choose",
            error_messages={
                "required": "Choose the record that goes on.",
                "invalid_choice": "Choose a record of the same clinic, on whose care team you are.",
            },
        )


def twins(user: User, patient: Patient) -> QuerySet[Patient]:
    """Records that could be the same patient's, those with the same birth date first."""
    mine = Patient.objects.visible_to(user, Reach.CLINICAL).kept_by(user)
    others = mine.filter(clinic=patient.clinic_id, merged_into=None).exclude(pk=patient.pk)
    alike = Case(When(birth_date=patient.birth_date, then=Value(0)), default=Value(1))
    return others.order_by(alike, "name", "pk")
