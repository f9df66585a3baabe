"""Days of a story laid on the calendar, and the hour at which a family writes."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

EVENING = (18 * 60, 21 * 60 + 20)  # minutes after local midnight
MORNING = (6 * 60 + 30, 8 * 60 + 40)  # today: the evening is still to come
AFTER_MIDNIGHT = (24 * 60 + 5, 24 * 60 + 40)  # a long night, and still called the day before
LATE_NIGHT_SHARE = 0.012
LATE_SHARE = 0.04  # a phone without network sends a day or two later


@dataclass(frozen=True)
class Calendar:
    """`today` is the date that the story's day `today_day` falls on."""

    today: date
    today_day: int

    def date_of(self, day: int) -> date:
        """The date of a story's day."""
        return self.today + timedelta(days=day - self.today_day)

    def writing_minute(self, day: int, dice: Random) -> int:
        """Minutes after that day's local midnight; more than 1440 when written after midnight."""
        if day >= self.today_day:
            return dice.randint(*MORNING)
        # Yesterday's small hours would be today, maybe ahead of the clock that reads this.
        late = dice.random() < LATE_NIGHT_SHARE and day < self.today_day - 1
        return dice.randint(*(AFTER_MIDNIGHT if late else EVENING))

    def moment(self, day: int, minute: int, zone: str) -> datetime:
        """The instant, in UTC, of a reading of the wall clock; on DST nights too the wall clock rules."""
        wall = datetime.combine(self.date_of(day), time()) + timedelta(minutes=minute)
        return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    def received(self, occurred: datetime, zone: str, dice: Random) -> datetime:
        """When the clinic got it: minutes later, sometimes a day or two, never after noon of today."""
        soon = occurred + timedelta(minutes=dice.randint(1, 9))
        late = soon + timedelta(days=dice.randint(1, 2), hours=dice.randint(-9, 0))
        noon = self.moment(self.today_day, 12 * 60, zone)
        return late if dice.random() < LATE_SHARE and late < noon else soon
