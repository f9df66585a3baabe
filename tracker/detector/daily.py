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

ASKED_AGAIN = timedelta(days=7)  # while the same rise goes on


@dataclass
class Daily:
    """The eye and motor items of each day; of several entries a day the last one counts as usual."""

    case: Case
    checks: HomeChecks
    days: list[date] = field(default_factory=list)
    rows: dict[date, Past] = field(default_factory=dict)
    writers: Writers = field(default_factory=Writers)
    up: dict[int, object] = field(default_factory=dict)
    up_on: date = date.min
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
        if lately is not None:
            self._ask(entry, lately)
        self._ask_again(entry)
        if day not in self.rows:
            insort(self.days, day)
        self.rows[day] = now

    def has_usual(self, day: date) -> bool:
        """Whether there are days enough that can be compared for a usual."""
        limits, least = self.case.limits, max(self.case.limits.daily_least, 1)
        start = bisect_left(self.days, day - timedelta(days=limits.daily_reach_days))
        return sum(is_usable(self.rows[each].row) for each in self.days[start:]) >= least

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
            self.up, self.asking = {}, False
            return
        up = {place: entry.ref for place, rise in found.rises.items() if rise >= limits.ask_rise}
        once = [place for place, rise in found.rises.items() if rise >= limits.ask_rise_once]
        running = timedelta(0) < day - self.up_on <= timedelta(days=limits.running_days)
        again = [place for place in up if running and place in self.up]
        refs = [*(self.up[place] for place in again), entry.ref]
        self.up, self.up_on = up, max(day, self.up_on)
        if not (once or again):
            self.asking = self.asking and bool(up)
        elif not self.asking or day - self.asked >= ASKED_AGAIN:
            self.asking = True
            items = wording.listed([wording.DAILY_WORDS[place] for place in sorted({*once, *again})])
            how = "well over" if once else "twice running over"
            reason = f"Daily entry: {items} {how} the usual of two weeks; a home check would tell more."
            self._say(entry, "stage_one", reason, refs)

    def _ask_again(self, entry: Entry) -> None:
        """Three days after a strong home check: is it still so?"""
        limits = self.case.limits
        newest, run = self.checks.newest(), self.case.looks.run
        if self.case.episode or newest is None or not newest.strong or not run:
            return
        wait = timedelta(days=limits.sustained_days)
        if entry.local_date - newest.day >= wait and entry.local_date - self.asked >= wait:
            since = wording.days((entry.local_date - newest.day).days)
            reason = f"It is {since} since a home check that was up; is it still so?"
            self._say(entry, "ask_again", reason, [newest.ref])

    def _say(self, entry: Entry, rule: str, reason: str, refs: list[object]) -> None:
        self.asked = entry.local_date
        self.case.findings.add(entry.known_on, "ask_home_check", rule, reason, refs)
