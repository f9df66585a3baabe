"""A clinic's thresholds: what is in force, and how another set comes to be."""

from dataclasses import asdict

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.models import User
from tracker import detector, status
from tracker.models import Clinic, Patient, Rules


def in_force(clinic: Clinic) -> Rules | None:
    """The clinic's newest decision; None while it keeps a diary only, by standard."""
    return Rules.objects.in_force().filter(clinic=clinic).first()


@transaction.atomic
def decide(user: User, rules: Rules) -> Rules:
    """Put a new set of rules into force; the earlier ones stay on record.

    Errors: ValidationError for a name or number that the rules do not have.
    """
    rules.author, rules.at = user, timezone.now()
    rules.full_clean()
    rules.save(force_insert=True)
    audit.record(user, "rules decided", rules)
    patients = Patient.objects.filter(clinic=rules.clinic, state=Patient.State.ACTIVE)
    for patient in patients.visible_to(user):
        status.refresh(patient)
    return rules


def standard() -> dict[str, float]:
    """Every threshold of the detector and its standard value."""
    return asdict(detector.STANDARD)
