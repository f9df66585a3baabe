"""What the rules say."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from tracker.detector.thresholds import VERSION
from tracker.redflags import Tier

Kind = Literal[
    "ask_home_check",
    "watch",
    "possible_change",
    "slow_drift",
    "same_day",
    "emergency",
    "missed_steroid",
    "too_little_data",
]


@dataclass(frozen=True)
class Finding:
    """Something new to look at: the day it could first be raised, why, and the entries behind it."""

    on: date
    kind: Kind
    tier: Tier
    reason: str
    evidence: tuple[object, ...]
    rule: str
    version: str = VERSION
