"""To whom a clinician hands patients over."""

from operator import itemgetter
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.forms.boundfield import BoundWidget

from portal.models import User
from portal.roles import Role
from tracker.models import Clinic, Patient, Seat


def clinicians_of(clinic: int) -> QuerySet[User]:
    """The active clinicians of a clinic, by name."""
    active = User.objects.filter(
        is_active=True, roles__contains=[Role.CLINICIAN], clinic_posts__clinic=clinic
    )
    return active.order_by("name", "pk")


class HandOverForm(forms.Form):
    """Which patients at a clinic go to whom, when somebody is away; `user` is on the team of each."""

    def __init__(
        self, user: User, patients: QuerySet[Patient], clinic: Clinic, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.clinic, self.user = clinic, user
        self.patients = list(patients.select_related("lead"))
        self.fields["patients"] = forms.ModelMultipleChoiceField(
            patients,
            label="Patients",
            widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
            error_messages={"required": "Choose at least one patient."},
        )
        self.fields["colleague"] = forms.ModelChoiceField(
            clinicians_of(clinic.pk),
            label="New lead",
            empty_label="Choose",
            error_messages={"required": "Choose who takes over."},
        )

    @property
    def groups(self) -> list[tuple[str, list[BoundWidget]]]:
        """The boxes by who leads now: oneself, nobody, then each colleague by name."""
        led = set(
            Seat.objects.held().of_leads().filter(patient__in=self.patients).values_list("patient", flat=True)
        )
        leads = {str(patient.pk): self._leader(patient, led) for patient in self.patients}
        found: dict[tuple[int, str], list[BoundWidget]] = {}
        for box in self["patients"].subwidgets:
            found.setdefault(leads[str(box.data["value"])], []).append(box)
        return [(words, boxes) for (_, words), boxes in sorted(found.items(), key=itemgetter(0))]

    def _leader(self, patient: Patient, led: set[UUID]) -> tuple[int, str]:
        if patient.pk not in led:
            return 1, "Led by nobody"
        return (0, "Led by you") if patient.lead == self.user else (2, f"Led by {patient.lead}")
