"""What is typed about who reaches a record: an invitation, a seat, a refusal, a reason."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone

from portal.models import User
from tracker import people
from tracker.forms.fields import Words
from tracker.models import CheckIn, Patient
from tracker.models.seats import FAMILY_BASES, FAMILY_GROUNDS, Basis, Ground
from tracker.records import first_version
from tracker.timeline import day_words

LONGEST = timedelta(days=5 * 365)  # after that, somebody looks again and renews it
REASON = 300  # letters, as the tables have it


class EndField(forms.DateField):
    """The first day without a seat on a patient's behalf."""

    def __init__(self, **options: Any) -> None:
        messages = {
            "required": "Give the day on which the seat ends.",
            "invalid": "Give the day as year-month-day, like 2030-05-31.",
        }
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(label="The seat ends on", widget=widget, error_messages=messages, **options)


def check_end(day: date, patient: Patient, ground: str) -> None:
    """Errors: ValidationError for a day that is over, too far away, or past what `ground` carries."""
    today = timezone.localdate(timezone=ZoneInfo(patient.zone))
    latest = max(patient.hand_over_on, today + LONGEST)
    carries = ground != Ground.RESPONSIBILITY or patient.state == Patient.State.DIED
    decides = f"From {day_words(patient.hand_over_on)} on {patient.first_name} decides."
    if day <= today:
        raise forms.ValidationError("Choose a day in the future.")
    if not carries and patient.hand_over_on <= today:
        raise forms.ValidationError(f"{decides} Parental responsibility carries no seat any more.")
    if not carries and day > patient.hand_over_on:
        raise forms.ValidationError(f"{decides} Choose that day or an earlier one.")
    if day > latest:
        raise forms.ValidationError(f"Choose a day up to {day_words(latest)}; a seat can be renewed later.")


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
    ends_on = EndField(required=False)

    def __init__(self, user: User, patient: Patient, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.patient = user, patient
        usual = day_words(people.usual_end(patient))
        self.fields["ends_on"].help_text = f"Left empty: {usual}. A patient’s own seat has no end."

    def clean_email(self) -> str:
        """One open invitation and one seat a person, and nobody decides about themselves."""
        email = str(self.cleaned_data["email"]).lower()
        if email == self.user.email:
            raise forms.ValidationError("You cannot invite yourself. Ask a colleague on the care team.")
        if self.patient.seats.held().of_family().filter(user__email=email).exists():
            raise forms.ValidationError("This person reaches the diary already; see the list of seats.")
        waiting = self.patient.invitations.filter(accepted_at=None, expires_at__gt=timezone.now())
        if waiting.filter(email=email).exists():
            raise forms.ValidationError("This person is invited already; see the open invitations.")
        return email

    def clean(self) -> dict[str, object]:
        """The ground fits who they are, and carries the seat until its end."""
        told = super().clean() or {}
        basis, ground, day = (told.get(name) for name in ("basis", "ground", "ends_on"))
        if basis == Basis.SELF and ground and ground != Ground.CONSENT:
            self.add_error("ground", "A patient’s own seat rests on their being able to decide.")
        elif basis and basis != Basis.SELF and ground and "ends_on" not in self.errors:
            try:
                check_end(day or people.usual_end(self.patient), self.patient, ground)
            except forms.ValidationError as error:
                self.add_error("ends_on", error)
        return told


class RenewForm(forms.Form):
    """Until when a seat on the patient's behalf lasts from now on."""

    ends_on = EndField()

    def __init__(self, patient: Patient, ground: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient, self.ground = patient, ground

    def clean_ends_on(self) -> date:
        """Errors: see `check_end`."""
        day: date = self.cleaned_data["ends_on"]
        check_end(day, self.patient, self.ground)
        return day


class JoinForm(forms.Form):
    """A colleague to be seated on the care team; never oneself."""

    def __init__(self, user: User, patient: Patient, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = people.colleagues(patient).exclude(pk=user.pk)
        self.fields["colleague"] = forms.ModelChoiceField(
            label="Colleague",
            queryset=self.offered,
            empty_label="Choose",
            error_messages={
                "required": "Choose a colleague.",
                "invalid_choice": "Choose a clinician of this clinic who is not on the care team yet.",
            },
        )


class ReasonForm(forms.Form):
    """Why a record is shut to its family or opened again."""

    reason = Words(
        REASON,
        rows=3,
        label="Why",
        help_text="The care team reads it; the family does not.",
        error_messages={"required": "Write why, in a sentence."},
    )


class RefuseForm(ReasonForm):
    """Who asked for a seat and did not get one."""

    name = forms.CharField(
        label="Who asked", max_length=200, error_messages={"required": "Type the name of who asked."}
    )
    basis = forms.ChoiceField(
        label="They asked as",
        choices=[(basis.value, basis.label) for basis in FAMILY_BASES],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose as who they asked."},
    )
    field_order = ["name", "basis", "reason"]


class HideForm(ReasonForm):
    """From whom of the family one entry is hidden."""

    def __init__(self, entry: CheckIn, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.first = first_version(entry)
        seats = entry.patient.seats.held().of_family()
        self.offered = User.objects.filter(pk__in=seats.values("user")).order_by("name", "pk")
        self.fields["hidden_from"] = forms.ModelChoiceField(
            label="Hide it from",
            queryset=self.offered,
            empty_label=None,
            widget=forms.RadioSelect,
            error_messages={
                "required": "Choose from whom.",
                "invalid_choice": "Choose somebody of the family who has a seat.",
            },
        )
        self.order_fields(["hidden_from", "reason"])

    def clean_hidden_from(self) -> User:
        """Once a person, whichever version of the entry was chosen."""
        person: User = self.cleaned_data["hidden_from"]
        if self.first.redactions.filter(hidden_from=person, lifted_at=None).exists():
            raise forms.ValidationError(f"It is hidden from {person} already.")
        return person
