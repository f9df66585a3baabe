"""Too little to go by, and saying so."""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date, timedelta

from tracker.detector.thresholds import Thresholds

USED_TO_WRITE = 7  # days of the window; who wrote less often than that cannot be seen to write less
WELL_AGAIN = 0.8  # of the usual, before writing less is news again


@dataclass
class Silence:
    """Counts the days that were written on, as day numbers; `latest` is when the clinic last heard."""

    limits: Thresholds
    days: list[int] = field(default_factory=list)
    sparse: bool = False
    unusual: bool = False
    latest: date | None = None

    def broken_by(self, day: date) -> tuple[date, date] | None:
        """When the silence before `day` had lasted long enough: that day and the last day before it."""
        if self.latest is None or (day - self.latest).days < self.limits.silence_days:
            return None
        due, last = self.latest + timedelta(days=self.limits.silence_days), self.latest
        self.latest = None
        return due, last

    def write(self, day: date, known_on: date) -> None:
        """Take in an entry of `day`."""
        number = day.toordinal()
        place = bisect_left(self.days, number)
        if place == len(self.days) or self.days[place] != number:
            self.days.insert(place, number)
        self.latest = known_on if self.latest is None else max(known_on, self.latest)

    def hear(self, known_on: date) -> None:
        """Take in what is no entry: a dose or a sign is no silence, though it says little."""
        if self.latest is not None:
            self.latest = max(known_on, self.latest)

    def is_sparse(self, day: date, known_on: date) -> tuple[int, int] | None:
        """Days written on lately and usually, once when they fell to a part; both for the same span."""
        limits, today = self.limits, day.toordinal()
        later = bisect_right(self.days, today)
        if later < len(self.days) and self.days[later] <= known_on.toordinal():
            return None  # an old day told late is no news of how often they write
        middle = today - limits.sparse_days
        start = middle - limits.sparse_usual_days
        if self.days[0] > start:
            return None
        places = [bisect_right(self.days, number) for number in (start, middle, today)]
        recent = places[2] - places[1]
        usual = (places[1] - places[0]) * limits.sparse_days / max(limits.sparse_usual_days, 1)
        was, self.sparse = self.sparse, self.sparse and recent < WELL_AGAIN * usual
        if was or usual < USED_TO_WRITE or recent > limits.sparse_share * usual:
            return None
        self.sparse = True
        return recent, round(usual)

    def lacks_usual(self, day: date, *, has_one: bool) -> bool:
        """Whether to say, once, that four weeks on there is no usual."""
        if has_one:
            self.unusual = False
        elif not self.unusual and day.toordinal() - self.days[0] >= self.limits.plateau_days:
            self.unusual = True
            return True
        return False
