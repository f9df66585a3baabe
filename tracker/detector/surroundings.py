"""What else goes on: pulses and immunoglobulin near a day, and illness."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from tracker.detector.diary import Event
from tracker.detector.thresholds import Thresholds
from tracker.redflags import IMMUNOGLOBULIN, STEROIDS, Treatment

IN_ONE_GO = ("pulse", "infusion")


@dataclass
class Surroundings:
    """Treatments are known beforehand, illness as it is told."""

    treatments: tuple[Treatment, ...]
    thresholds: Thresholds
    ill: list[tuple[date, date]] = field(default_factory=list)
    shaken: set[date] = field(init=False)

    def __post_init__(self) -> None:
        self.shaken = {day for row in self.treatments for day in self._days_after(row)}

    def near_pulse(self, day: date) -> bool:
        """Whether mood and sleep may be a pulse's or immunoglobulin's doing."""
        return day in self.shaken

    def hear(self, event: Event) -> None:
        """Take in an event; only illness matters here."""
        if event.name == "illness":
            self.note_illness(event.local_date, event.until)

    def note_illness(self, day: date, until: date | None = None) -> None:
        """Illness, or a temperature that shows one, from a day on."""
        self.ill.append((day, max(day, until or day)))

    def with_illness(self, first: date, last: date) -> bool:
        """Whether anybody told of illness in the days before or within this time."""
        window = timedelta(days=self.thresholds.illness_days)
        return any(start <= last and end >= first - window for start, end in self.ill)

    def _days_after(self, row: Treatment) -> list[date]:
        """The days of a pulse or immunoglobulin and those after it in which it still shows."""
        if row.form not in IN_ONE_GO:
            return []
        last = row.last or row.first
        if row.holds(STEROIDS):
            end = max(row.first + timedelta(days=self.thresholds.pulse_days), last)
        elif row.holds(IMMUNOGLOBULIN):
            end = last + timedelta(days=self.thresholds.ivig_days)
        else:
            return []
        length = min((end - row.first).days, 60)  # a pulse of months is a slip in the dates
        return [row.first + timedelta(days=day) for day in range(length + 1)]
