"""The truth behind the diary: how bad it is on a day, and where it shows."""

from bisect import bisect_right
from random import Random

from tracker.stories.course import DOMAINS
from tracker.stories.story import Knot, Story

RHO = 0.6  # how much of yesterday's deviation is left today
SPREAD = 0.8  # standard deviation of the noise, in points of the total


def true_total(story: Story, day: int) -> float:
    """The true total, 0-18, interpolated; flat before the first knot and after the last."""
    before, after, part = _around(story, day)
    return before.total + (after.total - before.total) * part


def true_weights(story: Story, day: int) -> dict[str, float]:
    """How that total is spread over the six domains; any positive scale."""
    before, after, part = _around(story, day)
    old, new = story.weights[before.profile], story.weights[after.profile]
    return {name: old[name] + (new[name] - old[name]) * part for name in DOMAINS}


def noise(story: Story, seed: int, spread: float = SPREAD) -> dict[int, float]:
    """What makes a day better or worse than the truth: AR(1) over the days of the log, in points."""
    dice = Random(f"{seed}/{story.key}/noise")
    fresh, level, levels = spread * (1 - RHO**2) ** 0.5, dice.gauss(0, spread), {}
    for day in range(story.log.first, story.log.last + 1):
        level = RHO * level + dice.gauss(0, fresh)
        levels[day] = level
    return levels


def _around(story: Story, day: int) -> tuple[Knot, Knot, float]:
    """The knots around a day, and how far between them it lies (0-1)."""
    place = bisect_right([knot.day for knot in story.knots], day)
    before, after = story.knots[max(place - 1, 0)], story.knots[min(place, len(story.knots) - 1)]
    width = after.day - before.day
    return before, after, (day - before.day) / width if width > 0 else 0.0
