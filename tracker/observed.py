"""What the detector reads of a patient: model rows in, its plain records out."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from tracker import detector
from tracker.detector import Diary, known_on
from tracker.models import CheckIn, ClinicalEvent, Dose, Patient, Treatment

NOON = time(12)  # of an event, which has a day and no hour


def read(patient: Patient, since: date) -> Diary:
    """What the detector reads of a patient from `since` on. Queries: eight, whatever the number of rows."""
    zone = ZoneInfo(patient.zone)
    standing = CheckIn.objects.standing().filter(patient=patient, local_date__gte=since)
    rows = list(standing.prefetch_related("ratings", "measurements", "signs"))
    doses = Dose.objects.standing().filter(patient=patient, local_date__gte=since)
    plans = Treatment.objects.standing().filter(patient=patient).prefetch_related("steps")
    return Diary(
        entries=tuple(_entry(row, zone) for row in rows),
        signs=tuple(
            detector.Sign(**_when(row, zone), name=sign.name) for row in rows for sign in row.signs.all()
        ),
        doses=tuple(
            detector.Dose(**_when(dose, zone), agent=dose.treatment.agent, status=dose.status)
            for dose in doses.select_related("treatment")
        ),
        events=tuple(
            _event(row, zone) for row in ClinicalEvent.objects.filter(patient=patient, on__gte=since)
        ),
        treatments=tuple(given for plan in plans for given in _given(plan)),
        marks=tuple(
            detector.Mark(mark.name, mark.starts_on, mark.ends_on, mark.systolic, mark.diastolic)
            for mark in patient.marks.all()
        ),
        until=timezone.localdate(timezone=zone),
    )


def _when(row: CheckIn | Dose, home: ZoneInfo) -> dict[str, Any]:
    day = known_on(row.received_at, row.local_date, home, ZoneInfo(row.zone))
    return {
        "ref": row.pk,
        "at": row.occurred_at,
        "received": row.received_at,
        "local_date": row.local_date,
        "known_on": day,
    }


def _entry(row: CheckIn, home: ZoneInfo) -> detector.Entry:
    return detector.Entry(
        **_when(row, home),
        kind=row.kind,
        by=str(row.author_id),
        items={rating.item: rating.value for rating in row.ratings.all()},
        measurements={each.kind: float(each.value) for each in row.measurements.all()},
        worried=row.worried,
        all_doses=row.all_doses,
    )


def _event(row: ClinicalEvent, home: ZoneInfo) -> detector.Event:
    """An event has a day and no hour, and no evidence to open: flags point at entries."""
    at = datetime.combine(row.on, NOON, home)
    known = max(row.on, row.recorded_at.astimezone(home).date())
    return detector.Event(
        ref=row.pk,
        at=at,
        received=max(at, row.recorded_at),
        local_date=row.on,
        known_on=known,
        name=row.kind,
        until=row.until,
    )


def _given(plan: Treatment) -> Iterable[detector.Treatment]:
    """A taper is a treatment a step, since an end after small steps is no sudden stop.

    From a step to 0 on nothing is given: no dose of it can be missed.
    """
    steps = [
        (step.on, step.amount) for step in plan.steps.all() if plan.ends_on is None or step.on <= plan.ends_on
    ]
    starts = [(plan.starts_on, plan.amount), *steps]
    ends = [*(on - timedelta(days=1) for on, _ in steps), plan.ends_on]
    spans = [(on, end) for (on, amount), end in zip(starts, ends, strict=True) if amount != 0]
    form = "taper_step" if len(spans) > 1 or plan.form == Treatment.Form.TAPER else plan.form
    for first, last in spans:
        yield detector.Treatment(plan.agent, form, first, last)
