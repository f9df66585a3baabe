"""The worklist's row of a patient, kept in the transaction of whatever changed it."""

import logging

from django.db import connection, transaction

from portal.database.turns import take_turns
from tracker import flags
from tracker.models import Patient

log = logging.getLogger(__name__)


def in_turn(patient: Patient) -> None:
    """One writer of a diary at a time, until the transaction's end.

    So what is received later appears later, and a look at the newest entry has seen all before it.
    """
    take_turns(f"diary {patient.pk}")


def refresh(patient: Patient) -> None:
    """Raise what is new to look at, then bring the row up to date."""
    in_turn(patient)
    try:
        with transaction.atomic():
            flags.raise_recent(patient)
    except Exception:  # an entry is never lost because a rule fails; the nightly job tries again
        log.exception("flags not raised")
    recount(patient)


def recount(patient: Patient) -> None:
    """Bring the row up to date; the definer function reads also what the writer may not see."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT refresh_status(%s)", [patient.pk])
