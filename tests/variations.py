"""Courses that the rules have not seen: the ten stories bent by chance, and patients made up from nothing.

Everything is drawn from a seed: when and how steeply a worsening comes and how far it goes, how noisy the
days are, who writes and how far they differ, how much is missing. Forced follow-up checks of the stories
are taken away, so that a family answers only what stage one asks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from tracker.stories import STORIES
from tracker.stories.course import Course
from tracker.stories.generator import lay
from tracker.stories.reading import read
from tracker.stories.story import (
    Age,
    Caregiver,
    Effect,
    Happening,
    Knot,
    Onset,
    Plan,
    Shown,
    Span,
    Special,
    Story,
    Trap,
    Truth,
    Unsure,
)

TODAY = date(2026, 3, 30)
WEIGHTS = {
    "usual": {"stance": 0.4, "gait": 2, "hands": 0.8, "opsoclonus": 0.05, "mood": 1.6, "speech": 1.2},
    "onset": {"stance": 2.2, "gait": 3.2, "hands": 2.3, "opsoclonus": 3.2, "mood": 2, "speech": 1},
    "flare": {"stance": 1.5, "gait": 3, "hands": 2, "opsoclonus": 0.5, "mood": 3, "speech": 0.5},
}
RELAPSE_LASTS, APART = 60, 130  # days


@dataclass(frozen=True)
class Varied:
    """A course with its truth, and in words what was done to it."""

    course: Course
    how: str


def stories(seed: int, missing: float | None = None) -> Iterator[Varied]:
    """The ten, unbent, with other dice; `missing` in place of their own shares."""
    for key in STORIES:
        tale = read(key)
        if missing is not None:
            tale = replace(tale, missing=((tale.log.first, missing),))
        yield Varied(lay(tale, TODAY, seed, whole=True), key)


def bent(seed: int, missing: float) -> Iterator[Varied]:
    """The ten, each bent by chance."""
    for key in STORIES:
        dice = Random(f"bent/{seed}/{key}")
        tale, how = _bend(read(key), dice)
        tale = replace(tale, missing=((tale.log.first, missing),))
        spread = dice.uniform(0.5, 1.2)
        varied = lay(tale, TODAY, seed + 1000, whole=True, spread=spread)
        yield Varied(varied, f"{key}, seed {seed}, {how}, noise {spread:.1f}")


def invented(seed: int, missing: float) -> Varied:
    """One patient made up: a usual, perhaps worsenings, flares of two days with an illness, pulses."""
    dice = Random(f"invented/{seed}")
    tale, how = _invent(seed, dice, missing)
    spread = dice.uniform(0.5, 1.1)
    return Varied(lay(tale, TODAY, seed, whole=True, spread=spread), f"{how}, noise {spread:.1f}")


def _bend(tale: Story, dice: Random) -> tuple[Story, str]:
    shift, height, pace = dice.randint(-15, 25), dice.uniform(0.8, 1.25), dice.uniform(0.6, 1.8)
    onsets = tale.truth.onsets
    if onsets:
        tale = replace(tale, knots=_shifted(tale, shift, height, pace))
        moved = tuple(replace(onset, day=onset.day + shift) for onset in onsets)
        tale = replace(tale, truth=replace(tale.truth, onsets=moved))
    callers = _callers(dice, tale.caregivers[0].who)
    plain = {day: replace(special, check=False, worried=False) for day, special in tale.days.items()}
    words = f"shift {shift}, height {height:.2f}, pace {pace:.1f}, {_told(callers)}"
    if len(tale.caregivers) > 1:
        tale = replace(tale, caregivers=(callers[0], replace(callers[-1], who=tale.caregivers[1].who)))
    return replace(tale, days=plain), words


def _shifted(tale: Story, shift: int, height: float, pace: float) -> tuple[Knot, ...]:
    """Each worsening later or earlier, higher or lower, steeper or flatter; what lies before stays."""
    first = min(onset.day for onset in tale.truth.onsets)
    starts = {onset.day: onset for onset in tale.truth.onsets}
    knots: list[Knot] = []
    level = next(knot.total for knot in reversed(tale.knots) if knot.day <= first)
    for knot in tale.knots:
        day = knot.day + shift if knot.day >= first - 16 else knot.day
        near = [start for start in starts if start < knot.day <= start + 8]
        if near:
            day = near[0] + shift + max(1, round((knot.day - near[0]) * pace))
        total = level + (knot.total - level) * height if knot.day > first else knot.total
        if not knots or day > knots[-1].day:
            knots.append(Knot(day, max(0.0, min(18.0, total)), knot.profile))
    return tuple(knots)


def _callers(dice: Random, who: str) -> tuple[Caregiver, ...]:
    first = Caregiver(who, dice.choice((-1, 0, 0, 1)))
    if dice.random() < 0.5:
        return (first,)
    return first, Caregiver("parent", dice.choice((-2, -1, 0, 1, 2)), dice.uniform(0.15, 0.5))


def _told(callers: tuple[Caregiver, ...]) -> str:
    return "writers " + "/".join(f"{caller.bias:+d}" for caller in callers)


def _invent(seed: int, dice: Random, missing: float) -> tuple[Story, str]:
    usual, last = dice.uniform(0.3, 5), dice.randint(300, 520)
    onsets, knots = [], [Knot(0, usual, "usual")]
    day, words = dice.randint(75, 160), []
    while day < last - 45 and dice.random() < 0.8:
        kind = dice.choices(("acute", "drift", "flare"), (5, 2, 3))[0]
        words.append(f"{kind} on {day}")
        knots += _worsening(kind, day, usual, dice)
        if kind != "flare":
            onsets.append(Onset(day, kind, "made up"))
        day = knots[-1].day + dice.randint(40, APART)
    callers = _callers(dice, "parent")
    story = Story(
        key=f"invented-{seed}",
        name="Invented Example",
        sex="female",
        zone=dice.choice(("Europe/London", "America/New_York", "Asia/Tokyo")),
        diagnosis="Made up.",
        age=Age(dice.uniform(12, 200), 0),
        log=Span(0, last),
        shown=Shown(last, last),
        zones=(),
        caregivers=callers,
        knots=tuple(knots),
        weights=WEIGHTS,
        sleep=10,
        daily_rhythm=((0, dice.choice((1, 1, 1.5, 2, 2.5))),),
        missing=((0, missing),),
        gaps=(),
        unsure=Unsure(0.05, ("speech", "hands", "gait")),
        not_assessable=(),
        **_medicine(dice, last),
        days={},
        events=tuple(
            Happening("illness", int(word.split()[-1]), "A cold.", int(word.split()[-1]) + 5)
            for word in words
            if word.startswith("flare")
        ),
        truth=Truth(tuple(onsets), (), ()),
    )
    return story, f"invented {seed}, usual {usual:.1f}, {', '.join(words) or 'steady'}, {_told(callers)}"


def _worsening(kind: str, day: int, usual: float, dice: Random) -> list[Knot]:
    """Acute: up in days, down in weeks. Drift: half a point a week or so. Flare: two days."""
    if kind == "flare":
        top = usual + dice.uniform(3, 5)
        return [
            Knot(day, usual, "usual"),
            Knot(day + 1, top, "flare"),
            Knot(day + 2, top, "flare"),
            Knot(day + 4, usual, "usual"),
        ]
    if kind == "drift":
        weeks, top = dice.uniform(7, 10), usual + dice.uniform(3.5, 5)
        peak = day + round(7 * weeks)
        return [
            Knot(day, usual, "usual"),
            Knot(peak, top, "onset"),
            Knot(peak + 25, top, "onset"),
            Knot(peak + 80, usual, "usual"),
        ]
    top, ramp = usual + dice.uniform(4, 8), dice.randint(2, 7)
    return [
        Knot(day, usual, "usual"),
        Knot(day + ramp, top, "onset"),
        Knot(day + ramp + 14, top, "onset"),
        Knot(day + ramp + RELAPSE_LASTS, usual, "usual"),
    ]


def _medicine(dice: Random, last: int) -> dict[str, tuple[object, ...]]:
    """Pulses with their moods, immunoglobulin, or a tablet that makes cross."""
    plans: list[Plan] = []
    effects: list[Effect] = []
    start = dice.randint(5, 40)
    if dice.random() < 0.4:
        times = min(10, (last - start) // 28)
        plans.append(Plan("dexamethasone", "pulse", start, start + 2, 28, times))
        effects.append(Effect(start, start + 4, 28, times, mood=2, sleep=-1.0, wakings=2))
    if dice.random() < 0.4:
        plans.append(Plan("IVIG", "infusion", start + 3, start + 3, 28, (last - start) // 28))
    if dice.random() < 0.3:
        plans.append(Plan("levetiracetam", "daily", 120, 150))
        effects.append(Effect(122, 150, mood=2))
    return {"treatments": tuple(plans), "effects": tuple(effects)}


def days_of(varied: Varied) -> int:
    """The length of its diary in days."""
    entries = varied.course.entries
    return (entries[-1].local_date - entries[0].local_date) // timedelta(days=1) + 1


__all__ = ["TODAY", "Special", "Trap", "Varied", "bent", "days_of", "invented", "stories"]
