"""The worklist's row of a patient, kept in the transaction of whatever changed it."""

from django.db import connection

from tracker import flags
from tracker.models import Patient


def refresh(patient: Patient) -> None:
    """Raise what is new to look at, then bring the row up to date."""
    flags.raise_recent(patient)
    recount(patient)


def recount(patient: Patient) -> None:
    """Bring the row up to date; the definer function reads also what the writer may not see."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT refresh_status(%s)", [patient.pk])
