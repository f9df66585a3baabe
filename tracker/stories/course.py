"""What a generated course is made of: plain frozen records, laid on the calendar."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Kind = Literal["daily", "home_check"]
Form = Literal["daily", "pulse", "infusion", "taper"]

DOMAINS = ("stance", "gait", "hands", "opsoclonus", "mood", "speech")
DAILY_ITEMS = ("eyes", "jerks", "walking", "hands", "speech_swallow", "mood")
MEASURES = ("sleep_hours", "wakings", "temperature_c", "falls", "systolic_mmhg", "diastolic_mmhg")
EVENT_KINDS = (
    "illness",
    "vaccination",
    "fall",
    "hospital",
    "surgery",
    "travel",
    "school",
    "tumour_search",
    "other",
)
UCUM_UNITS = ("mg", "ug", "g", "mL", "mg/kg", "g/kg", "mg/m2", "[iU]", "[iU]/m2")


@dataclass(frozen=True)
class CourseEntry:
    """One entry of a diary.

    Ratings are 0-3; None could not be judged, an absent item was not asked. Hours of sleep are in steps of
    a half, temperature is in degrees Celsius, blood pressure in mm Hg, wakings and falls are counts.
    Instants are in UTC.
    `local_date` is the day as the family called it: shortly after midnight it is still the day before.
    `private` entries are the young person's own and not for the parents; `signs` are red flags ticked.
    """

    kind: Kind
    occurred_at: datetime
    received_at: datetime
    zone: str
    local_date: date
    caregiver: int
    ratings: dict[str, int | None]
    measurements: dict[str, Decimal]
    worried: bool = False
    all_doses: bool | None = None
    note: str = ""
    signs: tuple[str, ...] = ()
    private: bool = False

    @property
    def total(self) -> int | None:
        """Sum of a home check, 0-18; None for a daily entry or when an item could not be judged."""
        scores = [score for score in self.ratings.values() if score is not None]
        complete = self.kind == "home_check" and len(scores) == len(DOMAINS)
        return sum(scores) if complete else None


@dataclass(frozen=True)
class CourseStep:
    """A planned change of dose: `amount` per dose in `unit` (UCUM) from `on`, which may lie ahead."""

    on: date
    amount: Decimal
    unit: str


@dataclass(frozen=True)
class CourseTreatment:
    """One treatment; a pulse or an infusion is a row each. `amount` is per dose, `unit` is UCUM."""

    agent: str
    form: Form
    starts_on: date
    ends_on: date | None
    amount: Decimal | None
    unit: str
    doses_per_day: int | None
    every_days: int
    steps: tuple[CourseStep, ...]
    note: str


@dataclass(frozen=True)
class CourseEvent:
    """Something that happened; `until` is None for a single day and for what still goes on."""

    kind: str
    on: date
    until: date | None
    text: str


@dataclass(frozen=True)
class CourseOnset:
    """The true beginning of a worsening; a detector has a window of 3 days either side."""

    on: date
    kind: Literal["acute", "drift"]
    text: str


@dataclass(frozen=True)
class CourseAlert:
    """Something that must be raised on, or within days of, `on`."""

    on: date
    kind: str
    text: str


@dataclass(frozen=True)
class CourseTrap:
    """Days on which nothing may be taken for a relapse."""

    on: date
    until: date
    text: str


@dataclass(frozen=True)
class GroundTruth:
    """What is true of a course and nobody in it can see; for judging a detector, never for a page."""

    onsets: tuple[CourseOnset, ...]
    alerts: tuple[CourseAlert, ...]
    traps: tuple[CourseTrap, ...]


@dataclass(frozen=True)
class CourseLimit:
    """The patient's own limit of blood pressure, in mm Hg, from a day on."""

    on: date
    systolic: int
    diastolic: int


@dataclass(frozen=True)
class Course:
    """One patient's whole course up to today; entries are in the order in which they were made.

    `caregivers` says who writes (parent, self); an entry's `caregiver` is an index into it.
    """

    key: str
    name: str
    birth_date: date
    sex: Literal["female", "male"]
    zone: str
    diagnosis: str
    caregivers: tuple[str, ...]
    entries: tuple[CourseEntry, ...]
    treatments: tuple[CourseTreatment, ...]
    events: tuple[CourseEvent, ...]
    ground_truth: GroundTruth
    pressure_limit: CourseLimit | None = None
