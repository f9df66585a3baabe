"""From the first strong look to a possible change, and until it is over."""

from dataclasses import dataclass, field
from datetime import date

from tracker.detector.looks import Look, Looks
from tracker.detector.thresholds import Thresholds

CALM_CHECKS = 2  # days running of calm home checks that end an episode
CALM_DAYS = 6  # days running of calm daily entries that end one in which no home check is made


@dataclass
class Episode:
    """A possible change that was raised and is not over; compared with the usual from before `first`.

    `up` is the last day that was not calm, `calm` the calm days since, each by whether of home checks.
    """

    first: date
    raised: date
    up: dict[bool, date] = field(default_factory=dict)
    calm: dict[bool, set[date]] = field(default_factory=lambda: {True: set(), False: set()})

    def see(self, look: Look) -> bool:
        """Take in a look; whether it is over, back near the usual. Calm before its last rise is no news."""
        up, calm = self.up.get(look.home, self.raised), self.calm[look.home]
        if look.level != "calm":
            self.up[look.home] = max(look.day, up)
            self.calm[look.home] = {day for day in calm if day > look.day}
        elif look.day > up:
            calm.add(look.day)
        return len(self.calm[True]) >= CALM_CHECKS or len(self.calm[False]) >= CALM_DAYS

    def is_old(self, day: date, limits: Thresholds) -> bool:
        """Whether it has lasted so long that a new level may count as usual."""
        return (day - self.raised).days >= limits.plateau_days


def is_change(looks: Looks, limits: Thresholds, *, checks_speak: bool) -> bool:
    """Whether the run is a possible change: strong at both ends of three days.

    A home check has to be among the strong looks. The daily items may be the other end: they are the same
    eyes, hands and steps, and the question after 72 hours is only whether what was seen is still there.
    Where no home check can speak, three strong days do.
    """
    if not looks.run or not looks.has_lasted():
        return False
    if looks.has_home:
        return True
    return not checks_speak and len({look.day for look in looks.run}) >= limits.daily_strong_least
