"""One page of the worklist: filtered, counted by section, ordered, and told with what stands beside."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, QuerySet, When
from django.utils import timezone

from portal.models import User
from tracker.models import Clinic, ClinicStaff, DueItem, Flag, PatientStatus, Review, Seat
from tracker.worklist import filters, treatment
from tracker.worklist.filters import LABELS, SORTS, Asked, Choice, Choices
from tracker.worklist.rows import Beside, Row
from tracker.worklist.sections import DAY, SECTIONS, Section, Statuses, counted, numbered
from tracker.worklist.terms import Book, Terms, book

PER_PAGE = 50
URGENT = 0  # the place of the urgent section


@dataclass(frozen=True)
class Desk:
    """Who reads the list, where and when: the clinics they work for, and every clinic's terms.

    `today` is the day at the first of their clinics.
    """

    user: User
    clinics: Sequence[Clinic]
    book: Book
    zone: str
    now: datetime
    today: date

    @property
    def terms(self) -> list[Terms]:
        """The thresholds of the reader's clinics."""
        return [self.book.terms[clinic.pk] for clinic in self.clinics] or [Terms()]

    @property
    def diary_only(self) -> list[Clinic]:
        """The reader's clinics where no flag counts."""
        return [clinic for clinic in self.clinics if not self.book.terms[clinic.pk].flags]

    @property
    def statuses(self) -> Statuses:
        """Every active patient of the reader's, with all that a row names."""
        mine = PatientStatus.objects.visible_to(self.user).for_worklist()
        return mine.select_related("patient__clinic", "patient__lead", "reviewed_by")


@dataclass(frozen=True)
class Part:
    """A section as one page shows it: its rows, its threshold, how many patients it has on all pages."""

    section: Section
    rows: Sequence[Row]
    number: int
    rule: str
    query: str  # of the list in this section alone


@dataclass(frozen=True)
class Select:
    """One filter as the page shows it; a `needed` one cannot be left empty."""

    name: str
    label: str
    value: str
    choices: Sequence[Choice]
    needed: bool = False


@dataclass(frozen=True)
class Worklist:
    """One page of the list, as it was asked for.

    `matching` patients fit the filters, of `everybody`; `in_filters` fit them in any section;
    `urgent_elsewhere` are urgent and left out.
    """

    asked: Asked
    choices: Choices
    parts: Sequence[Part]
    rows: Sequence[Row]
    page: Page[PatientStatus]
    everybody: int
    matching: int
    in_filters: int
    urgent_elsewhere: int = 0

    @property
    def in_sections(self) -> bool:
        """Whether the order is by section, so that sections can be shown apart."""
        return self.asked.sort == "worst"

    @property
    def every_section(self) -> str:
        """The query of the same list without a section; empty when nothing else was asked for."""
        return self.asked.within("")

    @property
    def selects(self) -> list[Select]:
        """The filters that leave something to choose, and the order."""
        offered = {LABELS[name]: (name, self.choices.by_filter[name]) for name in LABELS}
        chosen = [
            Select(name, label, getattr(self.asked, name), choices)
            for label, (name, choices) in offered.items()
            if choices
        ]
        orders = [Choice(key, words) for key, (words, _) in SORTS.items()]
        return [*chosen, Select("sort", "Order", self.asked.sort, orders, needed=True)]


def desk(user: User, now: datetime) -> Desk:
    """Everything but patients that a list depends on. Queries: two.

    Also other clinics' terms: emergency access brings in patients of theirs.
    """
    mine = ClinicStaff.objects.filter(clinic=OuterRef("pk"), user=user.pk)
    every = list(Clinic.objects.annotate(mine=Exists(mine)))
    clinics = [clinic for clinic in every if clinic.mine]
    zone = clinics[0].zone if clinics else timezone.get_default_timezone_name()
    return Desk(user, clinics, book(every, now), zone, now, now.astimezone(ZoneInfo(zone)).date())


def read(at: Desk, query: Mapping[str, str], page: str = "1") -> Worklist:
    """One page of the list, as an address asks for it. Queries: the same for any number of patients."""
    choices = filters.choices_of(at.clinics, at.statuses, at.today)
    asked = filters.read(query, choices)
    chosen = numbered(filters.apply(at.statuses, asked, choices, at.user, at.today), at.book)
    wanted = next((place for place, section in enumerate(SECTIONS) if section.key == asked.section), None)
    shown = chosen if wanted is None else chosen.filter(section=wanted)
    paginator = Paginator(_ordered(shown, asked.sort), PER_PAGE)
    with joined_by_hash():
        everybody = counted(numbered(at.statuses, at.book))
        numbers = counted(chosen) if asked.narrows else everybody
        paginator.count = sum(numbers.values()) if wanted is None else numbers.get(wanted, 0)
        leaf = paginator.get_page(page)
        listed = list(leaf)
    rows = dressed(listed, at)
    told = numbers.get(URGENT, 0) if wanted in (None, URGENT) else 0
    return Worklist(
        asked,
        choices,
        _parts(rows, numbers, asked, at),
        rows,
        leaf,
        sum(everybody.values()),
        paginator.count,
        sum(numbers.values()),
        everybody.get(URGENT, 0) - told,
    )


@contextmanager
def joined_by_hash() -> Iterator[None]:
    """Keep the planner from joining row by row inside the block, in this transaction.

    It takes what the policies leave for one row, and then goes through everybody once for each of
    everybody: seconds for thousands of patients, where a hash takes milliseconds.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop = on")


def dressed(statuses: Iterable[PatientStatus], at: Desk) -> list[Row]:
    """The rows of some statuses, with flags, treatments, teams, outcomes, what is overdue. Queries: six."""
    listed = list(statuses)
    keys = [status.patient_id for status in listed]
    flags, teams, outcomes = _flags(keys), _teams(keys), _outcomes(keys)
    treated, dues = _treated(listed, at), _dues(keys, at.today)
    rows = []
    for status in listed:
        terms, today = at.book.of(status.patient.clinic_id)
        key = status.patient_id
        team, outcome = teams.get(key, frozenset()), outcomes.get(key, "")
        given = treated.get(key, treatment.Told())
        beside = Beside(flags.get(key, ()), given.treatments, given.steps, team, outcome, dues.get(key, ()))
        rows.append(Row(status, today, terms, beside))
    return rows


def _parts(rows: Sequence[Row], numbers: Mapping[int, int], asked: Asked, at: Desk) -> list[Part]:
    return [
        Part(
            section,
            [row for row in rows if row.section is section],
            numbers.get(place, 0),
            section.told(at.terms),
            asked.within(section.key),
        )
        for place, section in enumerate(SECTIONS)
    ]


def _treated(listed: Sequence[PatientStatus], at: Desk) -> Mapping[UUID, treatment.Told]:
    """What each patient is treated with on their clinic's day; each day that differs asks anew."""
    reach = max((max(terms.step_before, terms.step_after) for terms in at.book.terms.values()), default=0)
    by_day: dict[date, list[UUID]] = {}
    for status in listed:
        by_day.setdefault(at.book.of(status.patient.clinic_id)[1], []).append(status.patient_id)
    told: dict[UUID, treatment.Told] = {}
    for day, keys in by_day.items():
        told.update(treatment.told(keys, day, reach))
    return told


def _flags(keys: Sequence[UUID]) -> Mapping[UUID, list[Flag]]:
    """Open flags of each patient, the worst first."""
    found: dict[UUID, list[Flag]] = {}
    for flag in Flag.objects.filter(patient__in=keys).open().order_by("-tier", "raised_at"):
        found.setdefault(flag.patient_id, []).append(flag)
    return found


def _dues(keys: Sequence[UUID], today: date) -> Mapping[UUID, list[tuple[str, date]]]:
    """What is overdue of each patient, the oldest first; no clinic is more than a day ahead of `today`."""
    found: dict[UUID, list[tuple[str, date]]] = {}
    for item in DueItem.objects.overdue(today + DAY).filter(patient__in=keys):
        found.setdefault(item.patient_id, []).append((str(item), item.due_on))
    return found


def _outcomes(keys: Sequence[UUID]) -> dict[UUID, str]:
    """What came of each patient's last standing review, in words."""
    newest = Review.objects.standing().filter(patient__in=keys).order_by("patient", "-at", "-pk")
    told = newest.distinct("patient").values_list("patient", "outcome")
    return {key: Review.Outcome(outcome).label for key, outcome in told}


def _teams(keys: Sequence[UUID]) -> Mapping[UUID, frozenset[int]]:
    """Who sits on each patient's care team now."""
    seats = Seat.objects.current().of_team().filter(patient__in=keys).values_list("patient", "user")
    found: dict[UUID, set[int]] = {}
    for patient, user in seats:
        found.setdefault(patient, set()).add(user)
    return {patient: frozenset(users) for patient, users in found.items()}


def _ordered(placed: QuerySet[Any], sort: str) -> QuerySet[Any]:
    """Worst first: by section; the urgent by tier and how long they wait, all by the oldest review."""
    if order := SORTS[sort][1]:
        return placed.order_by(*order)
    urgent = {"section": URGENT}
    return placed.order_by(
        "section",
        Case(When(**urgent, then=F("flag_tier"))).desc(nulls_last=True),
        Case(When(**urgent, then=F("flagged_at"))).asc(nulls_last=True),
        F("reviewed_at").asc(nulls_first=True),
        "patient",
    )
