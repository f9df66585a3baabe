"""Two caregivers see the same child differently; what each usually adds is learnt and allowed for."""

from dataclasses import dataclass, field

SLOWEST = 0.15  # how far the newest difference moves what is known, at least
MOST = 2.0  # points; more would hide what only one of them sees


@dataclass
class Writers:
    """What each writer adds against all of them together: in points of all items and of eye/motor."""

    known: dict[str, tuple[float, float]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def bias(self, by: str) -> tuple[float, float]:
        """What this writer adds; nothing while nobody else writes."""
        return self.known.get(by, (0.0, 0.0)) if len(self.known) > 1 else (0.0, 0.0)

    def is_stranger(self, by: str, least: int) -> bool:
        """Whether others' writing is known better than this one's."""
        mine = self.counts.get(by, 0)
        return mine < least and any(count >= least for name, count in self.counts.items() if name != by)

    def learn(self, by: str, rise: float, eye_motor: float) -> None:
        """Take in a check at a steady time: how far it was from what this writer was expected to say.

        With one writer nothing is learnt, or a slow worsening would pass for a habit.
        """
        before = self.known.get(by, (0.0, 0.0))
        self.counts[by] = self.counts.get(by, 0) + 1
        pace = max(SLOWEST, 1 / (self.counts[by] + 2))
        self.known[by] = before
        if len(self.known) > 1:
            self.known[by] = (before[0] + pace * rise, before[1] + pace * eye_motor)
            self._centre()

    def _centre(self) -> None:
        count = len(self.known)
        total = sum(bias[0] for bias in self.known.values()) / count
        motor = sum(bias[1] for bias in self.known.values()) / count
        for name, bias in self.known.items():
            self.known[name] = (_limited(bias[0] - total), _limited(bias[1] - motor))


def _limited(points: float) -> float:
    return max(-MOST, min(MOST, points))
