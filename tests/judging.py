"""How well a rule does on courses whose truth is known."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median

from tests.variations import Varied, days_of
from tracker import detector
from tracker.detector import courses
from tracker.stories.course import CourseOnset
from tracker.stories.replay import as_course

EARLY = timedelta(days=3)  # a window of three days either side of an onset
FOUND_BY = {"acute": timedelta(days=21), "drift": timedelta(days=42)}  # found later is found too late
TRUE_FOR = {"acute": timedelta(days=30), "drift": timedelta(days=75)}  # while it is up, saying so is no error
NEVER = 999
FLAGS = ("watch", "possible_change", "slow_drift")

Rule = Callable[[Varied], tuple[list[date], list[date]]]  # days of "possible change", days of drift


@dataclass
class Figures:
    """What one rule did; delays are in days, a missed onset has one without end."""

    delays: dict[str, list[int]] = field(default_factory=lambda: {"acute": [], "drift": []})
    false: int = 0
    days: int = 0
    weakest: list[str] = field(default_factory=list)

    @property
    def found(self) -> int:
        return sum(delay < NEVER for delays in self.delays.values() for delay in delays)

    @property
    def onsets(self) -> int:
        return sum(map(len, self.delays.values()))

    @property
    def sensitivity(self) -> float:
        return self.found / self.onsets if self.onsets else 1.0

    @property
    def false_a_year(self) -> float:
        return self.false / self.days * 365.25

    def delay(self, kind: str) -> float:
        """Median over all onsets, missed ones counting as never: a rule gains nothing by missing."""
        return median(self.delays[kind]) if self.delays[kind] else 0

    def __str__(self) -> str:
        acute, drift = (self.delay(kind) for kind in ("acute", "drift"))
        return (
            f"{self.found} of {self.onsets} onsets ({self.sensitivity:.0%}); median delay"
            f" {_days(acute)} acute, {_days(drift)} drift;"
            f" {self.false_a_year:.2f} false a patient-year"
        )


def judge(rule: Rule, varied: Iterable[Varied]) -> Figures:
    """Run a rule over courses and hold it against their truth."""
    figures = Figures()
    for each in varied:
        changes, drifts = rule(each)
        onsets = each.course.ground_truth.onsets
        false = [day for day in changes if not any(_is_true(day, onset) for onset in onsets)]
        delays = [(onset.kind, delay_of(onset, changes, drifts)) for onset in onsets]
        for kind, delay in delays:
            figures.delays[kind].append(delay)
        figures.false += len(false)
        figures.days += days_of(each)
        missed = [kind for kind, delay in delays if delay == NEVER]
        if missed or false:
            days = ", ".join(str(day) for day in false) or "none"
            figures.weakest.append(f"{each.how}: missed {', '.join(missed) or 'none'}; false {days}")
    return figures


def delay_of(onset: CourseOnset, changes: list[date], drifts: list[date]) -> int:
    """Days from the onset to the first finding that tells of it."""
    told = changes if onset.kind == "acute" else [*changes, *drifts]
    window = [day for day in told if onset.on - EARLY <= day <= onset.on + FOUND_BY[onset.kind]]
    return (min(window) - onset.on).days if window else NEVER


def ours(varied: Varied, limits: detector.Thresholds = detector.STANDARD) -> tuple[list[date], list[date]]:
    """The detector, fed through the replay format as a clinic would."""
    found = detector.findings(courses.read(json.dumps(as_course(varied.course))).diary, limits)
    days = {kind: [one.on for one in found if one.kind == kind] for kind in ("possible_change", "slow_drift")}
    return days["possible_change"], days["slow_drift"]


def first_flag(varied: Varied) -> tuple[list[date], list[date]]:
    """The detector's first word on a change: watch, a jump, a possible change or a drift."""
    found = detector.findings(courses.read(json.dumps(as_course(varied.course))).diary)
    flags = [one.on for one in found if one.kind in FLAGS or one.rule == "jump"]
    return flags, flags


def fixed_at(threshold: int) -> Rule:
    """Naive: a total of so much or more, said when it gets there."""
    return lambda varied: _crossings(
        varied, lambda total, before: total >= threshold and (before is None or before < threshold)
    )


def over_the_last_by(points: int) -> Rule:
    """Naive: so much or more over the check before."""
    return lambda varied: _crossings(
        varied, lambda total, before: before is not None and total - before >= points
    )


def fixed_threshold(varied: Varied) -> tuple[list[date], list[date]]:
    """A total of 5 or more."""
    return fixed_at(5)(varied)


def over_the_last(varied: Varied) -> tuple[list[date], list[date]]:
    """3 or more over the check before."""
    return over_the_last_by(3)(varied)


def _crossings(varied: Varied, is_up: Callable[[int, int | None], bool]) -> tuple[list[date], list[date]]:
    days, before = [], None
    for entry in varied.course.entries:
        if entry.total is not None:
            if is_up(entry.total, before):
                days.append(entry.local_date)
            before = entry.total
    return days, days


def _is_true(day: date, onset: CourseOnset) -> bool:
    return onset.on - EARLY <= day <= onset.on + TRUE_FOR[onset.kind]


def _days(count: float) -> str:
    return "never" if count >= NEVER else f"{count:g} d"
