"""What a clinician types of a treatment plan: the dose, its steps one by one or by a rule, its turns."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict

from tracker import taper
from tracker.forms.amounts import Amount, Count
from tracker.forms.days import Day, since_birth, today_of
from tracker.forms.fields import Words
from tracker.models import Patient, Treatment
from tracker.models.treatments import Unit
from tracker.taper import MOST, Line, Step
from tracker.timeline import day_words

SPARE = 3  # empty rows for further steps
BRIEF = (Treatment.Form.PULSE, Treatment.Form.INFUSION)
WRONG_UNIT = "Choose one of these units. “U”, “IU” and “mcg” are not taken: they are easily misread."
OVERLAPS = "%s is planned already, %s. Change the form, or tick below that both are meant."


class PlanForm(forms.Form):
    """A treatment with its steps or turns. Amounts stand as typed: nothing is worked out from a weight."""

    agent = forms.CharField(
        label="What is given",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "agents"}),
        error_messages={"required": "Write what is given."},
    )
    form = forms.ChoiceField(
        label="How",
        choices=Treatment.Form.choices,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose how it is given."),
    )
    starts_on = Day("Give the first day.", label="First day")
    ends_on = Day(label="Last day", required=False, help_text="Empty: until further notice.")
    amount = Amount("Amount per dose")
    unit = forms.ChoiceField(
        label="Unit",
        choices=[("", "Choose"), *Unit.choices],
        required=False,
        error_messages={"invalid_choice": WRONG_UNIT},
    )
    doses_per_day = Count("Doses on a day it is given", 24)
    every_days = Count(
        "Given every … days", 90, help_text="Empty or 1: every day. 2: every other day. 7: once a week."
    )
    note = Words(300, rows=2, required=False, label="Note", help_text="The family reads it with the plan.")
    reduce_by = Amount("Reduce by")
    reduce_every = Count("every … days", 365)
    reduce_until = Amount("until")
    days = Count("Days each", 60)
    times = Count("How many", MOST)
    every = Count("One every … days", 365)
    both = forms.BooleanField(label="Both are meant: they run side by side.", required=False)

    def __init__(
        self, patient: Patient, earlier: Treatment | None, data: QueryDict | None, **options: Any
    ) -> None:
        started = options.setdefault("initial", {})
        super().__init__(data, **options)
        self.patient, self.earlier, self.overlapping = patient, earlier, False
        typed = rows_in(data) if data is not None else len(started.get("steps", ()))
        self.rows = typed + SPARE
        for place in range(self.rows):
            self.fields[f"step_on_{place}"] = Day(label=f"Step {place + 1} from", required=False)
            self.fields[f"step_amount_{place}"] = Amount(f"Step {place + 1}, amount per dose")
        if earlier:
            self.fields["agent"].disabled = True

    def clean_starts_on(self) -> date:
        """A new plan goes on from a day after the first of the earlier one, once that has begun."""
        day = since_birth(self.cleaned_data["starts_on"], self.patient)
        earlier = self.earlier
        if earlier and day <= earlier.starts_on <= today_of(self.patient):
            begun = f"The plan runs since {day_words(earlier.starts_on)}"
            raise forms.ValidationError(f"{begun}. Choose a later day: what was given is not rewritten.")
        return day

    def clean(self) -> dict[str, Any]:
        """A whole dose or none, days in order, steps after the start, no unnoticed overlap."""
        told = super().clean() or {}
        self._check_dose(told)
        if told.get("starts_on") and told.get("ends_on") and told["ends_on"] < told["starts_on"]:
            self.add_error("ends_on", "The last day is before the first.")
        told["steps"] = self._steps(told)
        told["turns"] = self._turns(told)
        if not self.errors:
            self._check_overlap(told)
        return told

    def _check_dose(self, told: dict[str, Any]) -> None:
        names = {"amount": "the amount", "unit": "the unit", "doses_per_day": "how many doses a day"}
        empty = [name for name in names if name not in self.errors and told.get(name) in (None, "")]
        if empty and len(empty) < len(names):
            for name in empty:
                self.add_error(name, f"Say {names[name]} too: a dose is told whole or not at all.")

    def _steps(self, told: dict[str, Any]) -> list[Step]:
        """The rows that are filled, by day."""
        pairs = [(told.get(f"step_on_{place}"), told.get(f"step_amount_{place}"), place)
                 for place in range(self.rows)]  # fmt: skip
        steps: list[Step] = []
        for on, amount, place in pairs:
            if on and amount is not None:
                steps.append(Step(on, amount))
                self._check_step(place, on, told, [step.on for step in steps[:-1]])
            elif (on or amount is not None) and not {f"step_on_{place}", f"step_amount_{place}"} & set(
                self.errors
            ):
                name = "step_amount" if on else "step_on"
                self.add_error(
                    f"{name}_{place}", "A step has a day and an amount. Empty both to leave it out."
                )
        if len(steps) > MOST:
            self.add_error(None, f"A plan has at most {MOST} steps.")
        days = [step.on for step in steps]
        if days != sorted(days):
            self.add_error(None, "The steps are not in the order of their days. Put them in order.")
        if steps and told.get("form") in BRIEF:
            self.add_error("form", "Steps belong to a daily treatment or a taper.")
        if steps and told.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "Say the first amount: the steps go on from it.")
        return sorted(steps, key=lambda step: step.on)

    def _check_step(self, place: int, on: date, told: dict[str, Any], before: list[date]) -> None:
        start, end = told.get("starts_on"), told.get("ends_on")
        if start and on <= start:
            self.add_error(f"step_on_{place}", "A step comes after the first day.")
        elif end and on > end:
            self.add_error(f"step_on_{place}", "This step comes after the last day.")
        elif on in before:
            self.add_error(f"step_on_{place}", "Another step is on this day.")

    def _turns(self, told: dict[str, Any]) -> list[tuple[date, date]]:
        """First and last day of each pulse or infusion; none for what is given all the time."""
        days, times, every = (told.get(name) for name in ("days", "times", "every"))
        start, brief = told.get("starts_on"), told.get("form") in BRIEF
        if not brief and (days or times or every):
            self.add_error(
                "form", "Only pulses and infusions come in turns. Empty those fields, or choose one."
            )
        if brief and (told.get("every_days") or 1) > 1:
            self.add_error("every_days", "Pulses and infusions come in turns: use the fields below.")
        if brief and told.get("ends_on") and (days or times):
            self.add_error("ends_on", "Leave this empty: the days each and how many say it.")
        if brief and (times or 1) > 1 and (not every or every < (days or 1)):
            self.add_error("every", "Say every how many days; not fewer than one of them lasts.")
        if not brief or start is None or self.errors:
            return []
        if told.get("ends_on"):
            return [(start, told["ends_on"])]
        return taper.turns(start, days or 1, every or 1, times or 1)

    def _check_overlap(self, told: dict[str, Any]) -> None:
        """The same agent at the same time is confirmed, or it is a slip."""
        spans = told["turns"] or [(told["starts_on"], told["ends_on"])]
        others = self.patient.treatments.standing().prefetch_related("steps")
        others = others.filter(agent__iexact=told["agent"].strip())
        if self.earlier:
            others = others.exclude(pk=self.earlier.pk).exclude(replaces=self.earlier)
        for other in others:
            if any(_meet(first, last, other) for first, last in spans):
                self.overlapping = True
                if not told["both"]:
                    self.add_error("both", OVERLAPS % (other.agent, _when(other)))
                return

    @property
    def step_rows(self) -> Iterator[tuple[forms.BoundField, forms.BoundField]]:
        """Day and amount of each row, for the page."""
        return ((self[f"step_on_{place}"], self[f"step_amount_{place}"]) for place in range(self.rows))

    def treatment(self) -> Treatment:
        """What a valid form says, but for its steps and turns."""
        names = ("agent", "form", "starts_on", "ends_on", "amount", "unit", "doses_per_day", "note")
        made = Treatment(**{name: self.cleaned_data[name] for name in names})
        made.every_days = self.cleaned_data["every_days"] or 1
        made.agent = made.agent.strip()
        if self.cleaned_data["turns"]:
            made.starts_on, made.ends_on = self.cleaned_data["turns"][0]
        return made

    def lines(self) -> list[Line]:
        """What a valid form says, day by day."""
        told = self.cleaned_data
        amount, per_day, often = told["amount"], told["doses_per_day"], told["every_days"] or 1
        unit = Unit(told["unit"]).label if told["unit"] else ""
        if told["turns"]:
            return [Line(first, last, amount, per_day, unit) for first, last in told["turns"]]
        if amount is None:
            return [Line(told["starts_on"], told["ends_on"], None, None, "")]
        start = Step(told["starts_on"], amount)
        lines = taper.lines(start, told["ends_on"], per_day, unit, told["steps"])
        return [replace(line, every=often) for line in lines]


def rows_in(data: Mapping[str, Any]) -> int:
    """How many rows of steps were sent, up to the last that holds something."""
    filled = [place for place in range(MOST + SPARE + 1)
              if data.get(f"step_on_{place}") or data.get(f"step_amount_{place}")]  # fmt: skip
    return max(filled, default=-1) + 1


def _meet(first: date, last: date | None, other: Treatment) -> bool:
    end = other.last_given
    return (last is None or other.starts_on <= last) and (end is None or first <= end)


def _when(other: Treatment) -> str:
    if other.last_given:
        return day_words(other.starts_on, other.last_given)
    return f"from {day_words(other.starts_on)} until further notice"
