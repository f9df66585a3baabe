"""What clinicians type: a sign-off, a new patient, an invitation, a search."""

from datetime import date, datetime

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from portal.models import User
from tracker.models import Clinic, Patient, Review
from tracker.models.seats import FAMILY_BASES, FAMILY_GROUNDS

LONG = 4000  # letters of a note or a message, as the table has it
OLDEST = 120  # years


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

    def clean_birth_date(self) -> date:
        """Not in the future where it is already tomorrow, and within a human life."""
        born: date = self.cleaned_data["birth_date"]
        today = timezone.localdate()
        if born > today:
            raise forms.ValidationError("The date of birth lies in the future. Check the year.")
        if born.year < today.year - OLDEST:
            raise forms.ValidationError(f"The date of birth is more than {OLDEST} years ago. Check the year.")
        return born

    def say_taken(self) -> None:
        """The database refused the record number."""
        self.add_error(
            "record_number",
            "This record number is already used in your clinic. Search for the patient first.",
        )


class InviteForm(forms.Form):
    """Who is to reach the diary, and why they may."""

    name = forms.CharField(
        label="Their name",
        max_length=200,
        error_messages={"required": "Type the name of the person you invite."},
    )
    email = forms.EmailField(
        label="Their e-mail address",
        max_length=254,
        help_text="They sign in with it. The e-mail we send names no patient.",
        error_messages={
            "required": "Give the e-mail address.",
            "invalid": "Give an e-mail address like name@example.org.",
        },
    )
    basis = forms.ChoiceField(
        label="They are",
        choices=[(basis.value, basis.label) for basis in FAMILY_BASES],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who they are."},
    )
    ground = forms.ChoiceField(
        label="What the decision rests on",
        choices=[(ground.value, ground.label) for ground in FAMILY_GROUNDS],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the decision rests on."},
    )
    ends_on = forms.DateField(
        label="The seat ends on",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Left empty: the day the patient comes of age. A patient's own seat has no end.",
        error_messages={"invalid": "Give the day as it is in the calendar."},
    )

    def __init__(self, patient: Patient, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.patient = patient

    def clean_ends_on(self) -> date | None:
        """A seat that has ended already would be none."""
        day: date | None = self.cleaned_data["ends_on"]
        if day and day <= timezone.localdate():
            raise forms.ValidationError("Choose a day in the future, or leave it empty.")
        return day

    def clean_email(self) -> str:
        """One open invitation and one seat a person."""
        email = str(self.cleaned_data["email"]).lower()
        if self.patient.seats.current().filter(user__email=email).exists():
            raise forms.ValidationError("This person reaches the diary already; see the list of seats.")
        waiting = self.patient.invitations.filter(accepted_at=None, expires_at__gt=timezone.now())
        if waiting.filter(email=email).exists():
            raise forms.ValidationError("This person is invited already; see the open invitations.")
        return email
