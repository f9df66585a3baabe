"""What a clinician types of an episode."""

from datetime import date
from typing import Any

from django import forms

from tracker.forms.days import Day, lived
from tracker.forms.fields import Words
from tracker.models import Episode, Patient


class EpisodeForm(forms.Form):
    """A new episode, or more about one; its start is typed once and stays."""

    started_on = Day("Give the day on which it began.", label="Began on")
    trigger = forms.ChoiceField(
        label="Noted before it",
        choices=Episode.Trigger.choices,
        help_text="What came before; it asserts no cause.",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose one of these."),
    )
    peak_on = Day(label="Worst on", required=False)
    peak_total = forms.IntegerField(
        label="Home check at its worst",
        required=False,
        min_value=0,
        max_value=18,
        help_text="0 to 18, as the family rated it.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), "Write a whole number from 0 to 18, or leave it empty."
        ),
    )
    treated_with = Words(300, rows=2, required=False, label="Treatment given for it")
    returned_on = Day(
        label="Back to the own baseline on", required=False, help_text="Empty while it goes on."
    )
    note = Words(1000, rows=3, required=False, label="Note")

    def __init__(self, patient: Patient, episode: Episode | None, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient, self.started = patient, episode.started_on if episode else None
        if episode:
            del self.fields["started_on"]

    def clean_started_on(self) -> date:
        """Errors: see `lived`."""
        return lived(self.cleaned_data["started_on"], self.patient)

    def clean(self) -> dict[str, Any]:
        """Beginning, worst day and return come in this order, none of them in the future."""
        told = super().clean() or {}
        start, peak, back = (told.get(name) for name in ("started_on", "peak_on", "returned_on"))
        start = start or self.started
        for name, day in (("peak_on", peak), ("returned_on", back)):
            self._check(name, day, start)
        if peak and back and peak > back:
            self.add_error("peak_on", "The worst day is not after the return to the baseline.")
        return told

    def _check(self, name: str, day: date | None, start: date | None) -> None:
        if day and start and day < start:
            self.add_error(name, "This is before it began.")
        elif day:
            try:
                lived(day, self.patient)
            except forms.ValidationError as error:
                self.add_error(name, error)


class EndEpisodeForm(forms.Form):
    """Since when the patient is back to their own baseline."""

    returned_on = Day("Give the day of the return.", label="Back to the own baseline on")

    def __init__(self, patient: Patient, episode: Episode, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient, self.episode = patient, episode

    def clean_returned_on(self) -> date:
        """Not before it began or was at its worst, and not in the future."""
        day = lived(self.cleaned_data["returned_on"], self.patient)
        if day < self.episode.started_on:
            raise forms.ValidationError("This is before it began.")
        if self.episode.peak_on and day < self.episode.peak_on:
            raise forms.ValidationError("This is before its worst day.")
        return day


def said(episode: Episode) -> dict[str, object]:
    """What a form starts with that changes `episode`."""
    names = ("trigger", "peak_on", "peak_total", "treated_with", "returned_on", "note")
    return {name: getattr(episode, name) for name in names}
