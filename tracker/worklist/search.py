"""Finding one patient by a part of the name, the record number or the birth date."""

from datetime import date, datetime

from django.db.models import Q

from tracker.models import PatientStatus
from tracker.worklist.listing import PER_PAGE, Desk, dressed
from tracker.worklist.rows import Row

# 2022-05-31, 31.5.2022, 31/05/2022, 31-5-2022, 31 May 2022; the day comes before the month.
BIRTH_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d %b %Y", "%d %B %Y")


def found(at: Desk, words: str) -> list[Row]:
    """Up to 50 of the reader's patients, by name; also those no longer active. Queries: six."""
    fits = Q(patient__name__icontains=words) | Q(patient__record_number__istartswith=words)
    if born := birth_date(words):
        fits |= Q(patient__birth_date=born)
    statuses = PatientStatus.objects.visible_to(at.user).filter(fits)
    known = statuses.select_related("patient__clinic", "patient__lead", "reviewed_by")
    return dressed(known.order_by("patient__name", "patient")[:PER_PAGE], at)


def birth_date(words: str) -> date | None:
    """The day that somebody typed, in any of the usual ways; None for anything else."""
    for form in BIRTH_DATES:
        try:
            return datetime.strptime(" ".join(words.split()), form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None
