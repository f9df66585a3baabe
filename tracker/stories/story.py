"""A story as its file tells it: days counted from day 0, no calendar yet."""

from dataclasses import dataclass
from typing import Literal, get_args

from tracker.stories.course import DOMAINS, EVENT_KINDS, UCUM_UNITS, Form


@dataclass(frozen=True)
class Span:
    """Days `first` to `last`, both included."""

    first: int
    last: int

    def covers(self, day: int) -> bool:
        """Whether the day lies within, both ends included."""
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Shown:
    """Where the demo stops the tape: the day that is today, and the last day with an entry."""

    today: int
    last_log: int


@dataclass(frozen=True)
class Age:
    """Months of age on one day of the story."""

    months: float
    on_day: int


@dataclass(frozen=True)
class Stay(Span):
    """Days spent in another time zone."""

    zone: str


@dataclass(frozen=True)
class Blind(Span):
    """Days on which one home check item cannot be judged by anybody."""

    item: str


@dataclass(frozen=True)
class Caregiver:
    """Who writes; `bias` in points of the total, `share` of the entries when not the first one."""

    who: Literal["parent", "self"]
    bias: int = 0
    share: float = 0.0


@dataclass(frozen=True)
class Knot:
    """The true total (0-18) on a day, and the name of the weights that spread it."""

    day: int
    total: float
    profile: str


@dataclass(frozen=True)
class Unsure:
    """The share of home checks with one of `items` left unjudged."""

    share: float
    items: tuple[str, ...]


@dataclass(frozen=True)
class Effect(Span):
    """What a medicine adds to mood (points), sleep (hours) and wakings, `times` over, `every` days apart."""

    every: int = 1
    times: int = 1
    mood: int = 0
    sleep: float = 0.0
    wakings: int = 0

    def acts_on(self, day: int) -> bool:
        """Whether one of its turns covers the day."""
        return any(self.covers(day - turn * self.every) for turn in range(self.times))


@dataclass(frozen=True)
class Limit:
    """The patient's own limit of blood pressure, in mm Hg, which a clinician set on a day."""

    day: int
    systolic: int
    diastolic: int


@dataclass(frozen=True)
class Readings(Span):
    """Days on which the family measures blood pressure (mm Hg) at every entry."""

    systolic: int
    diastolic: int


@dataclass(frozen=True)
class Special:
    """What is particular about one day's entry.

    `check` adds a home check, `temperature` is in degrees Celsius, `by` is the index of the caregiver,
    `twice` has the other caregiver send the same again, `private_signs` go into the patient's own entry.
    """

    check: bool = False
    temperature: float | None = None
    worried: bool = False
    all_doses: bool | None = None
    falls: int | None = None
    by: int | None = None
    twice: bool = False
    note: str = ""
    signs: tuple[str, ...] = ()
    private_signs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A treatment, perhaps given `times` over every `every` days; `amount` is per dose."""

    agent: str
    form: Form
    first: int
    last: int
    every: int = 1
    times: int = 1
    amount: float | None = None
    unit: str = ""
    per_day: int | None = None
    every_days: int = 1
    steps: tuple[tuple[int, float], ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if self.form not in get_args(Form):
            raise ValueError(f"{self.agent}: the form {self.form!r} is none of {', '.join(get_args(Form))}.")
        if self.amount is not None and self.unit not in UCUM_UNITS:
            raise ValueError(f"{self.agent}: the unit {self.unit!r} is none of {', '.join(UCUM_UNITS)}.")


@dataclass(frozen=True)
class Happening:
    """An event on a day, perhaps until another."""

    kind: str
    day: int
    text: str
    until: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in EVENT_KINDS:
            raise ValueError(f"Day {self.day}: the event {self.kind!r} is none of {', '.join(EVENT_KINDS)}.")


@dataclass(frozen=True)
class Onset:
    """A true worsening: when, how fast, and in words."""

    day: int
    kind: Literal["acute", "drift"]
    text: str


@dataclass(frozen=True)
class Alert:
    """What a rule must say, and on which day."""

    day: int
    kind: str
    text: str


@dataclass(frozen=True)
class Trap(Span):
    """What must not be taken for a worsening."""

    text: str


@dataclass(frozen=True)
class Truth:
    """What a detector is judged by."""

    onsets: tuple[Onset, ...]
    alerts: tuple[Alert, ...]
    traps: tuple[Trap, ...]


@dataclass(frozen=True)
class Story:
    """One file, read and checked; the package's docstring says what each field means."""

    key: str
    name: str
    sex: Literal["female", "male"]
    zone: str
    diagnosis: str
    age: Age
    log: Span
    shown: Shown
    zones: tuple[Stay, ...]
    caregivers: tuple[Caregiver, ...]
    knots: tuple[Knot, ...]
    weights: dict[str, dict[str, float]]
    sleep: float
    daily_rhythm: tuple[tuple[int, float], ...]
    missing: tuple[tuple[int, float], ...]
    gaps: tuple[Span, ...]
    unsure: Unsure
    not_assessable: tuple[Blind, ...]
    effects: tuple[Effect, ...]
    days: dict[int, Special]
    treatments: tuple[Plan, ...]
    events: tuple[Happening, ...]
    truth: Truth
    pressures: tuple[Readings, ...] = ()
    pressure_limit: Limit | None = None

    def __post_init__(self) -> None:
        if any(set(spread) != set(DOMAINS) for spread in self.weights.values()):
            raise ValueError("Every profile in weights names all six domains.")
        if any(knot.profile not in self.weights or not 0 <= knot.total <= 18 for knot in self.knots):
            raise ValueError("A knot needs a total of 0 to 18 and a profile that weights has.")
        if not {*self.unsure.items, *(blind.item for blind in self.not_assessable)} <= set(DOMAINS):
            raise ValueError("Only home check items can be unsure or not assessable.")
        if any(gap.covers(day) for gap in self.gaps for day in self.days):
            raise ValueError("A special day lies in a gap, so that it could never be logged.")

    def zone_on(self, day: int) -> str:
        """The IANA zone in which the family is on that day."""
        return next((stay.zone for stay in self.zones if stay.covers(day)), self.zone)

    def unjudged_on(self, day: int) -> frozenset[str]:
        """The home check items that nobody can judge on that day."""
        return frozenset(blind.item for blind in self.not_assessable if blind.covers(day))
