"""From the first strong look to a possible change, and until it is over."""

from dataclasses import dataclass, field
from datetime import date

from tracker.detector.looks import Look, Looks
from tracker.detector.thresholds import Thresholds

CALM_CHECKS = 2  # home checks running that end an episode
CALM_DAYS = 6  # days running of daily entries that end one in which no home check is made


@dataclass
class Episode:
    """A possible change that was raised and is not over; compared with the usual from before `first`."""

    first: date
    raised: date
    calm_checks: int = 0
    calm_days: set[date] = field(default_factory=set)

    def see(self, look: Look) -> bool:
        """Take in a look; whether it is over, back near the usual."""
        if look.day < self.first:
            return False  # told late, of the time before
        if look.home:
            self.calm_checks = self.calm_checks + 1 if look.level == "calm" else 0
        else:
            self.calm_days = {*self.calm_days, look.day} if look.level == "calm" else set()
        return self.calm_checks >= CALM_CHECKS or len(self.calm_days) >= CALM_DAYS

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
    if any(look.home for look in looks.run):
        return True
    return not checks_speak and len({look.day for look in looks.run}) >= limits.daily_strong_least
