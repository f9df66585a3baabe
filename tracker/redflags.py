"""Red flags: a sign or a temperature in, how soon somebody must act out; no query, no request.

The tiers are a proposal after the project's clinical reference (section 2.4) and **not clinically
approved**. What is unknown counts as the more dangerous: a recorded treatment that weakens the immune
system counts until a person has set an end, and steroids count for a year after their last day.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from math import inf
from typing import Literal

Tier = Literal["emergency", "same_day", "soon", "notice"]

FEVER_C, LOW_C = 38.0, 36.0  # degrees Celsius; a clinic's own limits replace them
STEROID_YEAR = timedelta(days=365)  # the body's own cortisol may be short for so long
NO_LETTER_BEFORE, NO_LETTER_AFTER = r"(?<![^\W\d_])", r"(?![^\W\d_])"
AFTER_IVIG = 7  # days in which headache and fever are known late effects

# How words of names begin, in lower case; one that ends in $ is the whole word, such as a short name.
STEROIDS = (
    *("prednis", "methylpred", "medrol", "solumedrol", "orapred", "pediapred"),
    *("dexameth", "dexa$", "dex$", "decadron", "betameth", "deflazacort"),
    *("cortison", "hydrocortison", "fludrocortison", "corticosteroid"),
    *("corticotrop", "acth$", "acthar", "synacthen", "tetracosact", "cosyntropin"),
)
REPLACING = ("cortison", "hydrocortison", "fludrocortison")  # only what the body is short of
SUPPRESSIVE = (
    *(part for part in STEROIDS if part not in REPLACING),
    *("rituximab", "mabthera", "rituxan", "truxima", "ruxience", "rixathon"),
    *("ofatumumab", "ocrelizumab", "obinutuzumab", "inebilizumab", "daratumumab"),
    *("cyclophosphamid", "endoxan", "cytoxan", "mycophenol", "mmf$", "cellcept"),
    *("azathioprin", "imuran", "mercaptopurin", "methotrexat"),
    *("chemo", "polychemo", "immunochemo", "radiochemo"),
    *("tocilizumab", "bortezomib", "ciclosporin", "cyclosporin", "tacrolimus", "sirolimus"),
    *("carboplatin", "cisplatin", "etoposide", "vincristine", "doxorubicin"),
)
IMMUNOGLOBULIN = (
    *("ivig", "immunoglobulin", "immune globulin"),
    *("privigen", "gamunex", "octagam", "kiovig", "gammagard", "flebogamma"),
)


@dataclass(frozen=True)
class Treatment:
    """An agent from `first` to `last` day; `last` is None while nobody has planned an end."""

    agent: str
    form: str
    first: date
    last: date | None = None

    def on(self, day: date) -> bool:
        """Whether it is given in the days around `day`."""
        return self.first <= day and (self.last is None or day <= self.last)

    def holds(self, parts: Iterable[str]) -> bool:
        """Whether a word of the agent's name begins with one of these parts, or is one that ends in $."""
        return _named(tuple(parts)).search(self.agent.lower()) is not None


@dataclass(frozen=True)
class Mark:
    """What a person at the clinic has set, from day to day.

    `immunosuppressed`, `steroid_exposed`, or `pressure_limit` with its two numbers in mm Hg.
    """

    name: str
    first: date
    last: date | None = None
    systolic: float | None = None
    diastolic: float | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it holds on a day, both ends included."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True)
class Guard:
    """What makes a sign more dangerous on one day; `since_ivig` is in days."""

    immunosuppressed: bool = False
    steroid_exposed: bool = False
    since_ivig: int | None = None

    @property
    def lately_ivig(self) -> bool:
        """Whether IVIG's late effects, usually harmless, may still show."""
        return self.since_ivig is not None and 1 <= self.since_ivig <= AFTER_IVIG


@dataclass(frozen=True)
class RedFlag:
    """How soon, under which rule, and why in one sentence."""

    tier: Tier
    rule: str
    reason: str


SEND_NOW = {
    "breathing_trouble": "Breathing trouble was ticked.",
    "seizure": "A seizure was ticked.",
    "cannot_walk": "Suddenly cannot sit, stand or walk was ticked.",
    "falls_with_continuous_opsoclonus": "Falls with eyes that never rest were ticked.",
    "self_harm": "Thoughts of self-harm were ticked.",
    "infusion_reaction": "A reaction to an infusion was ticked.",
}
CORTISOL = {"vomiting_doses": "Doses are vomited", "floppy": "Floppy, pale or hard to wake"}


@lru_cache(maxsize=32)
def _named(parts: tuple[str, ...]) -> re.Pattern[str]:
    """A letter before a part makes it another word; digits and signs do not, as in `6-mercaptopurine`."""
    begun = "|".join(re.escape(part) for part in parts if not part.endswith("$"))
    whole = "|".join(re.escape(part[:-1]) for part in parts if part.endswith("$"))
    either = f"(?:{begun})|(?:{whole}){NO_LETTER_AFTER}" if whole else f"(?:{begun})"
    return re.compile(f"{NO_LETTER_BEFORE}(?:{either})")


def guard_on(day: date, treatments: Iterable[Treatment], marks: Iterable[Mark]) -> Guard:
    """What the patient is under on a day; treatments that begin later do not count."""
    begun = [row for row in treatments if row.first <= day]
    marks = list(marks)
    ivig = [(day - (row.last or day)).days for row in begun if row.holds(IMMUNOGLOBULIN)]
    return Guard(
        immunosuppressed=_weakened(day, [row for row in begun if row.holds(SUPPRESSIVE)], marks),
        steroid_exposed=_exposed(day, [row for row in begun if row.holds(STEROIDS)], marks),
        since_ivig=max(min(ivig), 0) if ivig else None,
    )


def of_temperature(
    degrees: float, guard: Guard, fever: float = FEVER_C, low: float = LOW_C
) -> RedFlag | None:
    """A temperature in degrees Celsius: a red flag while the immune system is held down, or after IVIG."""
    if low <= degrees < fever:
        return None
    high = degrees >= fever
    if guard.immunosuppressed:
        words = f"{fever:g} or more" if high else f"under {low:g}"
        rule = "temperature" if high else "low_temperature"
        return RedFlag("emergency", rule, f"Temperature {degrees:g} °C, {words}, while immunosuppressed.")
    if high and guard.lately_ivig:
        reason = f"Temperature {degrees:g} °C, {_days_after_ivig(guard)}."
        return RedFlag("same_day", "temperature", reason)
    return None


def over_limit(day: date, systolic: float, diastolic: float, marks: Iterable[Mark]) -> Mark | None:
    """The patient's own limit that a blood pressure (mm Hg) is over; None without one: no number fits all."""
    limits = (mark for mark in marks if mark.name == "pressure_limit" and mark.holds_on(day))
    over = (
        mark for mark in limits if systolic > (mark.systolic or inf) or diastolic > (mark.diastolic or inf)
    )
    return next(over, None)


def of_sign(name: str, guard: Guard) -> RedFlag | None:
    """A ticked sign; None for one that asks for nothing in this patient or is not known."""
    if name in SEND_NOW:
        return RedFlag("emergency", name, SEND_NOW[name])
    if name in CORTISOL:
        if guard.steroid_exposed:
            return RedFlag("emergency", name, f"{CORTISOL[name]}, on or within a year after steroids.")
        if name == "floppy" and guard.immunosuppressed:
            return RedFlag("emergency", name, f"{CORTISOL[name]}, while immunosuppressed.")
        return RedFlag("same_day", name, f"{CORTISOL[name]}.")
    if name == "severe_headache":
        if guard.lately_ivig:
            return RedFlag("same_day", name, f"Severe headache, {_days_after_ivig(guard)}.")
        return RedFlag("emergency", name, "A new severe headache was ticked.")
    if name == "chickenpox_contact" and guard.immunosuppressed:
        return RedFlag("same_day", name, "Contact with chickenpox or measles while immunosuppressed.")
    if name == "new_lump":
        return RedFlag("soon", name, "A new lump was ticked.")
    return None


def _days_after_ivig(guard: Guard) -> str:
    return f"{guard.since_ivig} day{'' if guard.since_ivig == 1 else 's'} after immunoglobulin"


def _weakened(day: date, begun: list[Treatment], marks: list[Mark]) -> bool:
    """By a mark, by a treatment that goes on, or by one whose end nobody has decided."""
    ends = _ends(day, "immunosuppressed", marks)
    if ends is None:
        return True
    return any(row.on(day) or not any(end >= (row.last or row.first) for end in ends) for row in begun)


def _exposed(day: date, begun: list[Treatment], marks: list[Mark]) -> bool:
    """As for the immune system, but without a mark it ends by itself a year after the last day."""
    ends = _ends(day, "steroid_exposed", marks)
    if ends is None:
        return True
    recent = [row for row in begun if row.last is None or day <= row.last + STEROID_YEAR]
    return any(row.on(day) or not any(end >= (row.last or row.first) for end in ends) for row in recent)


def _ends(day: date, name: str, marks: list[Mark]) -> list[date] | None:
    """The days on which marks of this name have ended before `day`; None while one of them holds."""
    begun = [mark for mark in marks if mark.name == name and mark.first <= day]
    if any(mark.holds_on(day) for mark in begun):
        return None
    return [mark.last for mark in begun if mark.last is not None]
