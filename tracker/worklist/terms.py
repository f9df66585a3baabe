"""What each clinic's rules say about its worklist: the thresholds in force, and which day it is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from tracker.models import Clinic, Rules

LONGEST = 366  # days; a threshold beyond it says nothing


@dataclass(frozen=True)
class Terms:
    """One clinic's thresholds, all in whole days; `flags` says whether the detector's flags count.

    `quiet_after`: no entry for longer has stopped reporting. `step_before`, `step_after`: how many days
    a planned step or infusion is told after it was, and before it comes. `urgent_waits`, `flag_waits`:
    how long a flag may wait for a look before it is late.
    """

    flags: bool = False
    quiet_after: int = 14
    step_before: int = 2
    step_after: int = 3
    urgent_waits: int = 1
    flag_waits: int = 7


STANDARD = Terms()
NAMES = tuple(name for name in vars(STANDARD) if name != "flags")


def terms_of(rules: Rules | None) -> Terms:
    """The thresholds of a set of rules; a clinic without one keeps a diary only, at the standard ones."""
    if rules is None:
        return STANDARD
    told: Mapping[str, Any] = rules.worklist if isinstance(rules.worklist, dict) else {}
    days = {name: told[f"{name}_days"] for name in NAMES if _is_days(told.get(f"{name}_days"))}
    return Terms(flags=rules.mode != Rules.Mode.DIARY, **days)


def _is_days(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LONGEST


def terms_in_force(clinic_id: int) -> Terms:
    """The thresholds of one clinic now. Queries: one."""
    return terms_of(Rules.objects.filter(clinic=clinic_id).in_force().first())


@dataclass(frozen=True)
class Book:
    """The terms of every clinic, and which day it is in each, at one moment."""

    terms: Mapping[int, Terms] = field(default_factory=dict)
    days: Mapping[int, date] = field(default_factory=dict)

    def of(self, clinic_id: int) -> tuple[Terms, date]:
        """The thresholds of a clinic, and today there. Errors: KeyError for a clinic nobody knows."""
        return self.terms[clinic_id], self.days[clinic_id]

    def groups(self) -> dict[tuple[Terms, date], list[int]]:
        """Clinics that share both thresholds and day, since most do."""
        alike: dict[tuple[Terms, date], list[int]] = {}
        for clinic in self.terms:
            alike.setdefault(self.of(clinic), []).append(clinic)
        return alike


def book(clinics: Iterable[Clinic], now: datetime) -> Book:
    """The terms of `clinics` at `now`. Queries: one."""
    known = {clinic.pk: clinic for clinic in clinics}
    decided = {rules.clinic_id: rules for rules in Rules.objects.filter(clinic__in=known).in_force()}
    return Book(
        {number: terms_of(decided.get(number)) for number in known},
        {number: now.astimezone(ZoneInfo(clinic.zone)).date() for number, clinic in known.items()},
    )
