"""What a family types: a check-in, a message to the clinic, why an entry was a mistake."""

from collections.abc import Mapping, MutableMapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Div, Field, Layout, Row
from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import date_format

from tracker import scoring
from tracker.forms.fields import UNSURE, Number, RatingField, Words, known_zone, known_zones
from tracker.forms.marks import refuse_pressure
from tracker.journal import Entry
from tracker.models import CheckIn, Patient

OTHER_DAY = "other"
DAMAGED = "Something got lost on the way. Please check your answers and save again."
PRESSURE = ("systolic_mmhg", "diastolic_mmhg")
NOTHING = "Nothing is filled in yet. Tap one answer at least, or write a note."
MORE = ("sleep_hours", "wakings", "temperature_c", "falls", *PRESSURE, "all_doses", "note")


class CheckInForm(forms.Form):
    """One check-in; `entry()` gives what it says to the journal.

    An item left alone is not asked and never 0. The hidden `key` makes a second tap harmless.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=CheckIn.Kind, widget=forms.HiddenInput)
    zone = forms.CharField(required=False, widget=forms.HiddenInput, validators=[known_zone])
    day = forms.CharField(
        label="Which day?", widget=forms.RadioSelect, error_messages={"required": "Choose the day."}
    )
    other_day = forms.DateField(
        label="The other day",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "Write the day like 2026-03-30."},
    )
    at = forms.TimeField(
        label="At what time?",
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
        error_messages={
            "required": "Write the time, like 18:30.",
            "invalid": "Write the time like 18:30.",
        },
    )
    worried = forms.BooleanField(label="I am worried. Please look at this first.", required=False)
    sleep_hours = Number("sleep_hours", "Write hours between 0 and 24.", places=1, label="Hours of sleep")
    wakings = Number("wakings", "Write a whole number, 0 to 99.", places=0, label="Times awake at night")
    temperature_c = Number(
        "temperature_c",
        "Write the temperature in °C, between 30 and 45.",
        places=1,
        label="Temperature in °C",
    )
    falls = Number("falls", "Write a whole number, 0 to 99.", places=0, label="Falls")
    systolic_mmhg = Number(
        "systolic_mmhg", "Write a whole number, 40 to 260.", places=0, label="Blood pressure, upper number"
    )
    diastolic_mmhg = Number(
        "diastolic_mmhg", "Write a whole number, 20 to 200.", places=0, label="Blood pressure, lower number"
    )
    all_doses = forms.TypedChoiceField(
        label="Were all medicines given?",
        choices=[("yes", "Yes"), ("no", "No"), ("", "Leave out")],
        coerce=lambda word: word == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choose one of the answers shown here."},
    )
    note = Words(4000, rows=3, required=False, label="Note", help_text="Anything else that was different.")

    def __init__(
        self,
        patient: Patient,
        kind: str,
        data: QueryDict | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        self.patient = patient
        self.now = timezone.now()
        self.scale = scoring.SCALES.get(kind, scoring.DAILY)
        started = {"kind": kind, "zone": patient.zone, "key": uuid4(), "all_doses": "", **(initial or {})}
        zone = (data or started).get("zone")
        self.today = self.now.astimezone(ZoneInfo(zone if zone in known_zones() else patient.zone)).date()
        self.days = self._offered_days()
        started = {**self._this_moment(started["zone"]), **started}
        told = None if data is None else _plain(data)
        for values in (started, told or {}):
            _name_day(values, self.days)
        super().__init__(told, initial=started, use_required_attribute=False)
        self.fields["day"].widget.choices = self.days
        self.fields.update({f"rate_{item.key}": RatingField(item) for item in self.scale.items})

    def clean(self) -> dict[str, Any]:
        """Find the moment; refuse a form in which nothing was told."""
        told: dict[str, Any] = super().clean() or {}
        self._repair_hidden()
        told["local_date"] = self._day(told)
        told["zone"] = told.get("zone") or self.patient.zone
        if told["local_date"] and told.get("at"):
            moment = datetime.combine(told["local_date"], told["at"], ZoneInfo(told["zone"]))
            told["occurred_at"] = moment.astimezone(UTC)
            if told["occurred_at"] > self.now:
                self.add_error("at", "This time has not come yet. Choose an earlier time.")
        if not set(PRESSURE) & set(self.errors):
            refuse_pressure(self, PRESSURE[0], *(told.get(name) for name in PRESSURE), needed=False)
        if not self.errors and not self._tells_something(told):
            self.add_error(None, NOTHING)
        return told

    def entry(self) -> Entry:
        """What was told; call it on a valid form."""
        told = self.cleaned_data
        answers = {item.key: told[f"rate_{item.key}"] for item in self.scale.items}
        numbers = {kind: told[kind] for kind in scoring.MEASUREMENTS}
        plain = ("kind", "occurred_at", "zone", "local_date", "worried", "all_doses", "note")
        return Entry(
            **{name: told[name] for name in plain},
            ratings={item: None if said == UNSURE else int(said) for item, said in answers.items() if said},
            measurements={kind: number for kind, number in numbers.items() if number is not None},
        )

    def renew_key(self) -> None:
        """Let the same text be sent again as an entry of its own."""
        self.data = {**_plain(self.data), "key": str(uuid4())}

    @property
    def helper(self) -> FormHelper:
        """Day, quick answers, ratings, then what is seldom needed, folded."""
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True  # the template writes the tag and the token
        ratings = [Field(f"rate_{item.key}", template="_rating.html") for item in self.scale.items]
        helper.layout = Layout(
            *("key", "kind", "zone"),
            Field("day", template="tracker/_day.html"),
            HTML("{% include 'tracker/_quick.html' %}"),
            Div(*ratings, css_class=f"ratings ratings-{self.scale.code}"),
            Field("worried", template="tracker/_worried.html"),
            Div(
                Row(Column("sleep_hours"), Column("wakings"), css_class="row-cols-2"),
                Row(Column("temperature_c"), Column("falls"), css_class="row-cols-2"),
                Row(*map(Column, PRESSURE), css_class="row-cols-2"),
                Field("all_doses", template="tracker/_segments.html"),
                "note",
                template="tracker/_more.html",
                open=self.more_is_used,
            ),
        )
        return helper

    @property
    def more_is_used(self) -> bool:
        """Whether the folded part holds something, right or wrong."""
        return any(self[name].errors or self[name].value() for name in MORE)

    def _offered_days(self) -> list[tuple[str, str]]:
        named = ((self.today, "Today"), (self.today - timedelta(days=1), "Yesterday"))
        days = [(day.isoformat(), f"{word}, {date_format(day, 'D j M')}") for day, word in named]
        return [*days, (OTHER_DAY, "Another day")]

    def _this_moment(self, zone: str) -> dict[str, Any]:
        return {"day": self.days[0][0], "at": self.now.astimezone(ZoneInfo(zone)).time()}

    def _repair_hidden(self) -> None:
        # Nobody can mend what they cannot see, so it is put right for the next try.
        broken = {"key", "kind", "zone"} & set(self.errors)
        if broken:
            self.add_error(None, DAMAGED)
            right = {"key": str(uuid4()), "kind": CheckIn.Kind.DAILY.value, "zone": self.patient.zone}
            self.data = {**_plain(self.data), **{name: right[name] for name in broken}}

    def _day(self, told: dict[str, Any]) -> date | None:
        if not told.get("day") or "other_day" in self.errors:
            return None
        named = told["day"] != OTHER_DAY
        day: date | None = date.fromisoformat(told["day"]) if named else told.get("other_day")
        if day is None:
            self.add_error("day", "Choose which day you mean.")
        elif day > self.today:
            self.add_error("day", "This day has not come yet. Choose today or an earlier day.")
        elif day < self.patient.birth_date:
            self.add_error("day", "This day is before the birth date. Check the year.")
        else:
            return day
        return None

    def _tells_something(self, told: dict[str, Any]) -> bool:
        names = [*(f"rate_{item.key}" for item in self.scale.items), *scoring.MEASUREMENTS]
        said = any(told.get(name) not in (None, "") for name in names)
        return bool(said or told["worried"] or told["note"] or told["all_doses"] is not None)


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in data}


def _name_day(values: MutableMapping[str, Any], days: list[tuple[str, str]]) -> None:
    # A day that is neither today nor yesterday, or is so no more, is shown as another day.
    day = values.get("day", "")
    if day and day not in dict(days):
        values["day"], values["other_day"] = OTHER_DAY, day


def ratings_of(check_in: CheckIn) -> dict[str, str]:
    """The answers of an earlier entry as the form's values, and nothing else of it."""
    return {
        f"rate_{rating.item}": UNSURE if rating.value is None else str(rating.value)
        for rating in check_in.ratings.all()
    }


def quiet(scale: scoring.Scale) -> dict[str, str]:
    """Every item at 0, for a tap that says so."""
    return {f"rate_{item.key}": "0" for item in scale.items}


def whole_of(check_in: CheckIn) -> dict[str, Any]:
    """An entry as the form's values, to be put right: everything but its key."""
    doses = {True: "yes", False: "no", None: ""}
    return {
        **ratings_of(check_in),
        **{number.kind: f"{number.value.normalize():f}" for number in check_in.measurements.all()},
        "zone": check_in.zone,
        "day": check_in.local_date.isoformat(),
        "at": check_in.occurred_at.astimezone(ZoneInfo(check_in.zone)).time(),
        "worried": check_in.worried,
        "all_doses": doses[check_in.all_doses],
        "note": check_in.note,
    }


class MessageForm(forms.Form):
    """A message to the clinic."""

    text = Words(4000, rows=4, label="Your message", error_messages={"required": "Write your message first."})

    @property
    def helper(self) -> FormHelper:
        """The field alone; the template writes tag, token and button."""
        return _bare_helper()


class MistakeForm(forms.Form):
    """Why an entry should not stand."""

    reason = forms.CharField(
        label="What was wrong?",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="For example: wrong child, wrong day, tapped by mistake.",
        error_messages={"required": "Say in a few words what was wrong."},
    )

    def clean_reason(self) -> str:
        """Errors: ValidationError over 300 letters, which is what a row holds."""
        reason: str = self.cleaned_data["reason"]
        if len(reason) > 300:
            raise forms.ValidationError(f"This is too long: {len(reason)} letters. Use 300 at most.")
        return reason

    @property
    def helper(self) -> FormHelper:
        """The field alone; the template writes tag, token and button."""
        return _bare_helper()


def _bare_helper() -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    return helper
