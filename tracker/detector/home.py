"""Home checks against the patient's own usual."""

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tracker.detector import wording
from tracker.detector.case import Case
from tracker.detector.comparison import MOOD, Comparison, Past, compare, is_usable
from tracker.detector.diary import HOME_ITEMS, Entry, Row
from tracker.detector.drift import Drift
from tracker.detector.looks import Level, Look, home_level
from tracker.detector.writers import Writers

EYES = HOME_ITEMS.index("opsoclonus")
LOOKED_AT = 60  # checks looked back at for the usual; eight weeks of one a day hold no more
WATCHED = 3  # checks of which two are up


@dataclass(order=True, slots=True)
class Check:
    """A home check; a strong one stays out of the usual until it has become usual itself."""

    day: date
    at: datetime
    row: Row = field(compare=False)
    by: str = field(compare=False)
    ref: object = field(compare=False)
    known_on: date = field(compare=False)
    strong: bool = field(compare=False, default=False)
    up: bool = field(compare=False, default=False)


@dataclass
class HomeChecks:
    """All checks so far, by time."""

    case: Case
    checks: list[Check] = field(default_factory=list)
    writers: Writers = field(default_factory=Writers)
    drift: Drift = field(init=False)
    usable: list[date] = field(default_factory=list)
    watching: bool = False
    jumped: Check | None = None

    def __post_init__(self) -> None:
        self.drift = Drift(self.case.limits)

    def take(self, entry: Entry) -> None:
        """Take in a check and say what is new about it."""
        row = tuple(entry.items.get(item) for item in HOME_ITEMS)
        check = Check(entry.local_date, entry.at, row, entry.by, entry.ref, entry.known_on)
        found = self._compare(check)
        back = self.case.eyes.see(check.day, row[EYES])
        self._jump(check, found, entry.known_on)
        insort(self.checks, check)
        if is_usable(row):
            insort(self.usable, check.day)
        if found is not None:
            self._judge(check, found, entry.known_on, back=back)
        self._drift(check, entry.known_on)

    def recent(self, day: date) -> int:
        """How many checks a usual could be made of."""
        start = day - timedelta(days=self.case.limits.baseline_days)
        return len(self.usable) - bisect_left(self.usable, start)

    def has_usual(self, day: date) -> bool:
        """Whether there are checks enough that can be compared for a usual, before a rise if there is one."""
        limits, least = self.case.limits, max(self.case.limits.baseline_least, 1)
        end = self.case.cut or day
        place = bisect_left(self.usable, self.case.cut) if self.case.cut else len(self.usable)
        start = max(end - timedelta(days=limits.baseline_days), self.case.floor)
        return place >= least and self.usable[place - least] >= start

    def newest(self) -> Check | None:
        """The last check by time."""
        return self.checks[-1] if self.checks else None

    def _compare(self, check: Check) -> Comparison | None:
        limits, rows = self.case.limits, self._usual(check)
        past = [Past(each.row, self.writers.bias(each.by)) for each in rows]
        bias = self.writers.bias(check.by)
        return compare(check.row, bias, past, limits.baseline_least, self._takes(check, rows))

    def _takes(self, check: Check, rows: Sequence[Check]) -> int:
        """How many of the last checks are the usual: four, or all of two weeks in which many were made."""
        limits = self.case.limits
        start = (self.case.cut or check.day) - timedelta(days=limits.daily_days)
        lately = sum(each.day >= start for each in rows)
        return max(lately, limits.baseline_takes) if lately >= limits.daily_least else limits.baseline_takes

    def _usual(self, check: Check) -> list[Check]:
        """The checks that the usual is made of, oldest first: those before the rise, if there is one."""
        cut = self.case.cut
        end = cut or check.day
        start = max(end - timedelta(days=self.case.limits.baseline_days), self.case.floor)
        place = bisect_left(self.checks, check)
        if cut is not None:
            place = min(place, bisect_left(self.checks, cut, key=_day))
        return self._before(place, start, strong=False)

    def _before(self, place: int, start: date, *, strong: bool) -> list[Check]:
        """The checks from `start` to `place`, oldest first; no more than are needed to compare with."""
        limits = self.case.limits
        enough = max(limits.baseline_takes, limits.baseline_least, 1)
        lately = self.checks[place - 1].day - timedelta(days=limits.daily_days) if place else start
        rows: list[Check] = []
        while place and len(rows) < LOOKED_AT and self.checks[place - 1].day >= start:
            if enough <= 0 and self.checks[place - 1].day < lately:
                break
            place -= 1
            check = self.checks[place]
            if strong or not check.strong:
                rows.append(check)
                enough -= None not in check.row
        return rows[::-1]

    def _judge(self, check: Check, found: Comparison, known_on: date, *, back: bool) -> None:
        level = self._level(check, found, back=back)
        check.strong, check.up = level == "strong", level != "calm"
        if level == "calm" and self.jumped and check > self.jumped:
            self.jumped = None
        if level != "strong" and self.case.cut is None:
            self.writers.learn(check.by, found.rise, found.eye_motor)
        rose = wording.rose(found, wording.HOME_WORDS)
        look = Look(check.day, check.at, check.ref, True, level, self._words(check, found), rose)
        self.case.look(look, known_on, checks_speak=True)
        self._watch(look, known_on)
        self._settle(check)

    def _level(self, check: Check, found: Comparison, *, back: bool) -> Level:
        limits = self.case.limits
        stranger = self.writers.is_stranger(check.by, limits.baseline_least)
        level = home_level(
            found,
            limits,
            pulse=self.case.surroundings.near_pulse(check.day),
            back=back,
            more=limits.stranger_rise if stranger else 0,
        )
        if level == "calm":
            return level if self._sees_the_rise(found) else "raised"
        return level if self.case.is_settled(check.day, found.climbs) else "raised"

    def _sees_the_rise(self, found: Comparison) -> bool:
        """Whether any item that rose could be compared; a check without them does not say that it is over."""
        risen = {word for look in self.case.looks.run for word in look.rose}
        return not risen or not risen.isdisjoint(wording.HOME_WORDS[place] for place in found.places)

    def _watch(self, look: Look, known_on: date) -> None:
        """Two of the last three up, and nothing worse said already."""
        ups = [check for check in self.checks[-WATCHED:] if check.up]
        if len(ups) < 2:
            self.watching = False
            return
        if self.watching or look.level == "calm" or self.case.episode or not self.case.is_settled(look.day):
            return
        self.watching = True
        illness = self.case.surroundings.with_illness(ups[0].day, look.day)
        reason = f"{look.words}; up on {len(ups)} of the last {WATCHED} home checks"
        reason += ", with illness" if illness else ""
        reason += f"; {wording.listed(look.rose)} rose." if illness and look.rose else "."
        self.case.findings.add(known_on, "watch", "two_of_three", reason, [check.ref for check in ups])

    def _settle(self, check: Check) -> None:
        """A long episode whose level holds or falls becomes the usual, so that a new rise can be seen."""
        episode, limits = self.case.episode, self.case.limits
        if episode is None or not episode.is_old(check.day, limits):
            return
        place = bisect_left(self.checks, check)
        since = self._before(place, episode.raised, strong=True)
        past = [Past(each.row, self.writers.bias(each.by)) for each in since]
        bias = self.writers.bias(check.by)
        found = compare(check.row, bias, past, limits.baseline_least, limits.baseline_takes)
        if found and found.rise < limits.watch_rise and found.climbs < limits.watch_rise:
            self.case.end_episode(check.day, floor=episode.raised)
            start = bisect_left(self.checks, episode.raised, key=_day)
            for each in self.checks[start : place + 1]:
                each.strong = each.up = False

    def _jump(self, check: Check, found: Comparison | None, known_on: date) -> None:
        """Four points at once, over the usual or over the check before."""
        last = self._over_last(check)
        over_usual = found is not None and self.jumped is None and self._jumps(check, found)
        over_last = last is not None and self._jumps(check, last)
        told = found if over_usual else last
        if told is not None and (over_usual or over_last):
            self.jumped = max(check, self.jumped or check)
            than = "" if over_usual else ", the check before"
            up = wording.points(self._part(check, told))
            reason = f"{self._words(check, told)}{than}, a jump of {up}."
            self.case.findings.add(known_on, "same_day", "jump", reason, [check.ref])

    def _over_last(self, check: Check) -> Comparison | None:
        """Against the check before, if it is not too old and any item is up on it."""
        last = next((each for each in self.checks[:-4:-1] if each < check), None)
        if last is None or (check.day - last.day).days > self.case.limits.newly_days:
            return None
        # Most checks are like the one before: a quick look saves the comparison.
        if not any((now or 0) > (then or 0) for now, then in zip(check.row, last.row, strict=True)):
            return None
        past = [Past(last.row, self.writers.bias(last.by))]
        return compare(check.row, self.writers.bias(check.by), past, 1, 1)

    def _jumps(self, check: Check, found: Comparison) -> bool:
        """Mood alone, which medicines move too, makes no jump."""
        more_than_mood = any(rise > 0 for place, rise in found.rises.items() if place != MOOD)
        return more_than_mood and self._part(check, found) >= self.case.limits.jump

    def _part(self, check: Check, found: Comparison) -> float:
        """The rise that counts: near a pulse that of eyes and movement alone."""
        return found.eye_motor if self.case.surroundings.near_pulse(check.day) else found.rise

    def _words(self, check: Check, found: Comparison) -> str:
        """With the numbers that count."""
        near = self.case.surroundings.near_pulse(check.day)
        return wording.near_pulse(found) if near else wording.home_check(found)

    def _drift(self, check: Check, known_on: date) -> None:
        said = self.drift.see(self.checks, check, self.writers, self.case)
        if said:
            reason, refs = said
            self.case.findings.add(known_on, "slow_drift", "four_weeks", reason, refs)


def _day(check: Check) -> date:
    return check.day
