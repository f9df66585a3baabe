"""What administrators type: people and their roles, identities, a clinic's hours."""

from collections.abc import Sequence
from typing import Any

from django import forms

from portal.models import User
from portal.roles import Role
from tracker.forms.clinician import clinics_of
from tracker.forms.fields import within_a_lifetime
from tracker.models import Clinic, ClinicStaff, Patient

STAFF = [(role.value, role.label) for role in Role if role != Role.FAMILY]
YOUNGEST, OLDEST = 10, 25  # years at which a patient may begin to decide
NAMED = 5  # patients in one sentence
WHICH_CLINIC = {"required": "Choose the clinic.", "invalid_choice": "Choose one of your clinics."}


class PersonForm(forms.ModelForm[User]):
    """Roles as boxes to tick; the address is the account and stays."""

    roles = forms.MultipleChoiceField(
        choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = User
        fields = ["name", "roles", "is_active"]


class NewPersonForm(forms.Form):
    """Somebody who begins at the clinic; which one is asked only of those who keep several."""

    name = forms.CharField(
        label="Name", max_length=200, error_messages={"required": "Type the person’s name."}
    )
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        help_text="They sign in with it, and get a link to choose their password.",
        error_messages={
            "required": "Give the e-mail address.",
            "invalid": "Give an e-mail address like name@example.org.",
        },
    )
    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=STAFF,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one role.",
            "invalid_choice": "Choose from these roles.",
        },
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        clinics = clinics_of(user)
        self.clinics = list(clinics)
        if len(self.clinics) != 1:
            self.fields["clinic"] = forms.ModelChoiceField(
                label="Clinic", queryset=clinics, error_messages=WHICH_CLINIC
            )

    @property
    def chosen_clinic(self) -> Clinic:
        """The clinic chosen, or the only one there is to choose; for a valid form."""
        chosen: Clinic = self.cleaned_data.get("clinic") or self.clinics[0]
        return chosen

    def clean_email(self) -> str:
        """Errors: ValidationError for an address that has an account, wherever its owner works."""
        email = str(self.cleaned_data["email"]).lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(TAKEN)
        return email

    def say_taken(self) -> None:
        """The database refused the address."""
        self.add_error("email", TAKEN)


TAKEN = "This address has an account already. Find the person in your list, or ask who runs Steady here."


class LeaveForm(forms.Form):
    """Which post of a person ends."""

    def __init__(self, user: User, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        posts = ClinicStaff.objects.filter(user=person, clinic__in=clinics_of(user))
        self.offered = posts.select_related("user", "clinic")
        self.fields["post"] = forms.ModelChoiceField(
            label="Clinic", queryset=self.offered, empty_label=None, error_messages=WHICH_CLINIC
        )

    def say_alone(self, patients: Sequence[Patient]) -> None:
        """Nobody else reaches these records."""
        named = "; ".join(f"{patient.name}, No. {patient.record_number}" for patient in patients[:NAMED])
        more = f"; and {len(patients) - NAMED} more" if len(patients) > NAMED else ""
        first = "They are the only one on the care team of:"
        self.add_error(None, f"{first} {named}{more}. Give a colleague a seat there first.")


class IdentityForm(forms.ModelForm[Patient]):
    """Who a patient is."""

    class Meta:
        model = Patient
        fields = ["name", "birth_date", "record_number"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "birth_date" in self.fields:  # shown but not to be changed by whoever may only look
            self.fields["birth_date"].validators.append(within_a_lifetime)

    def clean_record_number(self) -> str:
        """Used once in a clinic; the form does not ask which, so the model's own check leaves it out."""
        number: str = self.cleaned_data["record_number"]
        others = Patient.objects.filter(clinic=self.instance.clinic_id).exclude(pk=self.instance.pk)
        if others.filter(record_number=number).exists():
            raise forms.ValidationError("This record number is already used in your clinic.")
        return number


class ClinicForm(forms.ModelForm[Clinic]):
    """Hours, phone, and the age from which patients decide."""

    hand_over_age = forms.IntegerField(
        min_value=YOUNGEST,
        max_value=OLDEST,
        help_text="From this birthday on a patient decides who sees the diary. Seats given keep their end.",
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"),
            f"Give a whole number of years, {YOUNGEST} to {OLDEST}.",
        ),
    )

    class Meta:
        model = Clinic
        fields = ["phone", "hours", "hand_over_age"]
