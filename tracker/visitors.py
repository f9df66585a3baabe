"""Who looked at a child's record, and what they did there, in words for the family."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection

from portal.models import User
from portal.roles import Role, works_here
from tracker.models import Patient

PAGE = 30
EVER = datetime(9999, 1, 1, tzinfo=UTC)  # after every act
LISTED = "Saw the name on a list"
TAKEN = "Took a line about the diary from the clinic’s list"
ONE_ENTRY = "Looked at one entry"
WROTE = "Wrote in the record"  # also what hides an entry: nobody shall find out here that one is hidden
ACCESS = "Decided who can see the diary"
KEPT = "Kept the record in order"
CHECKED = "Checked who had looked"
EMERGENCY = "Opened the record in an emergency"
# How an act's words begin in the trail, and what the family reads; the longest that fits counts.
DEEDS = {
    "chart opened": "Looked at the record to write in it",
    "changed": "Changed the name, the birth date or the record number",
    "check-in marked in error": "Took an entry back",
    "check-in opened": "Opened the check-in",
    "check-in recorded": "Made an entry",
    "check-in viewed": ONE_ENTRY,
    "clinician rating": WROTE,
    "diaries listed": LISTED,
    "diary reviewed": "Read the diary and signed it off",
    "diary viewed": "Read the diary",
    "dose recorded": WROTE,
    "due item": WROTE,
    "due list viewed": LISTED,
    "emergency access": EMERGENCY,
    "emergency access ended": "Ended the emergency access",
    "emergency access listed": "Checked the emergency access",
    "emergency access reviewed": "Checked the emergency access",
    "emergency access: not needed": "Asked for emergency access, but could see the record already",
    "emergency access: review refused": "Checked the emergency access",
    "entries viewed": "Read the diary",
    "entry hidden": WROTE,
    "entry shown again": WROTE,
    "episode": WROTE,
    "event noted": WROTE,
    "family invited": "Invited somebody to the diary",
    "flowsheet viewed": "Read the diary",
    "hand-over opened": LISTED,
    "identities listed": LISTED,
    "identity viewed": "Looked at the name and the birth date",
    "invitation accepted": "Joined the diary",
    "invitation withdrawn": "Took an invitation back",
    "mark": WROTE,
    "message sent": "Wrote a message",
    "messages viewed": "Read the messages",
    "patient": KEPT,
    "patient handed over": KEPT,
    "patient handed back": KEPT,
    "patient registered": "Set up the record",
    "patient viewed": "Looked at the whole record",
    "patients searched": "Saw the name in a search",
    "private note pinned": WROTE,
    "record frozen": ACCESS,
    "record merged": KEPT,
    "record opened again": ACCESS,
    "records compared": KEPT,
    "rules tried out": LISTED,
    "review taken back": "Took a sign-off back",
    "refused": "Tried to open the record and was not let in",
    "review opened": "Looked at the record to sign it off",
    "seat": ACCESS,
    "seats viewed": "Looked at who can see the diary",
    "tag": WROTE,
    "trail exported": CHECKED,
    "trail viewed": CHECKED,
    "treatment": WROTE,
    "visitors viewed": "Looked at this page",
    "worklist copied": TAKEN,
    "worklist exported": TAKEN,
    "worklist viewed": "Saw the name on the clinic’s list",
}
UNKNOWN = "Used the record"


@dataclass(frozen=True)
class Visit:
    """What somebody did with the record, `times` in a row, last `at`; `role` is what they are there."""

    at: datetime
    who: str
    role: str
    deed: str
    emergency: bool
    times: int = 1


class _Row(NamedTuple):
    """What the database says of one act."""

    at: datetime
    actor: int | None
    name: str
    roles: list[str] | None
    action: str


@dataclass(frozen=True)
class Page:
    """Some visits by day, newest first; `older` is the instant before which the next page begins, or None."""

    days: list[tuple[date, list[Visit]]]
    older: datetime | None


def deed(action: str) -> str:
    """What the family reads for the words of an act."""
    fits = [start for start in DEEDS if action.startswith(start)]
    return DEEDS[max(fits, key=len)] if fits else UNKNOWN


def read(reader: User, patient: Patient, family: set[int], before: datetime = EVER) -> Page:
    """Visits older than `before`, by days of the patient's zone; `family` are the numbers of its people.

    Queries: two.
    """
    rows = _rows(patient.pk, before)
    if more := len(rows) > PAGE:  # acts of one instant stay together
        rows = [row for row in rows[:PAGE] if row.at > rows[PAGE].at] or rows[:PAGE]
    emergencies = patient.emergencies.values_list("clinician_id", "opened_at", "seat__ends_at")
    hours = [(one, start, end) for one, start, end in emergencies if end]
    visits = [
        Visit(
            row.at,
            *_words(reader, family, row),
            deed(row.action),
            any(row.actor == one and start <= row.at <= end for one, start, end in hours),
        )
        for row in rows
    ]
    zone = ZoneInfo(patient.zone)
    days = groupby(visits, lambda visit: visit.at.astimezone(zone).date())
    return Page([(day, _folded(of_day)) for day, of_day in days], rows[-1].at if more else None)


def _folded(visits: Iterable[Visit]) -> list[Visit]:
    """The same by the same person, time after time, as one."""
    alike = groupby(visits, attrgetter("who", "role", "deed", "emergency"))
    runs = [list(run) for _, run in alike]
    return [replace(run[0], times=len(run)) for run in runs]


def _rows(patient: UUID, before: datetime) -> list[_Row]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, actor_id, name, roles, action FROM visits(%s, %s, %s)", [patient, before, PAGE + 1]
        )
        return [_Row(*row) for row in cursor.fetchall()]


def _words(reader: User, family: set[int], row: _Row) -> tuple[str, str]:
    """Staff by name and role; nobody of the family, and no stranger, by name."""
    if row.actor == reader.pk:
        return "You", ""
    if row.actor in family:
        return "Another person of the family", ""
    if not works_here(row.roles or []):
        return "Somebody without access", ""
    return row.name, ", ".join(str(Role(role).label) for role in row.roles or [] if role != Role.FAMILY)
