"""Gathers what the rules say, in order of the day."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from tracker.detector.finding import Finding, Kind
from tracker.redflags import Tier

TIERS: dict[Kind, Tier] = {
    "ask_home_check": "notice",
    "watch": "soon",
    "possible_change": "soon",
    "slow_drift": "soon",
    "same_day": "same_day",
    "emergency": "emergency",
    "missed_steroid": "same_day",
    "too_little_data": "notice",
}
WEIGHT = ("worried", "newly_worst", "jump")  # rules for one call the same day; the weightiest names it


@dataclass
class Findings:
    """Findings so far; several reasons for a same-day call on one day are one finding."""

    found: list[Finding] = field(default_factory=list)

    def add(self, on: date, kind: Kind, rule: str, reason: str, evidence: Iterable[object]) -> None:
        """Say something new; `evidence` are the refs of the entries behind it."""
        new = Finding(on, kind, TIERS[kind], reason, tuple(dict.fromkeys(evidence)), rule)
        place = self._same_call(new)
        if place is None:
            self.found.append(new)
        else:
            self.found[place] = _joined(self.found[place], new)

    def in_order(self) -> list[Finding]:
        """By day; within a day in the order in which they were found."""
        return sorted(self.found, key=lambda finding: finding.on)

    def _same_call(self, new: Finding) -> int | None:
        for place in range(len(self.found) - 1, -1, -1):
            old = self.found[place]
            if old.on != new.on:
                return None
            if old.rule in WEIGHT and new.rule in WEIGHT:
                return place
        return None


def _joined(old: Finding, new: Finding) -> Finding:
    evidence = dict.fromkeys((*old.evidence, *new.evidence))
    reason = old.reason
    if new.reason not in old.reason:
        reason = f"{old.reason.removesuffix('.')}; {new.reason[0].lower()}{new.reason[1:]}"
    rule = max(old.rule, new.rule, key=WEIGHT.index)
    return replace(old, reason=reason, evidence=tuple(evidence), rule=rule)
