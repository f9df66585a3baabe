"""From a total to what a caregiver taps: six home check items, or the six items of a daily entry."""

from decimal import Decimal
from math import exp
from random import Random

from tracker.stories.story import Effect

WORST = 3
WOBBLE = {"mood": 0.4}  # mood is the noisiest domain; the others get STEADY
STEADY = 0.12


def apportion(total: int, weights: dict[str, float]) -> dict[str, int]:
    """Share out whole points (0-18) by weight, at most 3 an item, so that the items add up to the total.

    Source: the Sainte-Laguë method of divisors, as for seats in a parliament, with a cap.
    """
    points = dict.fromkeys(weights, 0)
    for _ in range(min(total, WORST * len(weights))):
        room = [name for name in points if points[name] < WORST]
        neediest = max(room, key=lambda name: weights[name] / (2 * points[name] + 1))
        points[neediest] += 1
    return points


def read_off(total: float, weights: dict[str, float], dice: Random) -> dict[str, int]:
    """One caregiver's reading (0-3 each) of a total that need not be whole or in range."""
    whole = max(0, min(18, round(total)))
    wobbly = {name: weight * exp(dice.gauss(0, WOBBLE.get(name, STEADY))) for name, weight in weights.items()}
    return apportion(whole, wobbly)


def daily_items(domains: dict[str, int], dice: Random) -> dict[str, int]:
    """The daily entry's items (0-3) as the same day's domains would show in them."""
    restless = dice.choices((-1, 0, 1), (6, 88, 6))[0]
    return {
        "eyes": domains["opsoclonus"],
        "jerks": (domains["opsoclonus"] + domains["hands"]) // 2,
        "walking": (domains["stance"] + domains["gait"] + 1) // 2,
        "hands": domains["hands"],
        "speech_swallow": domains["speech"],
        "mood": within(domains["mood"] + restless),
    }


def within(score: int) -> int:
    """Hold a score to 0-3."""
    return max(0, min(WORST, score))


def night(good: float, mood: int, effects: list[Effect], dice: Random) -> dict[str, Decimal]:
    """Hours of sleep in half hours (2-15) and wakings (0-9) of the night before."""
    hours = good - 0.5 * mood + sum(effect.sleep for effect in effects) + dice.gauss(0, 0.5)
    woke = 0.6 * mood + sum(effect.wakings for effect in effects) + dice.gauss(0.2, 0.6)
    halves = max(4, min(30, round(2 * hours)))
    return {"sleep_hours": Decimal(halves) / 2, "wakings": Decimal(max(0, min(9, round(woke))))}


def falls(walking: int, dice: Random) -> Decimal:
    """Falls of a day: none when steady, few when wobbly, and none when the patient cannot walk at all."""
    most = {0: 0, 1: 1, 2: 3, 3: 0}[walking]
    return Decimal(min(dice.randint(0, most), dice.randint(0, most)))
