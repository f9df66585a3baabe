"""Rows of steps that a plan's form is filled with: by its rule for reducing, or from an earlier plan."""

from datetime import date, timedelta
from typing import Any

from django.http import QueryDict

from tracker import taper
from tracker.forms.plans import PlanForm, rows_in
from tracker.models import Treatment
from tracker.numbers import number
from tracker.taper import MOST, Step

REDUCTION = ("reduce_by", "reduce_every", "reduce_until")


def with_steps(form: PlanForm) -> QueryDict | None:
    """What was typed, with rows made by its rule for reducing; None, with sentences, where that cannot be."""
    told = form.cleaned_data
    missing = [name for name in REDUCTION if told.get(name) is None and name not in form.errors]
    for name in missing:
        form.add_error(name, "Fill in all three, and the steps are made from them.")
    if missing or any(told.get(name) is None for name in (*REDUCTION, "starts_on", "amount")):
        if told.get("amount") is None and "amount" not in form.errors:
            form.add_error("amount", "Say the first amount: the steps go on from it.")
        return None
    try:
        start = Step(told["starts_on"], told["amount"])
        steps = taper.reduce(start, told["reduce_by"], told["reduce_every"], told["reduce_until"])
    except taper.TooMany:
        form.add_error("reduce_by", f"This makes more than {MOST} steps. Reduce by more.")
        return None
    except ValueError:
        form.add_error("reduce_until", "Choose less than the first amount, and more than 0 to reduce by.")
        return None
    data = QueryDict(mutable=True)
    data.update({name: value for name, value in form.data.items() if not name.startswith("step_")})
    for place, step in enumerate(steps):
        data[f"step_on_{place}"], data[f"step_amount_{place}"] = step.on.isoformat(), number(step.amount)
    return data


def asks_for_steps(form: PlanForm) -> bool:
    """Whether the rule for reducing is filled in and no step is: they are to be made, and then looked at."""
    return any(form.data.get(name) for name in REDUCTION) and not rows_in(form.data)


def going_on(earlier: Treatment, today: date) -> dict[str, Any]:
    """What a form starts with that changes `earlier`: its dose as of `today`, and the steps still to come."""
    steps = list(earlier.steps.all())
    taken = [step for step in steps if step.on <= today]
    ahead = [step for step in steps if step.on > today]
    first = (
        max(today, earlier.starts_on + timedelta(days=1)) if earlier.starts_on <= today else earlier.starts_on
    )
    amount = taken[-1].amount if taken else earlier.amount
    rows: dict[str, object] = {f"step_on_{place}": step.on for place, step in enumerate(ahead)}
    rows |= {f"step_amount_{place}": number(step.amount) for place, step in enumerate(ahead)}
    same = {
        name: getattr(earlier, name)
        for name in ("agent", "form", "ends_on", "unit", "doses_per_day", "every_days", "note")
    }
    dose = None if amount is None else number(amount)
    return {**same, **rows, "starts_on": first, "amount": dose, "steps": ahead}
