"""How a caregiver writes one day: what they see of the truth, and the entries that come of it."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from tracker.stories.almanac import Calendar
from tracker.stories.course import CourseEntry, Kind
from tracker.stories.ratings import daily_items, falls, night, read_off, within
from tracker.stories.severity import true_total, true_weights
from tracker.stories.story import Effect, Special, Story

PLAIN = Special()
SHOWS_IN = {
    "gait": "walking",
    "opsoclonus": "eyes",
    "hands": "hands",
    "mood": "mood",
    "speech": "speech_swallow",
}
AT_HOME = ("daily", "taper")  # what "all doses given?" asks about; the rest is given in hospital
ECHO_AFTER = timedelta(minutes=11)

Ratings = dict[str, int | None]


@dataclass(frozen=True)
class Page:
    """One day: its dice, who writes, at which minute after midnight, and what is special."""

    day: int
    dice: Random
    minute: int
    writer: int
    special: Special


@dataclass(frozen=True)
class Pen:
    """Writes the entries of one story; `noise` is in points of the total, by day."""

    story: Story
    calendar: Calendar
    seed: int
    noise: dict[int, float]

    def turn_to(self, day: int) -> Page:
        """The day's page: who writes, when, and the day's dice."""
        # Dice for each day, so that a change to one day of a story leaves the others alone.
        dice = Random(f"{self.seed}/{self.story.key}/{day}")
        special = self.story.days.get(day, PLAIN)
        minute = self.calendar.writing_minute(day, dice)
        writer = int(len(self.story.caregivers) > 1 and dice.random() < self.story.caregivers[1].share)
        return Page(day, dice, minute, writer if special.by is None else special.by, special)

    def daily(self, page: Page) -> CourseEntry:
        """The daily check-in of a page."""
        ratings: Ratings = dict(daily_items(self._seen(page), page.dice))
        for item in self.story.unjudged_on(page.day) & SHOWS_IN.keys():
            ratings[SHOWS_IN[item]] = None
        return replace(
            self._entry(page, "daily", page.minute, ratings),
            measurements=self._measured(page, ratings),
            worried=page.special.worried,
            all_doses=self._doses(page),
            note=page.special.note,
            signs=page.special.signs,
        )

    def home_check(self, page: Page) -> CourseEntry:
        """The six domains, some minutes after the daily entry; None where nobody could tell."""
        ratings: Ratings = dict(self._seen(page))
        unjudged = set(self.story.unjudged_on(page.day))
        if page.dice.random() < self.story.unsure.share and not page.special.check:
            unjudged.add(page.dice.choice(self.story.unsure.items))
        ratings.update(dict.fromkeys(sorted(unjudged)))
        return self._entry(page, "home_check", page.minute + 6, ratings)

    def echoes(self, page: Page, entry: CourseEntry) -> list[CourseEntry]:
        """What came besides: the same from the second phone, or a private entry of the patient's own."""
        besides = []
        if page.special.twice:
            occurred, received = entry.occurred_at + ECHO_AFTER, entry.received_at + ECHO_AFTER
            other = replace(entry, occurred_at=occurred, received_at=received)
            besides.append(replace(other, caregiver=1 - page.writer, note=""))
        if page.special.private_signs:
            own = self._entry(page, "daily", page.minute + 25, {"mood": 2})
            signs = page.special.private_signs
            besides.append(replace(own, caregiver=self._patient_index(), signs=signs, private=True))
        return besides

    def _entry(self, page: Page, kind: Kind, minute: int, ratings: Ratings) -> CourseEntry:
        zone = self.story.zone_on(page.day)
        occurred = self.calendar.moment(page.day, minute, zone)
        return CourseEntry(
            kind=kind,
            occurred_at=occurred,
            received_at=self.calendar.received(occurred, zone, page.dice),
            zone=zone,
            local_date=self.calendar.date_of(page.day),
            caregiver=page.writer,
            ratings=ratings,
            measurements={},
        )

    def _seen(self, page: Page) -> dict[str, int]:
        """The six domains (0-3) as this writer sees them: truth, the day's noise, bias, medicine."""
        truth = true_total(self.story, page.day)
        # Nobody sees a point too many in somebody who is quite well.
        bias = self.story.caregivers[page.writer].bias * min(1.0, truth / 2)
        weights = true_weights(self.story, page.day)
        seen = read_off(truth + self.noise[page.day] + bias, weights, page.dice)
        medicine = sum(effect.mood for effect in self._effects(page.day))
        return {**seen, "mood": within(seen["mood"] + medicine)}

    def _measured(self, page: Page, ratings: Ratings) -> dict[str, Decimal]:
        """Last night, the day's falls, and the temperature when it was taken."""
        measured = night(self.story.sleep, ratings["mood"] or 0, self._effects(page.day), page.dice)
        taken, degrees = page.dice.random() < 0.1, page.dice.randint(364, 372) / 10
        if page.special.temperature is not None or taken:
            measured["temperature_c"] = Decimal(str(page.special.temperature or degrees))
        for spell in self.story.pressures:
            if spell.covers(page.day):
                swing = page.day % 5 - 2  # no chance: the other figures of a course stay what they are
                measured["systolic_mmhg"] = Decimal(spell.systolic + 2 * swing)
                measured["diastolic_mmhg"] = Decimal(spell.diastolic + swing)
        walking = ratings["walking"]
        if walking is not None:
            counted = falls(walking, page.dice)
            measured["falls"] = counted if page.special.falls is None else Decimal(page.special.falls)
        return measured

    def _effects(self, day: int) -> list[Effect]:
        return [effect for effect in self.story.effects if effect.acts_on(day)]

    def _doses(self, page: Page) -> bool | None:
        """Whether every dose was given; None on days without a medicine to give at home."""
        if page.special.all_doses is not None:
            return page.special.all_doses
        at_home = (plan for plan in self.story.treatments if plan.form in AT_HOME)
        return True if any(plan.first <= page.day <= plan.last for plan in at_home) else None

    def _patient_index(self) -> int:
        return [caregiver.who for caregiver in self.story.caregivers].index("self")
