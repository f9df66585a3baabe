"""What needs nobody's usual: worry, an item newly at its worst, signs and temperature."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from tracker.detector import wording
from tracker.detector.case import Case
from tracker.detector.diary import DAILY_ITEMS, HOME_ITEMS, Entry, Sign
from tracker.detector.finding import Kind
from tracker.detector.pressure import Pressure
from tracker.redflags import Mark, RedFlag, Tier, Treatment, guard_on, of_sign, of_temperature

WORST = 3
MOOD = "mood"
KINDS: dict[Tier, Kind] = {
    "emergency": "emergency",
    "same_day": "same_day",
    "soon": "watch",
    "notice": "watch",
}
GRADES: tuple[Tier, ...] = ("notice", "soon", "same_day", "emergency")
SPELL = timedelta(days=3)  # until the same sign is said again while it goes on
HOTTER = 0.5  # degrees; a fever so much higher than the one that was said is news
EACH_DAY = ("seizure", "breathing_trouble", "self_harm")  # each of these is trouble of its own
ITEMS = {"home_check": HOME_ITEMS, "daily": DAILY_ITEMS}
WORDS = {"home_check": wording.HOME_WORDS, "daily": wording.DAILY_WORDS}


@dataclass
class Alarms:
    """Remembers what was said, so that it is said again only when it is new."""

    case: Case
    treatments: tuple[Treatment, ...]
    marks: tuple[Mark, ...]
    seen: dict[str, tuple[date, int]] = field(default_factory=dict)
    rated: dict[tuple[str, str], tuple[date, int]] = field(default_factory=dict)
    worst: dict[str, date] = field(default_factory=dict)
    hottest: float = 0.0
    worried: date | None = None
    pressure: Pressure = field(init=False)

    def __post_init__(self) -> None:
        self.pressure = Pressure(self.case.findings, self.marks)

    def take(self, entry: Entry) -> None:
        """An entry's temperature, blood pressure, worry and worst ratings."""
        degrees = entry.measurements.get("temperature_c")
        if degrees is not None:
            self._temperature(entry, degrees)
        self.pressure.take(entry)
        self._worry(entry)
        self._worst(entry)

    def tick(self, sign: Sign) -> None:
        """A ticked sign."""
        self.pressure.tick(sign)
        flag = of_sign(sign.name, guard_on(sign.local_date, self.treatments, self.marks))
        if flag:
            self._say(flag, sign.local_date, sign.known_on, sign.ref)

    def _temperature(self, entry: Entry, degrees: float) -> None:
        limits, day = self.case.limits, entry.local_date
        if degrees >= limits.fever_c:
            self.case.surroundings.note_illness(day)
        elif degrees >= limits.low_c:
            self._temperature_is_over()
            return
        if degrees >= self.hottest + HOTTER:
            self._temperature_is_over()
        guard = guard_on(day, self.treatments, self.marks)
        flag = of_temperature(degrees, guard, limits.fever_c, limits.low_c)
        if flag and self._say(flag, day, entry.known_on, entry.ref):
            self.hottest = degrees

    def _temperature_is_over(self) -> None:
        self.hottest = 0.0
        self.seen.pop("temperature", None)
        self.seen.pop("low_temperature", None)

    def _say(self, flag: RedFlag, day: date, known_on: date, ref: object) -> bool:
        """Once in a few days, unless it has become more urgent meanwhile; whether it was said."""
        grade = GRADES.index(flag.tier)
        said_on, said = self.seen.get(flag.rule, (date.min, -1))
        spell = timedelta(days=1) if flag.rule in EACH_DAY else SPELL
        if said >= grade and abs(day - said_on) < spell:
            return False
        self.seen[flag.rule] = max((day, grade), (said_on, said))
        self.case.findings.add(known_on, KINDS[flag.tier], flag.rule, flag.reason, [ref])
        return True

    def _worry(self, entry: Entry) -> None:
        """Always, save for the same worry told day after day: that is one, asked after every few days."""
        if not entry.worried:
            if self.worried and entry.local_date > self.worried:
                self.worried = None
            return
        again = timedelta(days=self.case.limits.worry_days)
        if self.worried is None or abs(entry.local_date - self.worried) >= again:
            self.worried = entry.local_date
            reason = "The family is worried and asks for a look."
            self.case.findings.add(entry.known_on, "same_day", "worried", reason, [entry.ref])

    def _worst(self, entry: Entry) -> None:
        """Items at 3 that were below it, the same feature of home check and daily entry being one."""
        fresh, day = [], entry.local_date
        if WORST in entry.items.values():
            named = zip(ITEMS[entry.kind], WORDS[entry.kind], strict=True)
            worst = [word for item, word in named if entry.items.get(item) == WORST]
            fresh = [word for word in worst if self._is_news(word, day)]
            self.worst |= {word: max(day, self.worst.get(word, day)) for word in worst}
        for item, word in zip(ITEMS[entry.kind], WORDS[entry.kind], strict=True):
            value, last = entry.items.get(item), self.rated.get((entry.kind, word))
            if value is not None and (last is None or day >= last[0]):
                self.rated[entry.kind, word] = day, value
        if fresh:
            reason = f"Newly at 3, the worst rating: {wording.listed(fresh)}."
            self.case.findings.add(entry.known_on, "same_day", "newly_worst", reason, [entry.ref])

    def _is_news(self, word: str, day: date) -> bool:
        """Whether it was rated lately, and not at its worst.

        Mood swings by a point from day to day and rises with a pulse: it has to come up from 1 or 0.
        """
        window = timedelta(days=self.case.limits.newly_days)
        rated = [
            value
            for (_, rated_word), (rated_on, value) in self.rated.items()
            if rated_word == word and abs(day - rated_on) <= window
        ]
        if word == MOOD and (max(rated, default=0) > 1 or self.case.surroundings.near_pulse(day)):
            return False
        return bool(rated) and abs(day - self.worst.get(word, date.min)) > window
