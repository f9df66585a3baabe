"""From a diary to its flags: the rows are read, the detector finds, and what is new is stored.

It runs as the patient's own job, since a flag also rests on what its writer may not see. A flag is its
own record: insert-only, with rule, version and evidence, so the access trail does not repeat it.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from portal.identity import acting_for
from tracker import detector, observed
from tracker.detector import Finding, Thresholds
from tracker.models import Flag, Patient, Rules

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
    """Flag what is new in the last days, as of now; nothing where the clinic keeps a diary only."""
    first = timezone.localdate(timezone=ZoneInfo(patient.zone)) - RAISED_BACK
    _raise(patient, first, READ_BACK, timezone.now())


def raise_since(patient: Patient, first: date) -> None:
    """Flag what could first be raised on `first` or later, each as of its own time: for invented courses."""
    _raise(patient, first, None, None)


def _raise(patient: Patient, first: date, read_back: timedelta | None, now: datetime | None) -> None:
    """Store what is new; what is flagged already is left alone.

    `read_back` is how far before `first` the diary is read, without it to its beginning.
    """
    if patient.state != Patient.State.ACTIVE:
        return
    with acting_for(patient.pk):
        rules = Rules.objects.in_force().filter(clinic=patient.clinic_id).first()
        if rules is None or rules.mode == Rules.Mode.DIARY:
            return
        diary = observed.read(patient, first - read_back if read_back else date.min)
        found = detector.findings(diary, thresholds(rules.detector))
        fresh = [each for each in found if each.on >= first and each.kind in TIERS and each.rule != WORRY]
        received = {row.ref: row.received for row in diary.told()}
        flags = [_flag(patient, finding, now or _known_at(patient, finding, received)) for finding in fresh]
        Flag.objects.bulk_create(flags, ignore_conflicts=True)


def thresholds(changed: Mapping[str, Any]) -> Thresholds:
    """The standard with a clinic's own numbers; a name that the rules no longer have is passed over."""
    known = {field.name for field in fields(Thresholds)}
    return Thresholds(**{name: number for name, number in changed.items() if name in known})


def _known_at(patient: Patient, finding: Finding, received: Mapping[object, datetime]) -> datetime:
    """When its newest evidence came; of what rests on no entry, noon of its day."""
    noon = datetime.combine(finding.on, observed.NOON, ZoneInfo(patient.zone))
    known = [received[ref] for ref in finding.evidence if ref in received]
    return min(max(known, default=noon), timezone.now())


def _flag(patient: Patient, finding: Finding, raised_at: datetime) -> Flag:
    """Raised when it was found, so that no earlier look covers it; `on` keeps the day it tells of."""
    return Flag(
        patient=patient,
        kind=finding.kind,
        tier=TIERS[finding.kind],
        rule=finding.rule,
        version=finding.version,
        on=finding.on,
        raised_at=raised_at,
        reason=finding.reason,
        evidence=[ref for ref in finding.evidence if isinstance(ref, UUID)],
    )
