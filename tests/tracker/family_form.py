"""What a family's browser sends, for the tests of the form."""

from datetime import timedelta
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from tracker.models import CheckIn, Patient

QUIET = {f"rate_{item}": "0" for item in ("eyes", "jerks", "walking", "hands", "speech_swallow", "mood")}
HOME = {f"rate_{item}": "1" for item in ("stance", "gait", "hands", "opsoclonus", "mood", "speech")}


def body(**fields: object) -> dict[str, object]:
    """A daily check-in of yesterday noon, UTC, with nothing answered."""
    yesterday = (timezone.now() - timedelta(days=1)).date().isoformat()
    plain = {"key": uuid4(), "kind": "daily", "zone": "UTC", "day": yesterday, "at": "12:00", "note": ""}
    return {**plain, **fields}


def address(patient: Patient, entry: CheckIn | None = None, name: str = "check-in") -> str:
    """Where the form is sent."""
    return reverse(f"tracker:{name}", args=[patient.pk, *([entry.pk] if entry else [])])
