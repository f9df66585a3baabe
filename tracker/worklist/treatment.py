"""What patients are treated with now, in the few words of a list; doses per dose and per day."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from textwrap import shorten
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from tracker.models import PlannedStep, Treatment
from tracker.numbers import often
from tracker.timeline import day_words, number
from tracker.timeline.facts import unit_words

BRIEF = (Treatment.Form.PULSE, Treatment.Form.INFUSION)
NOTED = 40  # letters of a note
RECENT = timedelta(days=28)  # how long a single dose is told after it was given


def going_on(today: date) -> Q:
    """Of standing plans those that have not ended; single doses of the last four weeks with them."""
    lasting = Q(ends_on=None) & ~Q(form__in=BRIEF) | Q(ends_on__gte=today)
    brief = Q(form__in=BRIEF, starts_on__gte=today - RECENT)
    return Q(starts_on__lte=today) & (lasting | brief) & ~Q(_tapered_off(today))


def _tapered_off(today: date) -> Exists:
    """`tracker.taper.last_given` before `today`, as a condition: a step to nothing, and nothing after it."""
    until = Coalesce(OuterRef(OuterRef("ends_on")), date.max)
    rises = PlannedStep.objects.filter(
        treatment=OuterRef("treatment"), on__gt=OuterRef("on"), on__lte=until, amount__gt=0
    )
    return Exists(
        PlannedStep.objects.filter(~Exists(rises), treatment=OuterRef("pk"), on__lte=today, amount=0)
    )


@dataclass(frozen=True)
class Told:
    """One patient's treatments of a day in words, and what steps on which day, whether near or far."""

    treatments: list[str] = field(default_factory=list)
    steps: dict[date, list[str]] = field(default_factory=dict)


def told(patients: Iterable[UUID], today: date, reach: int = 0) -> Mapping[UUID, Told]:
    """Each patient's treatments as of `today`; steps are known for `reach` days around it. Queries: two."""
    found: dict[UUID, Told] = {}
    planned: dict[tuple[UUID, str], Treatment] = {}  # what goes on from another plan, the soonest of an agent
    for plan, now in _around(patients, today, timedelta(days=reach)):
        of = found.setdefault(plan.patient_id, Told())
        for day, words in _steps(plan):
            of.steps.setdefault(day, []).append(words)
        if plan.starts_on > today and plan.replaces_id:
            planned[plan.patient_id, plan.agent] = plan
        elif now:
            after = planned.get((plan.patient_id, plan.agent)) if plan.ends_on else None
            of.treatments.insert(0, _words(plan, after, today))
    return found


def _around(patients: Iterable[UUID], today: date, reach: timedelta) -> Iterator[tuple[Treatment, bool]]:
    """Plans that go on, are to follow one that does, or touch the days around `today`, the latest first.

    With whether they go on today.
    """
    near = Q(starts_on__lte=today + reach) & (Q(ends_on=None) | Q(ends_on__gte=today - reach))
    standing: QuerySet[Treatment] = Treatment.objects.standing()
    rows = standing.filter(patient__in=list(patients)).prefetch_related("steps")
    rows = rows.filter(going_on(today) | near | Q(starts_on__gt=today, replaces__isnull=False))
    now = ExpressionWrapper(going_on(today), output_field=BooleanField())
    for plan in rows.annotate(now=now).order_by("-starts_on", "-agent"):
        yield plan, plan.now


def _steps(plan: Treatment) -> Iterator[tuple[date, str]]:
    """`Prednisolone 20 to 15 mg`, `IVIG infusion`: what changes on which day, up to the plan's end."""
    if plan.form in BRIEF:
        yield plan.starts_on, f"{plan.agent} {plan.get_form_display().lower()}"
    before, unit = plan.amount, plan.unit
    for step in plan.steps.all():
        if plan.ends_on is None or step.on <= plan.ends_on:
            first = number(before) if unit == step.unit and before is not None else _dose(before, unit)
            yield step.on, f"{plan.agent} {first} to {_dose(step.amount, step.unit)}"
        before, unit = step.amount, step.unit


def _words(plan: Treatment, after: Treatment | None, today: date) -> str:
    """What a plan gives `today`, and what comes next: a step before its end, else the plan `after` it."""
    if plan.form in BRIEF:
        dose = f" {_dose(plan.amount, plan.unit)}" if plan.amount is not None else ""
        return f"{plan.agent}{dose}, {plan.get_form_display().lower()} on {day_words(plan.starts_on)}"
    doses = [(plan.starts_on, plan.amount, plan.unit)]
    until = plan.ends_on or date.max
    doses.extend((step.on, step.amount, step.unit) for step in plan.steps.all() if step.on <= until)
    _, amount, unit = [dose for dose in doses if dose[0] <= today][-1]
    ahead = [(on, _dose(amount, unit)) for on, amount, unit in doses if on > today]
    if after:
        ahead.append((after.starts_on, _daily(after, after.amount, after.unit)))
    next_words = f"; from {day_words(ahead[0][0])} {ahead[0][1]}" if ahead else ""
    note = f". {shorten(plan.note, NOTED, placeholder=' …')}" if plan.note else ""
    return f"{plan.agent} {_daily(plan, amount, unit)}{next_words}{note}"


def _daily(plan: Treatment, amount: Decimal | None, unit: str) -> str:
    """`5 mg, 2 doses a day (10 mg a day)`; `10 mg, 1 dose every 7 days, not daily`."""
    if amount is None:
        return "(dose not recorded)"
    times = plan.doses_per_day
    if not times:
        return f"{_dose(amount, unit)} per dose"
    each = f"{_dose(amount, unit)}, {often(times, plan.every_days)}"
    return f"{each} ({_dose(amount * times, unit)} a day)" if plan.every_days == 1 else f"{each}, not daily"


def _dose(amount: Decimal | None, unit: str) -> str:
    return f"{number(amount)} {unit_words(unit)}" if amount is not None else "dose not recorded"
