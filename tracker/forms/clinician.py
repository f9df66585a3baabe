"""What clinicians type: a new patient."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from portal.models import User
from tracker.forms.fields import within_a_lifetime
from tracker.models import Clinic


def clinics_of(user: User) -> QuerySet[Clinic]:
    """The clinics where `user` works."""
    return Clinic.objects.filter(staff__user=user.pk)


class RegisterForm(forms.Form):
    """A new patient; the clinic is asked only of those who work at several."""

    name = forms.CharField(
        label="Name",
        max_length=200,
        help_text="As in your hospital's record, in any script.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Type the patient's name."},
    )
    birth_date = forms.DateField(
        label="Date of birth",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[within_a_lifetime],
        error_messages={
            "required": "Give the date of birth.",
            "invalid": "Give the date of birth as year-month-day, like 2022-05-31.",
        },
    )
    record_number = forms.CharField(
        label="Record number",
        max_length=40,
        help_text="Your hospital's number; each may be used once in a clinic.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Give the record number."},
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clinics = clinics_of(user)
        self.clinics = list(clinics)
        if len(self.clinics) != 1:
            self.fields["clinic"] = forms.ModelChoiceField(
                label="Clinic", queryset=clinics, error_messages={"required": "Choose the clinic."}
            )

    @property
    def chosen_clinic(self) -> Clinic:
        """The clinic chosen, or the only one there is to choose; for a valid form."""
        chosen: Clinic = self.cleaned_data.get("clinic") or self.clinics[0]
        return chosen

    def say_taken(self) -> None:
        """The database refused the record number."""
        self.add_error(
            "record_number",
            "This record number is already used in your clinic. Search for the patient first.",
        )
