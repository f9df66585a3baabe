"""The sections of the worklist, worst first, with their written thresholds.

`place` says in Python where a patient stands and `numbered` says the same in SQL; a test holds both
together at several settings of the clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When

from tracker.models import Flag, PatientStatus
from tracker.worklist.terms import Book, Terms

DAY = timedelta(days=1)
Statuses = QuerySet[PatientStatus]


@dataclass(frozen=True)
class Section:
    """One part of the list: its word in addresses, its title, its threshold in one sentence.

    `{...}` in the sentence is a number of days of `Terms`.
    """

    key: str
    title: str
    rule: str
    tone: str

    def told(self, terms: Sequence[Terms]) -> str:
        """The threshold with its numbers; where clinics differ, the range of theirs."""
        return self.rule.format(
            **{name: _span([vars(each)[name] for each in terms]) for name in vars(Terms())}
        )


SECTIONS = (
    Section(
        "urgent",
        "Urgent report",
        "An open flag asks for a look the same day. The most urgent first, then whose such flag is oldest.",
        "red",
    ),
    Section(
        "change", "Possible change", "An open flag: possible change against the patient’s own usual.", "red"
    ),
    Section("drift", "Slow drift", "An open flag: a slow rise over weeks.", "amber"),
    Section("episode", "Open episode", "A clinician set an episode that has not ended.", "amber"),
    Section(
        "step",
        "Taper step or infusion",
        "A planned step, pulse or infusion from {step_before} days ago to {step_after} days ahead.",
        "blue",
    ),
    Section(
        "asked",
        "Family asks for a look",
        "An entry nobody has reviewed yet asks for it, or the family sent a message since the last review.",
        "blue",
    ),
    Section(
        "overdue",
        "Overdue",
        "The day of the next review has passed, or that of something on the list of what is due.",
        "amber",
    ),
    Section("quiet", "Stopped reporting", "No entry for more than {quiet_after} days, or none yet.", "grey"),
    Section("steady", "Steady", "None of the above.", "green"),
)
STEADY = len(SECTIONS) - 1
FLAGGED = 3  # the first so many rest on flags
URGENT = Flag.Tier.SAME_DAY


def place(status: PatientStatus, terms: Terms, today: date) -> int:
    """The place of the first section whose rule fits; the same rules as `numbered`."""
    tier = status.flag_tier if terms.flags else 0
    newest, dues = status.last_local_date, (status.review_due_on, status.due_on)
    fits = (
        tier >= URGENT,
        tier == Flag.Tier.SOON,
        tier == Flag.Tier.DRIFT,
        status.episode_since is not None,
        bool(steps_near(status, terms, today)),
        status.worried or status.letters > 0,
        any(due is not None and due < today for due in dues),
        newest is None or newest < today - terms.quiet_after * DAY,
    )
    return fits.index(True) if True in fits else STEADY


def steps_near(status: PatientStatus, terms: Terms, today: date) -> list[date]:
    """The days of planned steps, pulses and infusions that are near today, the earliest first."""
    first, last = today - terms.step_before * DAY, today + terms.step_after * DAY
    return [day for day in status.steps if first <= day <= last]


def numbered(statuses: Statuses, book: Book) -> QuerySet[Any]:
    """With `section`, the place of each status's section on its clinic's day."""
    groups = book.groups()
    whens: list[When] = []
    for (terms, today), clinics in groups.items():
        here = Q(patient__clinic__in=clinics) if len(groups) > 1 else Q()
        whens.extend(
            When(here & fits, then=Value(number)) for number, fits in _conditions(terms, today) if fits
        )
    return statuses.annotate(
        section=Case(*whens, default=Value(STEADY), output_field=IntegerField())
        if whens
        else Value(STEADY, output_field=IntegerField())
    )


def counted(placed: QuerySet[Any]) -> dict[int, int]:
    """How many patients stand at each place of what `numbered` gave. Queries: one."""
    rows = placed.order_by().values("section").annotate(patients=Count("pk"))
    return {row["section"]: row["patients"] for row in rows}


def _conditions(terms: Terms, today: date) -> list[tuple[int, Q]]:
    """The rule of each section but the last, with its place."""
    window = [today + number * DAY for number in range(-terms.step_before, terms.step_after + 1)]
    flagged = [Q(flag_tier__gte=URGENT), Q(flag_tier=Flag.Tier.SOON), Q(flag_tier=Flag.Tier.DRIFT)]
    rest = [
        Q(episode_since__isnull=False),
        Q(steps__overlap=window),
        Q(worried=True) | Q(letters__gt=0),
        Q(review_due_on__lt=today) | Q(due_on__lt=today),
        Q(last_local_date=None) | Q(last_local_date__lt=today - terms.quiet_after * DAY),
    ]
    numbers = list(enumerate([*flagged, *rest]))
    return numbers if terms.flags else numbers[FLAGGED:]


def _span(values: list[object]) -> str:
    """`14`, or `14 to 21`."""
    known = sorted({int(str(value)) for value in values if not isinstance(value, bool)})
    return " to ".join(map(str, dict.fromkeys([known[0], known[-1]]))) if known else ""
