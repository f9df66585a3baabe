"""One patient as the rules go along: the run of strong looks, the episode, what surrounds them."""

from dataclasses import dataclass, field
from datetime import date

from tracker.detector.episode import Episode, is_change
from tracker.detector.eyes import Eyes
from tracker.detector.findings import Findings
from tracker.detector.looks import Look, Looks
from tracker.detector.surroundings import Surroundings
from tracker.detector.thresholds import Thresholds
from tracker.detector.wording import lasted


@dataclass
class Case:
    """`floor` is the first day a new usual may draw on, `closed` the day on which the last episode ended."""

    limits: Thresholds
    findings: Findings
    surroundings: Surroundings
    eyes: Eyes = field(init=False)
    looks: Looks = field(init=False)
    episode: Episode | None = None
    floor: date = date.min
    closed: date = date.min
    began: date | None = None

    def __post_init__(self) -> None:
        self.eyes, self.looks = Eyes(self.limits), Looks(self.limits)

    @property
    def cut(self) -> date | None:
        """The first day of the rise, if there is one: the usual lies before it and does not rise with it."""
        if self.episode:
            return self.episode.first
        return self.looks.run[0].day if self.looks.run else None

    def is_settled(self, day: date, climbs: float = 0) -> bool:
        """Whether the diary was long enough, before this day or the rise, for a usual to be believed.

        In the first weeks, which are often those of the illness itself, not while the usual still climbs.
        """
        if self.began is None:
            return False
        age = ((self.cut or day) - self.began).days
        climbing = climbs >= self.limits.settling_rise and age < self.limits.baseline_days
        return age >= self.limits.settling_days and not climbing

    def look(self, look: Look, known_on: date, *, checks_speak: bool) -> None:
        """Take in a look; raise a possible change once it has lasted, end an episode once it is over."""
        if self.episode:
            if self.episode.see(look):
                self.end_episode(look.day)
            return
        self.looks.add(look)
        if look.level == "strong" and is_change(self.looks, self.limits, checks_speak=checks_speak):
            self._raise(known_on)

    def end_episode(self, day: date, floor: date | None = None) -> None:
        """Back near the usual; or, with a `floor`, what came since then is the new usual."""
        self.episode, self.closed, self.floor = None, day, floor or self.floor
        self.looks.clear()
        self.eyes.back = False  # eyes that still dance a little have become part of the usual

    def _raise(self, known_on: date) -> None:
        run = self.looks.run
        first, last = run[0], run[-1]
        said = next((look for look in reversed(run) if look.home), last)
        risen = tuple(dict.fromkeys(word for look in (said, last) for word in look.rose))
        reason = lasted(
            said.words,
            (last.day - first.day).days,
            risen,
            illness=self.surroundings.with_illness(first.day, last.day),
        )
        rule = "sustained_rise" if said.home else "sustained_daily_rise"
        self.findings.add(known_on, "possible_change", rule, reason, [look.ref for look in run])
        self.episode = Episode(first.day, last.day)
