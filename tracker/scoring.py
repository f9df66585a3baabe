"""Scales and their arithmetic: numbers in, scores out; no query, no request.

The wording of the anchors is our own and **not validated**: no caregiver-completed scale for this
condition was found (see `docs/adr/0001`). A home check is never a clinician's rating and shares no
axis, total or code with one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

TOP = 3  # every item is rated 0 to 3
BASELINE_WINDOW = timedelta(weeks=8)
BASELINE_REACH = timedelta(weeks=26)  # of checks are enough to know the usual of the day after them
BASELINE_TAKES, BASELINE_NEEDS = 4, 3  # complete checks
NOTABLE_RISE = Decimal(2)  # points over the baseline; a proposal, not validated
UNUSUAL_RISE = Decimal(3)  # such a check is not part of what is usual
PLATEAU = timedelta(days=28)  # unless it has been so for so long


@dataclass(frozen=True)
class Item:
    """One question: its key, short label, the question to the family, and what 0 to 3 mean."""

    key: str
    label: str
    question: str
    anchors: tuple[str, str, str, str]


@dataclass(frozen=True)
class Scale:
    """A versioned set of items; `scored` says whether their sum means anything."""

    code: str
    version: str
    name: str
    items: tuple[Item, ...]
    scored: bool

    @property
    def top(self) -> int:
        """The highest total, 3 points an item."""
        return TOP * len(self.items)


@dataclass(frozen=True)
class Score:
    """How far a scale was answered; `total` is None unless every item was rated."""

    items: int
    rated: int
    total: int | None

    @property
    def words(self) -> str:
        """`7 of 18`, or `4 of 6 items` where there is no total to give."""
        if self.total is None:
            return f"{self.rated} of {self.items} items"
        return f"{self.total} of {self.items * TOP}"


SEEN = ("Not seen", "Seen, stops nothing", "Gets in the way", "Stops most things")

HOME_CHECK = Scale(
    code="home-check",
    version="1",
    name="Home check",
    scored=True,
    items=(
        Item(
            "stance",
            "Sitting and standing",
            "How steady is sitting and standing?",
            (
                "As usual for the age",
                "A bit wobbly, stands alone",
                "Sits alone, stands with help",
                "Needs propping up",
            ),
        ),
        Item(
            "gait",
            "Walking",
            "How is walking?",
            ("As usual for the age", "Unsteady, walks alone", "Walks with help", "Cannot walk"),
        ),
        Item(
            "hands",
            "Arms and hands",
            "How do arms and hands work?",
            ("As usual for the age", "Small shakes or jerks", "Fine things are hard", "Most things are hard"),
        ),
        Item(
            "opsoclonus",
            "Eyes",
            "Do the eyes dance or dart?",
            ("Not seen", "Now and then", "Often", "Nearly all the time"),
        ),
        Item(
            "mood",
            "Mood and sleep",
            "How are mood and sleep?",
            (
                "Their usual self",
                "A bit cross, can be soothed",
                "Upsets the day or night",
                "Upset nearly all the time",
            ),
        ),
        Item(
            "speech",
            "Talking",
            "How is talking?",
            ("As usual for the age", "A bit unclear", "Some words lost", "Hardly any words"),
        ),
    ),
)

DAILY = Scale(
    code="daily",
    version="1",
    name="Daily check-in",
    scored=False,
    items=(
        Item("eyes", "Eyes", "Dancing or darting eyes?", SEEN),
        Item("jerks", "Jerks", "Jerks or shakes?", SEEN),
        Item("walking", "Walking and balance", "Wobbly when walking, standing or sitting?", SEEN),
        Item("hands", "Hands", "Clumsy hands?", SEEN),
        Item("speech_swallow", "Talking and swallowing", "Trouble with talking or swallowing?", SEEN),
        Item("mood", "Mood", "Cross, sad or in a rage?", SEEN),
    ),
)

# A clinician's scale. Its item keys are its own, so that no home check item can be taken for one.
MITCHELL_PIKE = Scale(
    code="mitchell-pike",
    version="1",
    name="Mitchell-Pike rating",
    scored=True,
    items=(
        Item(
            "mp_stance",
            "Stance",
            "Balance in sitting and standing",
            (
                "As expected at this age",
                "A little unsteady or broad-based, stands alone",
                "Stands only when held, sits alone",
                "Sits only when held or propped",
            ),
        ),
        Item(
            "mp_gait",
            "Gait",
            "Walking",
            (
                "As expected at this age",
                "Broad or unsteady, walks alone inside and outside",
                "Walks chiefly with a person or an aid",
                "Does not walk, even with help",
            ),
        ),
        Item(
            "mp_arm_hand",
            "Arm and hand",
            "Use of arms and hands",
            (
                "As expected at this age",
                "A slight shake or jerk now and then, function kept",
                "Fine tasks always affected, coarse ones nearly normal",
                "Fine and coarse tasks both badly affected",
            ),
        ),
        Item(
            "mp_opsoclonus",
            "Opsoclonus",
            "Opsoclonus",
            (
                "None seen",
                "Rare, or only when gaze shifts or under stress",
                "Frequent, sometimes breaks fixation or pursuit",
                "Almost constant, always breaks fixation or pursuit",
            ),
        ),
        Item(
            "mp_mood",
            "Mood and behaviour",
            "Mood, behaviour and sleep",
            (
                "Usual self, usual sleep",
                "Slightly irritable but consolable, or sleep a little disturbed",
                "Irritability and lost sleep disturb patient and family",
                "Severe distress that does not let up",
            ),
        ),
        Item(
            "mp_speech",
            "Speech",
            "Speech",
            (
                "As expected at this age, nothing lost",
                "Slightly unclear, or progress has paused",
                "Words or grammar lost, still makes do with speech",
                "Most spoken language lost",
            ),
        ),
    ),
)

SCALES = {"home_check": HOME_CHECK, "daily": DAILY}
# kind: (UCUM unit, lowest, highest)
MEASUREMENTS = {
    "sleep_hours": ("h", Decimal(0), Decimal(24)),
    "wakings": ("{count}", Decimal(0), Decimal(99)),
    "temperature_c": ("Cel", Decimal(30), Decimal(45)),
    "falls": ("{count}", Decimal(0), Decimal(99)),
    "systolic_mmhg": ("mm[Hg]", Decimal(40), Decimal(260)),
    "diastolic_mmhg": ("mm[Hg]", Decimal(20), Decimal(200)),
}


def score(scale: Scale, ratings: Mapping[str, int | None]) -> Score:
    """Score answers by item key; an absent item was not asked, None could not be judged.

    Errors: ValueError for an item the scale does not have or a value outside 0-3.
    """
    known = {item.key for item in scale.items}
    for key, value in ratings.items():
        if key not in known or not (value is None or 0 <= value <= TOP):
            raise ValueError(f"{scale.name} has no rating {value!r} of {key!r}.")
    given = [value for value in ratings.values() if value is not None]
    complete = len(given) == len(scale.items)
    return Score(len(scale.items), len(given), sum(given) if complete else None)


@dataclass
class Baseline:
    """What is usual so far: the last calm checks, and those of a rise that goes on since `rose_on`."""

    calm: list[tuple[date, int]] = field(default_factory=list)
    rise: list[tuple[date, int]] = field(default_factory=list)
    rose_on: date | None = None

    def on(self, day: date) -> Decimal | None:
        """The usual total for a check of this day; None when too few are known."""
        start = (self.rose_on or day) - BASELINE_WINDOW
        totals = [total for when, total in self.calm if when >= start]
        return _middle(totals) if len(totals) >= BASELINE_NEEDS else None

    def take(self, day: date, total: int) -> None:
        """Take in a complete check."""
        usual = self.on(day)
        if usual is None or total < usual + UNUSUAL_RISE:
            self.calm = [*self.calm, (day, total)][-BASELINE_TAKES:]
            self.rise, self.rose_on = [], None
            return
        self.rose_on = self.rose_on or day
        self.rise = [*self.rise, (day, total)][-BASELINE_TAKES:]
        climbs = total - self.rise[0][1] >= NOTABLE_RISE
        if day - self.rose_on >= PLATEAU and len(self.rise) >= BASELINE_NEEDS and not climbs:
            self.calm, self.rise, self.rose_on = self.rise, [], None


def baselines(checks: Iterable[tuple[date, int | None]]) -> list[Decimal | None]:
    """The usual total that each check is compared with; None when fewer than 3 checks say what is usual.

    `checks` holds (day, total), oldest first; a partial one has the total None and counts for nothing.
    The usual is the median of the last 4 within 8 weeks. A check 3 points or more over it stays out, and
    the usual remains the one from before the rise, so that a run of bad weeks does not become usual
    before anybody looked; a level that has lasted 28 days and climbs no more does. `refresh_status` in
    the database does the same. Source: the detector proposal in `docs/adr/0001`; not validated.
    """
    usual, found = Baseline(), []
    for day, total in checks:
        found.append(usual.on(day))
        if total is not None:
            usual.take(day, total)
    return found


def _middle(totals: Sequence[int]) -> Decimal:
    return Decimal(str(median(totals)))
