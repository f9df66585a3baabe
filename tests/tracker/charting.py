"""What a clinician's browser sends to the forms of the chart, for their tests."""

from collections.abc import Iterable
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from tracker.models import Patient
from tracker.scoring import MITCHELL_PIKE

ITEMS = {item.key: "1" for item in MITCHELL_PIKE.items}


def address(patient: Patient, name: str, *rest: object) -> str:
    """Where a form about the patient is."""
    return reverse(f"tracker:{name}", args=[patient.pk, *rest])


def rating(**fields: object) -> dict[str, object]:
    """A rating of today, six items of 1."""
    return {"key": uuid4(), "on": timezone.localdate(), "setting": "clinic", **ITEMS, "note": "", **fields}


def plan(steps: Iterable[tuple[str, str]] = (), **fields: object) -> dict[str, object]:
    """A daily dose of 20 mg twice from 2 March 2026, with steps of (day, amount)."""
    plain = {
        "agent": "Prednisolone",
        "form": "taper",
        "starts_on": "2026-03-02",
        "amount": "20",
        "unit": "mg",
        "doses_per_day": "2",
    }
    rows = {f"step_on_{place}": on for place, (on, _) in enumerate(steps)}
    rows |= {f"step_amount_{place}": amount for place, (_, amount) in enumerate(steps)}
    return {**plain, **rows, **fields}
