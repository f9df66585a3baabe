"""What surrounds a diary: treatments, events and the ground truth, laid on the calendar up to today."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from tracker.stories.almanac import Calendar
from tracker.stories.course import (
    CourseAlert,
    CourseEvent,
    CourseLimit,
    CourseOnset,
    CourseStep,
    CourseTrap,
    CourseTreatment,
    GroundTruth,
)
from tracker.stories.story import Plan, Story


def treatments(story: Story, calendar: Calendar) -> tuple[CourseTreatment, ...]:
    """Every treatment begun by today, a pulse or an infusion a row each, in order of their start."""
    given = [row for plan in story.treatments for row in _turns(plan, calendar)]
    return tuple(sorted(given, key=lambda row: (row.starts_on, row.agent)))


def events(story: Story, calendar: Calendar) -> tuple[CourseEvent, ...]:
    """Every event begun by today; one that goes on past today has no end yet."""
    rows = (
        CourseEvent(event.kind, calendar.date_of(event.day), _past(event.until, calendar), event.text)
        for event in sorted(story.events, key=lambda event: event.day)
        if event.day <= calendar.today_day
    )
    return tuple(rows)


def pressure_limit(story: Story, calendar: Calendar) -> CourseLimit | None:
    """The patient's own limit of blood pressure, when it had been set by today."""
    limit = story.pressure_limit
    if limit is None or limit.day > calendar.today_day:
        return None
    return CourseLimit(calendar.date_of(limit.day), limit.systolic, limit.diastolic)


def ground_truth(story: Story, calendar: Calendar) -> GroundTruth:
    """What had come true by today; a trap that goes on is cut at today."""
    today, on, truth = calendar.today_day, calendar.date_of, story.truth
    traps = [trap for trap in truth.traps if trap.first <= today]
    return GroundTruth(
        onsets=tuple(
            CourseOnset(on(row.day), row.kind, row.text) for row in truth.onsets if row.day <= today
        ),
        alerts=tuple(
            CourseAlert(on(row.day), row.kind, row.text) for row in truth.alerts if row.day <= today
        ),
        traps=tuple(CourseTrap(on(trap.first), on(min(trap.last, today)), trap.text) for trap in traps),
    )


def _turns(plan: Plan, calendar: Calendar) -> Iterator[CourseTreatment]:
    """One row for each time the plan is given; planned steps are kept even when they lie ahead."""
    for turn in range(plan.times):
        first, last = plan.first + turn * plan.every, plan.last + turn * plan.every
        if first <= calendar.today_day:
            yield CourseTreatment(
                agent=plan.agent,
                form=plan.form,
                starts_on=calendar.date_of(first),
                ends_on=_past(last, calendar),
                amount=None if plan.amount is None else _exact(plan.amount),
                unit=plan.unit,
                doses_per_day=plan.per_day,
                every_days=plan.every_days,
                steps=tuple(
                    CourseStep(calendar.date_of(day), _exact(amount), plan.unit) for day, amount in plan.steps
                ),
                note=plan.note,
            )


def _past(day: int | None, calendar: Calendar) -> date | None:
    """The date of a day that has come; None for one that lies ahead, and for none."""
    return calendar.date_of(day) if day is not None and day <= calendar.today_day else None


def _exact(amount: float) -> Decimal:
    return Decimal(f"{amount:g}")  # as the file has it: 0.5, not the nearest binary fraction
