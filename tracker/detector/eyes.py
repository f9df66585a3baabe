"""Dancing eyes that come back after a long time without."""

from dataclasses import dataclass
from datetime import date, timedelta

from tracker.detector.thresholds import Thresholds

UNSEEN = timedelta(days=14)  # longer without a look, nobody knows that they were quiet


@dataclass
class Eyes:
    """Follows the eyes over home checks and daily entries alike."""

    thresholds: Thresholds
    last: date = date.min
    quiet_from: date | None = None
    quiet_count: int = 0
    back: bool = False

    def see(self, day: date, value: int | None) -> bool:
        """Take in a rating; whether they are back now, after an absence long enough and looked at enough.

        They stay back until somebody sees none; what comes late is older news and changes nothing.
        """
        if value is None or day < self.last:
            return bool(value) and self.back
        if day - max(self.last, date.min + UNSEEN) > UNSEEN:
            self.quiet_from, self.quiet_count = None, 0
        self.last = day
        if value == 0:
            self.back = False
            self.quiet_from = self.quiet_from or day
            self.quiet_count += 1
        else:
            self.back = self.back or self._were_absent(day)
            self.quiet_from, self.quiet_count = None, 0
        return self.back

    def _were_absent(self, day: date) -> bool:
        limits = self.thresholds
        if self.quiet_from is None or self.quiet_count < limits.eyes_absent_least:
            return False
        return (day - self.quiet_from).days >= limits.eyes_absent_days
