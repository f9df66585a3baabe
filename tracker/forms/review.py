"""What a clinician types when signing off."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils import timezone

from portal.models import User
from tracker.forms.fields import Words
from tracker.forms.hand_over import clinicians_of
from tracker.models import Patient, Review
from tracker.reviews import Verdict

LONG = 4000  # letters of a note or a message, as the table has it
AHEAD = timedelta(days=366)
OLD_PAGE = "The form no longer knows what it covers. Open the patient's page again."


class ReviewForm(forms.Form):
    """A sign-off of what a page showed.

    `covers_until` is the newest receipt on it, `knows` the newest review; so that what came meanwhile
    stays new, and two who sign at once hear of each other.
    """

    outcome = forms.ChoiceField(
        label="What came of the look?",
        choices=Review.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what came of the look."},
    )
    message = Words(
        LONG,
        rows=3,
        label="Message to the family",
        required=False,
        help_text="Optional. Everybody with a family seat reads it, with your name.",
    )
    private_note = Words(
        LONG,
        rows=3,
        label="Private note",
        required=False,
        help_text="Optional. Only this patient's care team reads it; the family never does.",
    )
    next_on = forms.DateField(
        label="Next review",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Give the day as year-month-day, like 2026-12-24."},
    )
    covers_until = forms.DateTimeField(
        widget=forms.HiddenInput, error_messages=dict.fromkeys(("required", "invalid"), OLD_PAGE)
    )
    knows = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**63 - 1)

    field_order = ("outcome", "handed_to", "message", "private_note", "next_on")

    def __init__(self, user: User, patient: Patient, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        beside = clinicians_of(patient.clinic_id).exclude(pk=user.pk)
        self.fields["handed_to"] = forms.ModelChoiceField(
            beside,
            label="Hand over to",
            required=False,
            empty_label="Nobody",
            help_text="Only with “Handed over”: it signs nothing off, your colleague becomes the lead.",
        )
        self.order_fields(self.field_order)
        self.today = timezone.localdate(timezone=ZoneInfo(patient.clinic.zone))
        usual = self.today + timedelta(days=patient.clinic.review_every)
        self.fields["next_on"].help_text = f"Optional; without it on {usual:%-d %B %Y}."

    @classmethod
    def opened(cls, user: User, patient: Patient, covers_until: datetime, knows: int | None) -> "ReviewForm":
        """A form not yet filled in, for a page that shows what came up to `covers_until`."""
        return cls(user, patient, initial={"covers_until": covers_until.isoformat(), "knows": knows})

    def clean_covers_until(self) -> datetime:
        """Nobody signs off what has not come yet."""
        until: datetime = self.cleaned_data["covers_until"]
        if until > timezone.now():
            raise forms.ValidationError("A sign-off covers the past. Open the patient's page again.")
        return until

    def clean_next_on(self) -> date | None:
        """The next look lies ahead, and within a year."""
        day: date | None = self.cleaned_data["next_on"]
        if day and not self.today < day <= self.today + AHEAD:
            raise forms.ValidationError("Choose a day after today and within a year.")
        return day

    def clean(self) -> dict[str, Any]:
        """Handing over needs somebody, and nothing else does."""
        said: dict[str, Any] = super().clean() or {}
        handed = said.get("outcome") == Review.Outcome.HANDED
        if handed and not said.get("handed_to"):
            self.add_error("handed_to", "Choose the colleague who takes over.")
        elif said.get("handed_to") and not handed:
            self.add_error("handed_to", "Choose “Handed over” as well, or nobody here.")
        return said

    @property
    def verdict(self) -> Verdict:
        """What was said, of a valid form."""
        names = ("outcome", "private_note", "message", "next_on", "handed_to")
        return Verdict(**{name: self.cleaned_data[name] for name in names})

    def repeats(self, review: Review) -> bool:
        """Whether `review` holds just what is typed here: the same tap twice. Queries: two."""
        note, message = review.private_notes.first(), review.messages.first()
        stored = (review.outcome, note.text if note else "", message.text if message else "")
        typed = self.cleaned_data
        return stored == (typed["outcome"], typed["private_note"], typed["message"])

    def know(self, newest: Review) -> None:
        """Say that a colleague signed meanwhile; sending the form once more adds to it."""
        said = f"{newest.reviewer} signed this off while your page was open: {newest.get_outcome_display()}."
        self.add_error(None, f"{said} Nothing was saved yet. Sign off again to add yours.")
        self._carry(knows=str(newest.pk))

    def look_again(self, said: str) -> None:
        """Say that the same look was signed already; sending the form once more is a look of its own."""
        self.add_error(None, f"{said} What you typed now is not saved yet. Sign off again to add it.")
        a_moment_later = self.cleaned_data["covers_until"] + timedelta(microseconds=1)
        self._carry(covers_until=a_moment_later.isoformat())

    def _carry(self, **hidden: str) -> None:
        typed = QueryDict(mutable=True)
        typed.update(self.data)
        for name, value in hidden.items():
            typed[name] = value
        self.data = typed
