"""The only writers of treatment plans: planned, in turns, changed by a new plan, stopped, taken back."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.database.turns import take_turns
from portal.models import User
from tracker import status
from tracker.models import Patient, PlannedStep, Treatment
from tracker.taps import TWICE, Repeated, Superseded

Step = tuple[date, Decimal, str]  # from this day on, so much per dose, in this UCUM unit
TOLD = (
    "agent",
    "form",
    "starts_on",
    "ends_on",
    "amount",
    "unit",
    "doses_per_day",
    "every_days",
)  # but for note and steps


@transaction.atomic
def plan_treatment(
    user: User, patient: Patient, treatment: Treatment, steps: Sequence[Step] = ()
) -> Treatment:
    """Store a treatment for `patient` with its planned steps: (from day, amount per dose, UCUM unit).

    The same again within a minute is a second tap and gives the first.
    """
    take_turns(f"treatments {patient.pk}")
    again = (*TOLD, "replaces")
    lately = patient.treatments.filter(recorded_by=user, recorded_at__gt=timezone.now() - TWICE)
    if twin := lately.filter(**{name: getattr(treatment, name) for name in again}).first():
        return twin
    _store_plan(user, patient, treatment, steps)
    audit.record(user, "treatment planned", treatment, patient=patient.pk)
    return treatment


def _store_plan(user: User, patient: Patient, treatment: Treatment, steps: Iterable[Step]) -> None:
    treatment.patient, treatment.recorded_by = patient, user
    treatment.full_clean(validate_unique=False)
    treatment.save(force_insert=True)
    PlannedStep.objects.bulk_create(
        PlannedStep(patient=patient, treatment=treatment, on=on, amount=amount, unit=unit)
        for on, amount, unit in steps
    )
    status.refresh(patient)


@transaction.atomic
def plan_series(
    user: User, patient: Patient, first: Treatment, turns: Sequence[tuple[date, date]]
) -> list[Treatment]:
    """Store the same treatment for each turn (first and last day): pulses or infusions, a row each."""
    names = ("agent", "form", "amount", "unit", "doses_per_day", "every_days", "note")
    same = {name: getattr(first, name) for name in names}
    rows = [Treatment(**same, starts_on=start, ends_on=end) for start, end in turns]
    return [plan_treatment(user, patient, row) for row in rows]


@transaction.atomic
def change_treatment(
    user: User, earlier: Treatment, treatment: Treatment, steps: Sequence[Step] = ()
) -> Treatment:
    """Let a new plan go on from an earlier one, which ends the day before and stays as it was.

    An earlier plan that had not begun by then keeps its days; `Treatment.objects.standing()` leaves it out.
    Errors: Repeated when `user` stored just this already; Superseded when another plan goes on from it.
    """
    take_turns(f"treatments {earlier.patient_id}")
    if later := Treatment.objects.filter(replaces=earlier).first():
        raise Repeated if _same(user, later, treatment, steps) else Superseded
    treatment.replaces = earlier
    last = treatment.starts_on - timedelta(days=1)
    runs = Treatment.objects.filter(pk=earlier.pk, starts_on__lte=last)
    runs.exclude(ends_on__lte=last).update(ends_on=last)
    _store_plan(user, earlier.patient, treatment, steps)
    audit.record(user, "treatment changed", treatment, patient=earlier.patient_id)
    return treatment


def _same(user: User, stored: Treatment, told: Treatment, steps: Sequence[Step]) -> bool:
    """Whether `user` stored just this plan, steps and note included."""
    names = (*TOLD, "note")
    rows = [(step.on, step.amount, step.unit) for step in stored.steps.all()]
    return (
        stored.recorded_by_id == user.pk
        and not stored.taken_back
        and all(getattr(stored, name) == getattr(told, name) for name in names)
        and rows == sorted(steps)
    )


@transaction.atomic
def stop_treatment(user: User, treatment: Treatment, on: date, note: str) -> None:
    """Let a treatment end with the day `on`; `note` replaces its note. Its steps stay as planned.

    Errors: Repeated when it ends so already; Superseded when another plan goes on from it.
    """
    take_turns(f"treatments {treatment.patient_id}")
    standing = Treatment.objects.unreplaced().filter(pk=treatment.pk)
    if standing.filter(ends_on=on, note=note).exists():
        raise Repeated
    if not standing.update(ends_on=on, note=note):
        raise Superseded
    status.refresh(treatment.patient)
    audit.record(user, "treatment stopped", treatment, patient=treatment.patient_id)


@transaction.atomic
def take_back(user: User, treatment: Treatment, note: str) -> None:
    """Let a plan that has not begun never begin; `note` replaces its note, and its days stay as planned.

    It takes its own place, so that `standing()` and `unreplaced()` leave it out. A plan that it would have
    gone on from keeps its end, and may be changed again. Errors: Repeated when it was taken back already;
    Superseded when another plan goes on from it, or when it has begun.
    """
    take_turns(f"treatments {treatment.patient_id}")
    stored = Treatment.objects.select_related("patient").get(pk=treatment.pk)
    if stored.taken_back:
        raise Repeated
    begun = stored.starts_on <= timezone.localdate(timezone=ZoneInfo(stored.patient.zone))
    if begun or Treatment.objects.filter(replaces=stored).exists():
        raise Superseded
    Treatment.objects.filter(pk=stored.pk).update(replaces=stored, note=note)
    status.refresh(stored.patient)
    audit.record(user, "treatment taken back", stored, patient=stored.patient_id)
