"""From a diary to its flags: the rows are read, the detector finds, and what is new is stored.

It runs as the patient's own job, since a flag also rests on what its writer may not see. A flag is its
own record: insert-only, with rule, version and evidence, so the access trail does not repeat it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from portal.identity import acting_for
from tracker import detector
from tracker.detector import Diary, Finding, Thresholds, known_on
from tracker.models import CheckIn, ClinicalEvent, Dose, Flag, Patient, Rules, Treatment

Tier = Flag.Tier
TIERS: dict[str, Tier] = {
    "watch": Tier.NOTE,
    "too_little_data": Tier.NOTE,
    "slow_drift": Tier.DRIFT,
    "possible_change": Tier.SOON,
    "missed_steroid": Tier.SAME_DAY,
    "same_day": Tier.SAME_DAY,
    "emergency": Tier.EMERGENCY,
}  # what is not here, the family's own page asks for
WORRY = "worried"  # a rule with a section of the worklist to itself
READ_BACK = timedelta(days=200)  # the longest look back of any rule, with room for its baseline
RAISED_BACK = timedelta(days=7)  # what could have been raised earlier was, or rules were not in force
NOON = time(12)


def raise_recent(patient: Patient) -> None:
    """Flag what is new in the last days; nothing where the clinic keeps a diary only."""
    raise_since(patient, timezone.localdate(timezone=ZoneInfo(patient.zone)) - RAISED_BACK, READ_BACK)


def raise_since(patient: Patient, first: date, read_back: timedelta | None = None) -> None:
    """Flag what could first be raised on `first` or later; what is flagged already is left alone.

    `read_back` is how far before `first` the diary is read, without it to its beginning.
    """
    rules = Rules.objects.in_force().filter(clinic=patient.clinic_id).first()
    if rules is None or rules.mode == Rules.Mode.DIARY or patient.state != Patient.State.ACTIVE:
        return
    with acting_for(patient.pk):
        diary = read(patient, first - read_back if read_back else date.min)
        found = detector.findings(diary, thresholds(rules.detector))
        fresh = [each for each in found if each.on >= first and each.kind in TIERS and each.rule != WORRY]
        received = {row.ref: row.received for row in diary.told()}
        flags = [_flag(patient, finding, received) for finding in fresh]
        Flag.objects.bulk_create(flags, ignore_conflicts=True)


def thresholds(changed: Mapping[str, Any]) -> Thresholds:
    """The standard with a clinic's own numbers; a name that the rules no longer have is passed over."""
    known = {field.name for field in fields(Thresholds)}
    return Thresholds(**{name: number for name, number in changed.items() if name in known})


def read(patient: Patient, since: date) -> Diary:
    """What the detector reads of a patient from `since` on. Queries: eight, whatever the number of rows."""
    zone = ZoneInfo(patient.zone)
    standing = CheckIn.objects.standing().filter(patient=patient, local_date__gte=since)
    rows = list(standing.prefetch_related("ratings", "measurements", "signs"))
    doses = Dose.objects.standing().filter(patient=patient, local_date__gte=since)
    plans = Treatment.objects.filter(patient=patient, replaced_by=None).prefetch_related("steps")
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
        marks=tuple(detector.Mark(mark.name, mark.starts_on, mark.ends_on) for mark in patient.marks.all()),
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
    """A taper is a treatment a step, since an end after small steps is no sudden stop."""
    steps = [step.on for step in plan.steps.all() if plan.ends_on is None or step.on <= plan.ends_on]
    starts = [plan.starts_on, *steps]
    form = "taper_step" if steps or plan.form == Treatment.Form.TAPER else plan.form
    for start, after in pairwise(starts):
        yield detector.Treatment(plan.agent, form, start, after - timedelta(days=1))
    yield detector.Treatment(plan.agent, form, starts[-1], plan.ends_on)


def _flag(patient: Patient, finding: Finding, received: Mapping[object, datetime]) -> Flag:
    """Raised with its newest evidence; what rests on silence or a plan, at noon of its day."""
    noon = datetime.combine(finding.on, NOON, ZoneInfo(patient.zone))
    known = [received[ref] for ref in finding.evidence if ref in received]
    return Flag(
        patient=patient,
        kind=finding.kind,
        tier=TIERS[finding.kind],
        rule=finding.rule,
        version=finding.version,
        on=finding.on,
        raised_at=min(max(known, default=noon), timezone.now()),
        reason=finding.reason,
        evidence=[ref for ref in finding.evidence if isinstance(ref, UUID)],
    )
