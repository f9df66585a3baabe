"""The worklist's sections with their written thresholds: status rows in, sentences out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When

from tracker import scoring
from tracker.models import Patient, PatientStatus
from tracker.timeline import day_words, number

QUIET_AFTER = timedelta(days=14)
PER_PAGE = 50
Statuses = QuerySet[PatientStatus]


@dataclass(frozen=True)
class Section:
    """One part of the list: its word in addresses, its title, its threshold in one sentence."""

    key: str
    title: str
    rule: str
    tone: str


SECTIONS = (
    Section(
        "look",
        "Needs a look",
        f"Not reviewed, and the family asks for a look or a home check is {scoring.NOTABLE_RISE} points"
        " or more above the patient's usual total. The family's calls first, then the largest rise.",
        "red",
    ),
    Section("new", "New entries", "Not reviewed, nothing of the above.", "blue"),
    Section(
        "quiet",
        "Quiet",
        f"Reviewed, and no entry for more than {QUIET_AFTER.days} days, or none yet.",
        "grey",
    ),
    Section("seen", "Seen", f"Reviewed, with an entry in the last {QUIET_AFTER.days} days.", "green"),
)


@dataclass(frozen=True)
class Row:
    """One patient of the list, in words that depend on `today`."""

    status: PatientStatus
    today: date

    @property
    def patient(self) -> Patient:
        """Whose row it is."""
        return self.status.patient

    @property
    def section(self) -> Section:
        """The first section whose rule fits; the same rules as `_number` in SQL."""
        if self.status.unreviewed:
            return SECTIONS[0] if self.status.worried or self._notable else SECTIONS[1]
        return SECTIONS[2] if self.quiet else SECTIONS[3]

    @property
    def age(self) -> str:
        """The patient's age today, or when they died."""
        died = self.patient.state == Patient.State.DIED
        return age_words(self.patient.birth_date, self.patient.state_on if died else self.today)

    @property
    def quiet(self) -> str:
        """How long nothing came, when that is longer than QUIET_AFTER; else nothing."""
        newest = self.status.last_local_date
        if newest is None:
            return "No entry yet."
        days = (self.today - newest).days
        return f"No entry for {days} days." if days > QUIET_AFTER.days else ""

    @property
    def state(self) -> str:
        """Since when the patient is no longer active; else nothing."""
        if self._active:
            return ""
        once = self.patient.state in (Patient.State.DIED, Patient.State.MERGED)
        word = "on" if once else "since"
        return f"{self.patient.get_state_display()} {word} {day_words(self.patient.state_on)}."

    @property
    def reason(self) -> str:
        """Why the patient stands where they stand, in one or a few short sentences."""
        asks = "The family asks for a look." if self.status.unreviewed and self.status.worried else ""
        quiet = self.quiet if self._active else ""
        return " ".join(filter(None, [asks, check_words(self.status), self._checked, quiet]))

    @property
    def waiting(self) -> str:
        """How long the oldest entry waits for a review, in whole days."""
        since = self.status.unreviewed_since
        if since is None:
            return ""
        days = (self.today - since.date()).days
        return "since today" if days <= 0 else "1 day" if days == 1 else f"{days} days"

    @property
    def _active(self) -> bool:
        return self.patient.state == Patient.State.ACTIVE

    @property
    def _checked(self) -> str:
        """The day of the home check told, when something newer came."""
        day = self.status.checked_on
        return f"Checked on {day_words(day)}." if day and day != self.status.last_local_date else ""

    @property
    def _notable(self) -> bool:
        return self.status.rise is not None and self.status.rise >= scoring.NOTABLE_RISE


@dataclass(frozen=True)
class Part:
    """A section as one page shows it: its rows, and how many patients it has on all pages."""

    section: Section
    rows: Sequence[Row]
    number: int


@dataclass(frozen=True)
class Worklist:
    """One page of the list; `show` is the section asked for, or nothing for all of them."""

    parts: Sequence[Part]
    page: Page[PatientStatus]
    show: str
    everybody: int

    @property
    def rows(self) -> list[Row]:
        """Every row on the page."""
        return [row for part in self.parts for row in part.rows]


def read(statuses: Statuses, today: date, show: str = "", page: str = "1") -> Worklist:
    """One page of `statuses`, those who need a look first. Queries: two, whatever the number.

    An unknown `show` means all; an unknown `page` the nearest that exists.
    """
    numbered = statuses.annotate(section=_number(today))
    numbers = _counted(numbered)
    chosen = next((place for place, section in enumerate(SECTIONS) if section.key == show), None)
    paginator = Paginator(_ordered(numbered if chosen is None else numbered.filter(section=chosen)), PER_PAGE)
    paginator.count = sum(numbers.values()) if chosen is None else numbers.get(chosen, 0)
    shown = paginator.get_page(page)
    rows = [Row(status, today) for status in shown]
    parts = [
        Part(section, [row for row in rows if row.section is section], numbers.get(place, 0))
        for place, section in enumerate(SECTIONS)
    ]
    return Worklist(parts, shown, show if chosen is not None else "", sum(numbers.values()))


def found(statuses: Statuses, words: str, today: date) -> list[Row]:
    """Up to 50 patients by a part of their name, or by record number; also those no longer active."""
    fits = Q(patient__name__icontains=words) | Q(patient__record_number__istartswith=words)
    return [Row(status, today) for status in statuses.filter(fits).order_by("patient__name")[:PER_PAGE]]


def check_words(status: PatientStatus) -> str:
    """What the home check that counts says, compared with what is usual for this patient."""
    if status.items is None:
        return "No home check yet." if status.last_received_at else ""
    if status.total is None:
        return f"Home check: {status.rated} of {status.items} items, no total."
    if status.baseline is None or status.rise is None:
        return f"Home check {status.total}; too few earlier ones to say what is usual."
    words = f"Home check {status.total}, usually {number(status.baseline)}"
    if not status.rise:
        return f"{words}."
    points = "1 point" if abs(status.rise) == 1 else f"{number(abs(status.rise))} points"
    change = " Possible change." if status.rise >= scoring.NOTABLE_RISE else ""
    return f"{words}: {points} {'up' if status.rise > 0 else 'down'}.{change}"


def age_words(birth_date: date, today: date) -> str:
    """`5 months`; up to 18 `4 years 7 months`; then `23 years`."""
    months = (today.year - birth_date.year) * 12 + today.month - birth_date.month
    months -= today.day < birth_date.day
    years, rest = divmod(max(months, 0), 12)
    words = [f"{n} {word}{'' if n == 1 else 's'}" for n, word in ((years, "year"), (rest, "month")) if n]
    return words[0] if years >= 18 else " ".join(words) or "under 1 month"


def _number(today: date) -> Case:
    """The place of a status's section, the same rules as `Row.section`."""
    look = Q(worried=True) | Q(rise__gte=scoring.NOTABLE_RISE)
    quiet = Q(last_local_date=None) | Q(last_local_date__lt=today - QUIET_AFTER)
    return Case(
        When(look, unreviewed__gt=0, then=Value(0)),
        When(unreviewed__gt=0, then=Value(1)),
        When(quiet, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )


def _counted(numbered: QuerySet[Any]) -> Mapping[int, int]:
    rows = numbered.order_by().values("section").annotate(patients=Count("pk"))
    return {row["section"]: row["patients"] for row in rows}


def _ordered(numbered: Statuses) -> Statuses:
    """By section; in it the worried, the largest rise that nobody has seen, the longest wait or silence."""
    unseen = Case(When(unreviewed__gt=0, then=F("rise")))
    return numbered.order_by(
        "section",
        Case(When(unreviewed__gt=0, worried=True, then=0), default=1),
        unseen.desc(nulls_last=True),
        F("unreviewed_since").asc(nulls_last=True),
        F("last_local_date").asc(nulls_first=True),
        "patient",
    )
