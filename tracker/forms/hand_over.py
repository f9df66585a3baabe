"""To whom a clinician hands patients over."""

from operator import itemgetter
from typing import Any

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
    """Which patients at a clinic go to whom, when somebody is away; `user` is on the team of each.

    `led` is who led each of them when the page was shown, so that nobody is taken from a colleague who
    took them over meanwhile.
    """

    led = forms.JSONField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, user: User, patients: QuerySet[Patient], clinic: Clinic, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"id_{clinic.pk}_%s"
        self.clinic, self.user = clinic, user
        self.patients = {str(patient.pk): patient for patient in patients.select_related("lead")}
        self.fields["led"].initial = {key: patient.lead_id for key, patient in self.patients.items()}
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

    def clean_patients(self) -> QuerySet[Patient]:
        """Errors: ValidationError for those whom somebody else leads than the page said."""
        chosen: QuerySet[Patient] = self.cleaned_data["patients"]
        led = self.cleaned_data.get("led")
        told = led if isinstance(led, dict) else {}
        moved = [each.name for each in chosen if told.get(str(each.pk), each.lead_id) != each.lead_id]
        if moved:
            raise forms.ValidationError(f"Led by somebody else meanwhile: {', '.join(moved)}. Look again.")
        return chosen

    @property
    def groups(self) -> list[tuple[str, list[BoundWidget]]]:
        """The boxes by who leads now: oneself, nobody, then each colleague by name."""
        seats = Seat.objects.held().of_leads().filter(patient__in=self.patients)
        led = {str(key) for key in seats.values_list("patient", flat=True)}
        found: dict[tuple[int, str, int], list[BoundWidget]] = {}
        for box in self["patients"].subwidgets:
            key = str(box.data["value"])
            found.setdefault(self._leader(self.patients.get(key), key in led), []).append(box)
        return [(words, boxes) for (_, words, _), boxes in sorted(found.items(), key=itemgetter(0))]

    def _leader(self, patient: Patient | None, on_team: bool) -> tuple[int, str, int]:
        lead = patient.lead if patient and on_team else None
        if lead is None:
            return 1, "Led by nobody", 0
        return (0, "Led by you", 0) if lead == self.user else (2, f"Led by {lead}", lead.pk)
