"""A family keeps its diary: on which days they write, and when a home check is due."""

from dataclasses import dataclass, field

from tracker.stories.course import CourseEntry
from tracker.stories.stage_one import Days, asks_for_check
from tracker.stories.writing import PLAIN, Page, Pen

WEEKEND, WORKDAY = 1.6, 0.76  # factors on the missing share; over a week they average 1
EXTRA_APART = 2  # days between a home check and one asked for by the rule
ANSWERED = 0.85  # the share of such requests that a family follows


@dataclass
class Diary:
    """Walks through the days once, since what was written decides what is asked next."""

    pen: Pen
    last_day: int
    entries: list[CourseEntry] = field(default_factory=list)
    daily: Days = field(default_factory=dict)
    next_daily: float = 0.0
    last_check: int = -99
    week_checked: int = -1

    def keep(self) -> tuple[CourseEntry, ...]:
        """Every entry up to and including the last day, oldest first."""
        story = self.pen.story
        for day in range(story.log.first, self.last_day + 1):
            if not any(gap.covers(day) for gap in story.gaps):
                self._spend(self.pen.turn_to(day))
        return tuple(sorted(self.entries, key=lambda entry: entry.occurred_at))

    def _spend(self, page: Page) -> None:
        """Write the daily entry when due, then a home check when the week or the rule asks for one."""
        asked = False
        if self._daily_due(page):
            self._write_daily(page)
            asked = asks_for_check(self.daily, page.day) and page.dice.random() < ANSWERED
        if self._check_due(page, asked):
            self.last_check, self.week_checked = page.day, self._week(page.day)
            self.entries.append(self.pen.home_check(page))

    def _write_daily(self, page: Page) -> None:
        every = level_on(self.pen.story.daily_rhythm, page.day)
        self.next_daily = page.day + int(every) + (page.dice.random() < every % 1)
        entry = self.pen.daily(page)
        self.daily[page.day] = entry.ratings
        self.entries += [entry, *self.pen.echoes(page, entry)]

    def _daily_due(self, page: Page) -> bool:
        forced = page.special is not PLAIN or page.day == self.last_day
        return forced or (page.day >= self.next_daily and not self._missed(page))

    def _check_due(self, page: Page, asked: bool) -> bool:
        pause = page.day - self.last_check
        weekly = self._week(page.day) > self.week_checked and pause > 1 and not self._missed(page)
        return page.special.check or weekly or (asked and pause >= EXTRA_APART)

    def _week(self, day: int) -> int:
        return (day - self.pen.story.log.first) // 7

    def _missed(self, page: Page) -> bool:
        weekend = self.pen.calendar.date_of(page.day).weekday() >= 5
        share = level_on(self.pen.story.missing, page.day)
        return page.dice.random() < share * (WEEKEND if weekend else WORKDAY)


def level_on(steps: tuple[tuple[int, float], ...], day: int) -> float:
    """The level of the last step at or before a day; the first one before all of them."""
    return next((level for start, level in reversed(steps) if start <= day), steps[0][1])
