"""What a clinic decides about its flags: how far it relies on them, and at which numbers."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

from tracker.forms.fields import Words
from tracker.models import Rules
from tracker.rules import standard

# name: (label, lowest, highest); the numbers a clinic may reasonably differ in
DETECTOR = {
    "watch_rise": ("Watch: points over the usual", 1, 6),
    "change_rise": ("Possible change: points over the usual", 2, 9),
    "item_rise": ("Possible change: points in eyes, walking or standing", 1, 3),
    "eye_motor_rise": ("After a pulse or immunoglobulin: points of eyes and movement", 1, 6),
    "jump": ("Same day: points at once", 3, 12),
    "drift_rise": ("Slow drift: points over the weeks before", 1, 6),
    "silence_days": ("Too little data: days without an entry", 7, 90),
    "missed_least": ("Missed steroid: doses", 1, 6),
    "fever_c": ("Fever while immunosuppressed: °C", 37.5, 39),
}
WORKLIST = {
    "quiet_after_days": ("Stopped reporting: days without an entry", 3, 90),
    "step_before_days": ("Taper step or infusion: days that it stays on the list", 0, 14),
    "step_after_days": ("Taper step or infusion: days that it shows ahead", 0, 14),
    "urgent_waits_days": ("Late: days that an urgent flag waits", 1, 14),
    "flag_waits_days": ("Late: days that another flag waits", 1, 60),
}


class RulesForm(forms.Form):
    """A whole new set; the numbers start as they are in force."""

    mode = forms.ChoiceField(
        label="How far the clinic relies on flags",
        choices=Rules.Mode.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one."},
    )
    safety_officer = forms.CharField(
        label="Clinical safety officer",
        required=False,
        max_length=200,
        help_text="Who agreed to flags being shown; needed for anything but “Diary only”.",
    )
    reason = Words(
        500,
        rows=2,
        label="Why this change",
        error_messages={"required": "Say why; whoever comes after you will ask."},
    )

    def __init__(self, before: Rules | None, usual: Mapping[str, float], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before, self.usual = before, {**standard(), **usual}
        held = {**(before.detector if before else {}), **(before.worklist if before else {})}
        for name, (label, low, high) in {**DETECTOR, **WORKLIST}.items():
            number = forms.IntegerField if name in WORKLIST else forms.FloatField
            self.fields[name] = number(
                label=label,
                initial=f"{held.get(name, self.usual[name]):g}",
                validators=[MinValueValidator(low), MaxValueValidator(high)],
                help_text=f"Standard {self.usual[name]:g}; from {low} to {high}.",
                widget=forms.NumberInput(attrs={"step": "any"}),
                error_messages={"required": f"Give a number from {low} to {high}."},
            )
        self.fields["mode"].initial = before.mode if before else Rules.Mode.DIARY
        self.fields["safety_officer"].initial = before.safety_officer if before else ""

    def clean(self) -> dict[str, Any]:
        """Nobody raises flags without somebody who answers for it."""
        said: dict[str, Any] = super().clean() or {}
        if said.get("mode") in (Rules.Mode.FLAGS, Rules.Mode.ALERTS) and not said.get("safety_officer"):
            self.add_error("safety_officer", "Name the clinical safety officer who agreed.")
        watch, change, jump = (said.get(name) for name in ("watch_rise", "change_rise", "jump"))
        if watch and change and watch > change:
            self.add_error(
                "watch_rise", f"A watch comes first: choose at most {change:g}, as for a possible change."
            )
        if change and jump and jump < change:
            self.add_error(
                "jump", f"A same-day call is for more: choose at least {change:g}, as for a possible change."
            )
        return said

    def differing(self, names: Mapping[str, object]) -> dict[str, float]:
        """The numbers of a valid form that are not the standard's."""
        given = {name: self.cleaned_data[name] for name in names}
        return {name: number for name, number in given.items() if number != self.usual[name]}

    def rules(self) -> Rules:
        """The set that a valid form describes, not stored yet."""
        said = {name: self.cleaned_data[name] for name in ("mode", "safety_officer", "reason")}
        return Rules(**said, detector=self.differing(DETECTOR), worklist=self.differing(WORKLIST))
