"""Daily entries: when to ask for a home check, and whether a rise goes on between checks."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from datetime import date, timedelta

from tracker.detector import wording
from tracker.detector.case import Case
from tracker.detector.comparison import Comparison, Past, compare, is_usable
from tracker.detector.diary import DAILY_ITEMS, EYE_MOTOR, Entry
from tracker.detector.home import HomeChecks
from tracker.detector.looks import Look, daily_level
from tracker.detector.writers import Writers

ANSWERED = timedelta(days=7)  # after a home check, until the same rise is asked about again


@dataclass
class Daily:
    """The eye and motor items of each day; of several entries a day each item's last rating counts as usual.

    `days` are those that can be compared with. While daily items are up, `rose_on` is the first such day:
    the usual they are asked against is the one from before it, for as long as a level needs to become usual.
    """

    case: Case
    checks: HomeChecks
    days: list[date] = field(default_factory=list)
    rows: dict[date, Past] = field(default_factory=dict)
    writers: Writers = field(default_factory=Writers)
    up: dict[int, object] = field(default_factory=dict)
    up_on: date = date.min
    rose_on: date | None = None
    asked: date = date.min
    asking: bool = False

    def take(self, entry: Entry) -> None:
        """Take in an entry and say what is new about it."""
        row = tuple(entry.items.get(item) for item in DAILY_ITEMS[:EYE_MOTOR])
        bias = self.writers.bias(entry.by)
        now = Past(row, bias)
        day = entry.local_date
        lately = self._compare(now, day)
        usual = self._compare(now, self.case.cut) if self.case.cut and self.case.cut < day else lately
        back = self.case.eyes.see(day, row[0])
        if usual is not None:
            self._judge(entry, usual, back=back)
        asked = self._compare(now, self._before_the_rise(day)) if self.rose_on else lately
        if asked is not None:
            self._ask(entry, asked)
        self._ask_again(entry.local_date, entry.known_on)
        self._keep(day, now)

    def pass_to(self, day: date) -> None:
        """Ask on the third day after a strong home check, also a family that writes nothing daily."""
        newest = self.checks.newest()
        if newest is not None and newest.strong:
            due = max(newest.day + timedelta(days=self.case.limits.sustained_days), newest.known_on)
            if due <= day and self.asked < due:
                self._ask_again(due, due)

    def has_usual(self, day: date) -> bool:
        """Whether there are days enough that can be compared for a usual."""
        start = bisect_left(self.days, day - timedelta(days=self.case.limits.daily_reach_days))
        return len(self.days) - start >= max(self.case.limits.daily_least, 1)

    def _keep(self, day: date, now: Past) -> None:
        known = self.rows.get(day)
        if known is not None:
            pairs = zip(now.row, known.row, strict=True)
            now = Past(tuple(before if new is None else new for new, before in pairs), now.bias)
        if is_usable(now.row) and not (known is not None and is_usable(known.row)):
            insort(self.days, day)
        self.rows[day] = now

    def _before_the_rise(self, day: date) -> date:
        """Where the usual ends: at the rise, until it has lasted so long that it is usual itself."""
        lasted = self.rose_on is None or (day - self.rose_on).days >= self.case.limits.plateau_days
        return day if lasted or self.rose_on is None else min(self.rose_on, day)

    def _compare(self, now: Past, before: date) -> Comparison | None:
        """Against the median of the days before; further back when there are few."""
        limits, end = self.case.limits, bisect_left(self.days, before)
        start = bisect_left(self.days, before - timedelta(days=limits.daily_days))
        if end - start < limits.daily_least:
            reach = bisect_left(self.days, before - timedelta(days=limits.daily_reach_days))
            start = max(reach, end - limits.daily_least)
        past = [self.rows[day] for day in self.days[start:end]]
        return compare(now.row, now.bias, past, limits.daily_least, limits.daily_days)

    def _judge(self, entry: Entry, found: Comparison, *, back: bool) -> None:
        level = daily_level(found, self.case.limits, back=back)
        if level != "strong" and self.case.cut is None:
            self.writers.learn(entry.by, found.eye_motor, found.eye_motor)
        if level == "strong" and not self.case.is_settled(entry.local_date):
            level = "raised"
        calm = level == "calm"  # nobody will read of it
        words = "" if calm else wording.daily_entry(found)
        rose = () if calm else wording.rose(found, wording.DAILY_WORDS)
        look = Look(entry.local_date, entry.at, entry.ref, False, level, words, rose)
        self.case.look(look, entry.known_on, checks_speak=self.checks.has_usual(entry.local_date))

    def _ask(self, entry: Entry, found: Comparison) -> None:
        """One over its median on two entries running, or two over it once."""
        limits, day = self.case.limits, entry.local_date
        if max(found.rises.values()) < limits.ask_rise:
            self.up, self.asking, self.rose_on = {}, False, None
            return
        self.rose_on = self.rose_on or day
        up = {place: entry.ref for place, rise in found.rises.items() if rise >= limits.ask_rise}
        once = [place for place, rise in found.rises.items() if rise >= limits.ask_rise_once]
        running = timedelta(0) < day - self.up_on <= timedelta(days=limits.running_days)
        again = [place for place in up if running and place in self.up]
        refs = [*(self.up[place] for place in again), entry.ref]
        self.up, self.up_on = up, max(day, self.up_on)
        if not (once or again):
            self.asking = self.asking and bool(up)
        elif not self.asking or day - self.asked >= self._patience():
            self.asking = True
            items = wording.listed([wording.DAILY_WORDS[place] for place in sorted({*once, *again})])
            how = "well over" if once else "twice running over"
            reason = f"Daily entry: {items} {how} the usual of two weeks; a home check would tell more."
            self._say(day, entry.known_on, "stage_one", reason, refs)

    def _patience(self) -> timedelta:
        """Until it is asked again: sooner when no home check has answered."""
        newest = self.checks.newest()
        answered = newest is not None and newest.day >= self.asked
        return ANSWERED if answered else timedelta(days=self.case.limits.sustained_days)

    def _ask_again(self, day: date, known_on: date) -> None:
        """Three days after a strong home check: is it still so?"""
        limits = self.case.limits
        newest, run = self.checks.newest(), self.case.looks.run
        if self.case.episode or newest is None or not newest.strong or not run:
            return
        wait = timedelta(days=limits.sustained_days)
        if day - newest.day >= wait and day - self.asked >= wait:
            since = wording.days((day - newest.day).days)
            reason = f"It is {since} since a home check that was up; another would tell if it still is."
            self._say(day, known_on, "ask_again", reason, [newest.ref])

    def _say(self, day: date, known_on: date, rule: str, reason: str, refs: list[object]) -> None:
        self.asked = day
        self.case.findings.add(known_on, "ask_home_check", rule, reason, refs)
