"""What the rules read: one patient's rows as plain frozen records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tracker.redflags import Mark, Treatment

HOME_ITEMS = ("stance", "gait", "hands", "opsoclonus", "mood", "speech")
DAILY_ITEMS = ("eyes", "jerks", "walking", "hands", "speech_swallow", "mood")
EYE_MOTOR = 4  # the first four items of both are those of eyes and movement

Row = tuple[int | None, ...]


@dataclass(frozen=True, kw_only=True)
class Told:
    """One thing told to the clinic.

    `at` and `received` are aware instants; `local_date` is the day as the family called it; `known_on` the
    day on which the clinic could know it (see `known_on`). `ref` is handed back as evidence, unread.
    """

    ref: object
    at: datetime
    received: datetime
    local_date: date
    known_on: date


@dataclass(frozen=True, kw_only=True)
class Entry(Told):
    """A home check or a daily entry; an item is 0-3, None when it could not be judged, absent when not asked.

    `measurements` are `sleep_hours`, `wakings`, `temperature_c`, `falls`, as far as given.
    """

    kind: str
    by: str = ""
    items: Mapping[str, int | None] = field(default_factory=dict)
    measurements: Mapping[str, float] = field(default_factory=dict)
    worried: bool = False
    all_doses: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Dose(Told):
    """A dose: taken, partly, missed, vomited or refused; `agent` is empty when not said."""

    agent: str
    status: str


@dataclass(frozen=True, kw_only=True)
class Event(Told):
    """Something that happened, perhaps until a day."""

    name: str
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Sign(Told):
    """A red flag that was ticked."""

    name: str


@dataclass(frozen=True, kw_only=True)
class Diary:
    """One patient; the order of the rows does not matter.

    `until` is the day up to which silence is judged, the clinic's today; without it the last day known.
    """

    entries: tuple[Entry, ...] = ()
    doses: tuple[Dose, ...] = ()
    events: tuple[Event, ...] = ()
    signs: tuple[Sign, ...] = ()
    treatments: tuple[Treatment, ...] = ()
    marks: tuple[Mark, ...] = ()
    until: date | None = None

    def told(self) -> list[Told]:
        """Everything told, in the order in which it became known."""
        rows: list[Told] = [*self.events, *self.doses, *self.signs, *self.entries]
        return sorted(rows, key=lambda row: (row.known_on, row.received, row.at, str(row.ref)))


def known_on(received: datetime, local_date: date, *zones: ZoneInfo) -> date:
    """The day on which the clinic could know what it received: by the latest of these zones' calendars.

    A family's own date may be a day ahead of them all, on a journey; more than that is a slip of the pen.
    """
    day = max(received.astimezone(zone).date() for zone in zones)
    return local_date if local_date - day == timedelta(days=1) else day
