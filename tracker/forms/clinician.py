"""What clinicians type: a sign-off, a new patient, a search."""

from datetime import datetime

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from portal.models import User
from tracker.forms.fields import within_a_lifetime
from tracker.models import Clinic, Review

LONG = 4000  # letters of a note or a message, as the table has it


class SearchForm(forms.Form):
    """Finds patients by a part of their name or by record number; sent by POST, so never in an address."""

    q = forms.CharField(
        label="Name or record number",
        max_length=200,
        error_messages={"required": "Type a part of the name, or the record number."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "type": "search"}),
    )


class ReviewForm(forms.Form):
    """A sign-off of what the page showed; `covers_until` is the newest receipt on it."""

    outcome = forms.ChoiceField(
        label="What came of the look?",
        choices=Review.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what came of the look."},
    )
    message = forms.CharField(
        label="Message to the family",
        required=False,
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Optional. Everybody with a family seat reads it, with your name.",
    )
    private_note = forms.CharField(
        label="Private note",
        required=False,
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Optional. Only this patient's care team reads it; the family never does.",
    )
    covers_until = forms.DateTimeField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(
            ("required", "invalid"), "The form no longer knows what it covers. Open the patient's page again."
        ),
    )

    def clean_covers_until(self) -> datetime:
        """Nobody signs off what has not come yet."""
        until: datetime = self.cleaned_data["covers_until"]
        if until > timezone.now():
            raise forms.ValidationError("A sign-off covers the past. Open the patient's page again.")
        return until

    def repeats(self, review: Review) -> bool:
        """Whether `review` holds just what is typed here: the same tap twice. Queries: two."""
        note, message = review.private_notes.first(), review.messages.first()
        stored = (review.outcome, note.text if note else "", message.text if message else "")
        typed = self.cleaned_data
        return stored == (typed["outcome"], typed["private_note"], typed["message"])


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
    clinic = forms.ModelChoiceField(
        label="Clinic", queryset=Clinic.objects.none(), error_messages={"required": "Choose the clinic."}
    )

    def __init__(self, user: User, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        clinics = clinics_of(user)
        self.fields["clinic"].queryset = clinics  # type: ignore[attr-defined]
        self.clinics = list(clinics)
        if len(self.clinics) == 1:
            del self.fields["clinic"]

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
