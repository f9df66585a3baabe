"""To whom a clinician hands patients over."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from portal.models import User
from portal.roles import Role
from tracker.models import Clinic, Patient


def clinicians_beside(user: User, clinic: int) -> QuerySet[User]:
    """The other active clinicians of a clinic, by name."""
    active = User.objects.filter(
        is_active=True, roles__contains=[Role.CLINICIAN], clinic_posts__clinic=clinic
    )
    return active.exclude(pk=user.pk).order_by("name", "pk")


class HandOverForm(forms.Form):
    """Which of my patients at a clinic go to whom, when I am away."""

    def __init__(
        self, user: User, patients: QuerySet[Patient], clinic: Clinic, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.clinic, self.mine = clinic, patients
        self.fields["patients"] = forms.ModelMultipleChoiceField(
            patients,
            label="Patients",
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Choose at least one patient."},
        )
        self.fields["colleague"] = forms.ModelChoiceField(
            clinicians_beside(user, clinic.pk),
            label="Colleague",
            error_messages={"required": "Choose who takes over."},
        )
