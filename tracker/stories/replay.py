"""A generated course as one line of the replay format that `tracker.detector.courses` reads."""

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from tracker.stories.course import Course, CourseEntry, CourseEvent, CourseTreatment

EVENTS = ("illness", "vaccination", "fall", "hospital", "surgery", "travel", "school")
EVENT_AT = time(9)  # events have a day and no hour; by then the family knows
Raw = dict[str, Any]


def as_course(course: Course) -> Raw:
    """What one line holds. The ground truth stays behind, and so do the names."""
    entries = [each for entry in course.entries for each in _entries(entry, course)]
    entries += [_event(event, course) for event in course.events]
    return {
        "course": course.key,
        "birth_date": course.birth_date.isoformat(),
        "zone": course.zone,
        "marks": list(_marks(course)),
        "treatments": [row for treatment in course.treatments for row in _treatments(treatment)],
        "entries": sorted(entries, key=_received),
    }


def _marks(course: Course) -> Iterator[Raw]:
    """The limit of blood pressure alone: without the others the rules have to do with what was given."""
    limit = course.pressure_limit
    if limit:
        numbers = {"systolic_mmhg": limit.systolic, "diastolic_mmhg": limit.diastolic}
        yield {"name": "pressure_limit", "from": limit.on.isoformat(), **numbers}


def _entries(entry: CourseEntry, course: Course) -> Iterator[Raw]:
    """The entry itself, then each sign ticked in it as one of its own."""
    when = {
        "at": entry.occurred_at.isoformat(),
        "received": entry.received_at.isoformat(),
        "date": entry.local_date.isoformat(),
        "zone": entry.zone,
    }
    yield {
        **when,
        "kind": entry.kind,
        "by": f"{course.caregivers[entry.caregiver]}-{entry.caregiver + 1}",
        "items": dict(entry.ratings),
        **{name: float(value) for name, value in entry.measurements.items()},
        **({} if entry.all_doses is None else {"all_doses": entry.all_doses}),
        "worried": entry.worried,
    }
    for sign in entry.signs:
        yield {**when, "kind": "sign", "name": sign}


def _event(event: CourseEvent, course: Course) -> Raw:
    at = datetime.combine(event.on, EVENT_AT, ZoneInfo(course.zone)).isoformat()
    name = event.kind if event.kind in EVENTS else "other"
    row = {"at": at, "date": event.on.isoformat(), "kind": "event", "name": name}
    return row if event.until is None else {**row, "until": event.until.isoformat()}


def _treatments(row: CourseTreatment) -> Iterator[Raw]:
    """A taper is a row a step; a step that lies ahead has not begun."""
    if row.form != "taper":
        yield _treatment(row, row.form, row.starts_on, row.ends_on)
        return
    starts = [
        row.starts_on,
        *(step.on for step in row.steps if row.ends_on is None or step.on <= row.ends_on),
    ]
    for first, after in pairwise(starts):
        yield _treatment(row, "taper_step", first, date.fromordinal(after.toordinal() - 1))
    yield _treatment(row, "taper_step", starts[-1], row.ends_on)


def _treatment(row: CourseTreatment, form: str, first: date, last: date | None) -> Raw:
    span = (
        {"from": first.isoformat()} if last is None else {"from": first.isoformat(), "to": last.isoformat()}
    )
    return {"agent": row.agent, "form": form, **span}


def _received(raw: Raw) -> datetime:
    told: str = raw.get("received") or raw["at"]
    return datetime.fromisoformat(told)
