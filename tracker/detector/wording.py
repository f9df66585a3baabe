"""Findings in words: one plain sentence with its numbers, and never the word that is the clinic's to say."""

from collections.abc import Sequence

from tracker.detector.comparison import Comparison
from tracker.detector.diary import EYE_MOTOR

HOME_WORDS = ("standing", "walking", "hands", "eyes", "mood", "talking")
MOTOR_WORDS = ("stance", "gait", "hands", "eyes")  # the subtotal as the clinic names it
DAILY_WORDS = ("eyes", "jerks", "walking", "hands", "talking", "mood")


def listed(words: Sequence[str]) -> str:
    """`eyes`, `eyes and walking`, `eyes, hands and walking`; nothing of nothing."""
    return "".join(words) if len(words) < 2 else f"{', '.join(words[:-1])} and {words[-1]}"


def number(points: float) -> str:
    """Without an idle decimal: `2`, `2.5`."""
    return f"{round(points, 1):g}"


def points(count: float) -> str:
    """`1 point`, `3 points`."""
    return f"{number(count)} point{'' if round(count, 1) == 1 else 's'}"


def rose(found: Comparison, words: tuple[str, ...]) -> tuple[str, ...]:
    """The items over their usual."""
    return tuple(words[place] for place, rise in found.rises.items() if rise > 0)


def home_check(found: Comparison) -> str:
    """A total only where all six items could be compared; else how far up, and on which items."""
    if len(found.places) == len(HOME_WORDS):
        own = " as this caregiver rates" if round(found.bias, 1) else ""
        return f"Home check {found.now} against a usual {number(found.usual)}{own}"
    names = listed([HOME_WORDS[place] for place in found.places])
    change = found.now - found.usual
    way = f"{points(change)} up" if change > 0 else "not up"
    return f"Home check {way} on the {len(found.places)} of 6 items that could be compared ({names})"


def near_pulse(found: Comparison) -> str:
    """The eye and motor items alone, since near a pulse only they count; a sum only of all four."""
    names = listed([MOTOR_WORDS[place] for place in found.places if place < EYE_MOTOR])
    if found.places[:EYE_MOTOR] == tuple(range(EYE_MOTOR)):
        usual = number(found.motor - found.eye_motor)
        return f"Home check: {names} {found.motor} against a usual {usual} near a pulse"
    up = f"{points(found.eye_motor)} up" if found.eye_motor > 0 else "not up"
    return f"Home check: {names} {up} near a pulse"


def daily_entry(found: Comparison) -> str:
    """The daily items have no total of their own."""
    return f"Daily eye and movement items {points(max(0.0, found.now - found.usual))} over their usual"


def days(count: int) -> str:
    """`1 day`, `3 days`."""
    return f"{count} day{'' if count == 1 else 's'}"


def lasted(said: str, count: int, risen: Sequence[str], *, illness: bool) -> str:
    """What was said of the entry, for how long, and what rose."""
    tag = ", with illness" if illness else ""
    up = f"; {listed(risen)} rose" if risen else ""
    return f"{said}, still so after {days(count)}{tag}{up}."
