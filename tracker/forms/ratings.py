"""What a clinician types of a rating on the Mitchell-Pike scale."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms

from tracker import scoring
from tracker.forms.days import Day, lived, today_of
from tracker.forms.fields import UNSURE, RatingField, Words
from tracker.models import ClinicianRating, Patient
from tracker.ratings import Rated


class ItemField(RatingField):
    """0-3 of one item, or "not assessable"; one of them has to be said."""

    def __init__(self, item: scoring.Item) -> None:
        super().__init__(item)
        rated = [(str(value), words) for value, words in enumerate(item.anchors)]
        self.choices = [*rated, (UNSURE, "Not assessable")]
        self.required = True
        self.error_messages["required"] = "Rate this item, or say that it is not assessable."


class RatingForm(forms.Form):
    """One rating; the hidden `key` makes a second tap harmless."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    on = Day("Give the day on which the patient was seen.", label="Seen on")
    setting = forms.ChoiceField(
        label="Where",
        choices=ClinicianRating.Setting.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choose where the patient was seen.",
            "invalid_choice": "Choose one of these.",
        },
    )
    note = Words(1000, rows=3, required=False, label="Note", help_text="Optional. The care team reads it.")

    def __init__(self, patient: Patient, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"key": uuid4(), "on": today_of(patient), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        self.patient, self.scale = patient, scoring.MITCHELL_PIKE
        self.fields.update({item.key: ItemField(item) for item in self.scale.items})

    def clean_on(self) -> date:
        """Errors: see `lived`."""
        return lived(self.cleaned_data["on"], self.patient)

    @property
    def items(self) -> list[forms.BoundField]:
        """The six items, for the page."""
        return [self[item.key] for item in self.scale.items]

    def told(self) -> Rated:
        """What a valid form says."""
        told = self.cleaned_data
        scores = {item.key: _value(told[item.key]) for item in self.scale.items}
        return Rated(told["on"], told["setting"], scores, told["note"])

    def words(self) -> list[tuple[str, str]]:
        """Each item with what a valid form says of it."""
        scores = self.told().scores.values()
        return [
            (item.label, _words(item, value)) for item, value in zip(self.scale.items, scores, strict=True)
        ]

    def score(self) -> scoring.Score:
        """What a valid form adds up to."""
        return scoring.score(self.scale, self.told().scores)


def again(rating: ClinicianRating) -> dict[str, object]:
    """What a form starts with that corrects `rating`. Queries: one."""
    scores = {row.item: UNSURE if row.value is None else str(row.value) for row in rating.scores.all()}
    return {"on": rating.on, "setting": rating.setting, "note": rating.note, **scores}


def _value(said: str) -> int | None:
    return None if said == UNSURE else int(said)


def _words(item: scoring.Item, value: int | None) -> str:
    return "Not assessable" if value is None else f"{value}: {item.anchors[value]}"
