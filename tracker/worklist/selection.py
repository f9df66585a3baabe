"""Some rows of the list to take along: as lines of CSV, and as plain text for another record."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.csv_cells import cell
from tracker.models import Patient, PatientStatus
from tracker.timeline import day_words
from tracker.worklist.listing import Desk, dressed
from tracker.worklist.rows import Row

MOST = 200  # patients taken along at once
COLUMNS = [
    "name",
    "birth date",
    "record number",
    "clinic",
    "section",
    "why",
    "last entry",
    "home check (0 to 18, by the family)",
    "change against the usual",
    "last home checks, oldest first",
    "treatment",
    "not reviewed",
    "last review",
    "reviewed by",
    "owner",
]


def chosen(at: Desk, keys: Iterable[UUID]) -> list[Row]:
    """The rows of the reader's own patients among `keys`, by name; others are left out."""
    statuses = PatientStatus.objects.visible_to(at.user).filter(patient__in=list(keys)[:MOST])
    known = statuses.select_related("patient__clinic", "patient__lead", "reviewed_by")
    return dressed(known.order_by("patient__name", "patient"), at)


def lines(rows: Sequence[Row]) -> str:
    """CSV with a header; no cell begins a formula."""
    file = io.StringIO()
    write = csv.writer(file, quoting=csv.QUOTE_ALL).writerow
    write(COLUMNS)
    for row in rows:
        write([cell(value) for value in _cells(row)])
    return file.getvalue()


def text(row: Row) -> str:
    """One patient as a few lines of plain text, with who it is on top."""
    patient, status = row.patient, row.status
    checks = _course(row)
    told = [
        f"{patient.name}, born {day_words(patient.birth_date)} ({row.age}), No. {patient.record_number}",
        f"{row.state} {why(row)}".strip() if row.state else _stands(row),
        f"Last entry: {day_words(status.last_local_date) if status.last_local_date else 'none'}."
        f" Not reviewed: {status.unreviewed}.",
        f"Home check by the family (0 to 18): {_check(row) or 'none'}."
        + (f" Oldest first: {checks}." if checks else ""),
        f"Treatment: {'; '.join(row.beside.treatments) or 'none recorded'}.",
        f"Last review: {_review(row) or 'none'}. Owner: {row.owner or 'nobody'}.",
    ]
    return "\n".join(told)


def why(row: Row) -> str:
    """All reasons in one line, with how long each has waited."""
    told = (f"{reason.text} ({reason.waits})" if reason.waits else reason.text for reason in row.reasons)
    return " ".join(told)


def _cells(row: Row) -> list[object]:
    patient, status = row.patient, row.status
    reviewed = status.reviewed_at
    return [
        patient.name,
        patient.birth_date.isoformat(),
        patient.record_number,
        patient.clinic.name,
        row.state or row.section.title,
        why(row),
        status.last_local_date,
        row.check,
        row.change,
        _course(row),
        "; ".join(row.beside.treatments),
        status.unreviewed,
        _day(reviewed, patient).isoformat() if reviewed else None,
        status.reviewed_by,
        row.owner or "nobody",
    ]


def _stands(row: Row) -> str:
    return f"{row.section.title}: {why(row) or 'nothing unusual'}"


def _check(row: Row) -> str:
    return ", ".join(filter(None, [row.check, row.change]))


def _course(row: Row) -> str:
    return " ".join("partial" if total is None else str(total) for total in row.status.course)


def _review(row: Row) -> str:
    at = row.status.reviewed_at
    return f"{day_words(_day(at, row.patient))}, {row.status.reviewed_by}" if at else ""


def _day(at: datetime, patient: Patient) -> date:
    """The day that it was where the clinic is."""
    return at.astimezone(ZoneInfo(patient.clinic.zone)).date()
