"""How an entry compares with the usual, and whether a rise has lasted."""

from bisect import insort
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from tracker.detector.comparison import Comparison
from tracker.detector.diary import EYE_MOTOR
from tracker.detector.thresholds import Thresholds

Level = Literal["calm", "raised", "strong"]

KEY_ITEMS = (0, 1, 3)  # stance, gait and opsoclonus of a home check
DAILY_KEY_ITEMS = (0, 2)  # eyes and walking of a daily entry
CALM_DAILY = 2  # days of calm daily entries running that end a rise as one home check does


@dataclass(frozen=True, order=True)
class Look:
    """One entry as the rules see it; `words` say it with its numbers, `rose` names the items over usual."""

    day: date
    at: datetime
    ref: object = field(compare=False)
    home: bool = field(compare=False)
    level: Level = field(compare=False)
    words: str = field(compare=False, default="")
    rose: tuple[str, ...] = field(compare=False, default=())


def home_level(found: Comparison, limits: Thresholds, *, pulse: bool, back: bool, more: float) -> Level:
    """The level of a home check; `more` is asked on top of the usual limits, `back` are the eyes."""
    if pulse:
        high = found.eye_motor >= limits.eye_motor_rise + more
    else:
        high = found.moved and found.counted(limits.mood_counts) >= limits.change_rise + more
    key = any(found.rises.get(place, 0) >= limits.item_rise for place in KEY_ITEMS)
    if high or key or back:
        return "strong"
    part = found.eye_motor if pulse else found.counted(limits.mood_counts)
    return "raised" if found.moved and part >= limits.watch_rise else "calm"


def daily_level(found: Comparison, limits: Thresholds, *, back: bool) -> Level:
    """The level of a daily entry's eye and motor items."""
    key = any(found.rises.get(place, 0) >= limits.item_rise for place in DAILY_KEY_ITEMS)
    if back or key or found.eye_motor >= limits.daily_rise:
        return "strong"
    return "raised" if any(found.rises[place] >= 1 for place in found.places if place < EYE_MOTOR) else "calm"


@dataclass
class Looks:
    """The looks of the last weeks, by time; the run is the rise that has not yet been broken."""

    limits: Thresholds
    recent: list[Look] = field(default_factory=list)
    run: list[Look] = field(default_factory=list)
    has_home: bool = False
    calm: set[date] = field(default_factory=set)

    def add(self, look: Look) -> None:
        """Take in one more, in its place by time when it comes late."""
        late = bool(self.recent) and look < self.recent[-1]
        if not self.run and look.level != "strong":
            self.recent = [look] if look.level == "calm" else [*self.recent, look]
            return
        insort(self.recent, look)
        if late or not self.run:
            self._anew()
        else:
            self._go_on(look)
        if not self.run:
            self.recent = self.recent[-1:]

    def _anew(self) -> None:
        self.run, self.has_home, self.calm = [], False, set()
        for look in self.recent:
            self._go_on(look)

    def _go_on(self, look: Look) -> None:
        """Strong looks lengthen the run; a calm home check, calm days or a long gap end it."""
        if look.level == "calm":
            self.calm.add(look.day)
            if look.home or len(self.calm) >= CALM_DAILY:
                self.run, self.has_home, self.calm = [], False, set()
        elif look.level == "strong":
            if self.run and (look.day - self.run[-1].day).days > self.limits.run_gap_days:
                self.run, self.has_home = [], False
            self.run.append(look)
            self.has_home, self.calm = self.has_home or look.home, set()

    def clear(self) -> None:
        """Begin anew after an episode."""
        self.recent, self.run, self.has_home, self.calm = [], [], False, set()

    def has_lasted(self) -> bool:
        """Whether the rise was there at both ends of three days."""
        first, last = self.run[0], self.run[-1]
        hours = (last.at - first.at).total_seconds() / 3600
        days = (last.day - first.day).days
        return days >= self.limits.sustained_days and hours >= self.limits.sustained_hours
