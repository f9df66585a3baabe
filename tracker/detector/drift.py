"""A slow worsening: four weeks against those six to ten weeks earlier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from tracker.detector import wording
from tracker.detector.comparison import LEAST_ITEMS, MOOD, middle
from tracker.detector.diary import EYE_MOTOR, HOME_ITEMS
from tracker.detector.thresholds import Thresholds

if TYPE_CHECKING:
    from tracker.detector.case import Case
    from tracker.detector.home import Check
    from tracker.detector.writers import Writers

MOST = 120  # checks looked back at; ten weeks hold no more
JUST_RAISED = timedelta(days=7)
MOTOR_PART = 1.0  # points of a drift that eyes and movement must have


@dataclass
class Drift:
    """Said once, and again only after it was gone."""

    limits: Thresholds
    open: bool = False

    def see(
        self, checks: Sequence[Check], now: Check, writers: Writers, case: Case
    ) -> tuple[str, list[object]] | None:
        """A reason and its evidence when the last weeks are up and it has not been said."""
        raised = case.episode.raised if case.episode else now.day
        if now.day - raised > JUST_RAISED:
            return None  # that it is up has been said, and weeks of it are no drift
        older, recent = self._older(checks, now.day, case), self._recent(checks, now.day, case)
        least = max(self.limits.drift_least, 1)
        if min(len(older), len(recent)) < least:
            return None
        if not self.open and not _may_be_up(older, recent):
            return None
        change = Change(older, recent, writers)
        if not change.is_comparable(least):
            return None
        was, self.open = self.open, self.open and change.counted(self.limits) >= 1
        if was or not self._is_drift(change, now):
            return None
        self.open = True
        return change.words(), [check.ref for check in recent]

    def _is_drift(self, change: Change, now: Check) -> bool:
        """Up by enough, with eyes or movement in it, and not already on its way back."""
        up = change.counted(self.limits) >= self.limits.drift_rise
        return up and change.eye_motor >= MOTOR_PART and change.is_gradual(now, self.limits)

    def _older(self, checks: Sequence[Check], day: date, case: Case) -> list[Check]:
        """Six to ten weeks earlier, in a diary that had settled by then, on this side of a new usual."""
        began = case.began or date.max
        start = max(
            day - timedelta(days=self.limits.drift_from_days),
            began + timedelta(days=self.limits.settling_days),
            case.floor,
        )
        end = day - timedelta(days=self.limits.drift_to_days)
        known = checks[-MOST:]
        if known[0].day > end:
            return []
        return [check for check in known if start <= check.day <= end and not check.strong]

    def _recent(self, checks: Sequence[Check], day: date, case: Case) -> list[Check]:
        """Four weeks; or the last four checks, where families were asked for more and they span enough."""
        start = max(day - timedelta(days=self.limits.drift_recent_days), case.closed)
        rows = [check for check in checks[-MOST:] if start < check.day <= day]
        last = rows[-self.limits.baseline_takes :]
        spans = bool(last) and (last[-1].day - last[0].day).days >= self.limits.drift_span_days
        return last if spans else rows


def _may_be_up(older: Sequence[Check], recent: Sequence[Check]) -> bool:
    """A quick look, since most patients are steady: whether the newest checks are not under the earlier."""
    rows = [check.row for check in (*older, *recent[-2:])]
    if any(None in row for row in rows) and len({tuple(map(_is_missing, row)) for row in rows}) > 1:
        return True  # what could not be judged is no zero: only the full comparison can tell
    sums = [sum(filter(None, row)) for row in rows]
    return max(sums[len(older) :]) >= middle(sums[: len(older)])


def _is_missing(value: int | None) -> bool:
    return value is None


class Change:
    """Two spans of checks, on the items that both have."""

    def __init__(self, older: Sequence[Check], recent: Sequence[Check], writers: Writers) -> None:
        self.recent = recent
        self.older = older
        places = [
            place
            for place in range(len(HOME_ITEMS))
            if all(
                sum(each.row[place] is not None for each in rows) > len(rows) / 2 for rows in (older, recent)
            )
        ]
        self.places = tuple(places)
        self.motor = tuple(place for place in places if place < EYE_MOTOR)
        self.writers = writers
        self.before, self.after = (self._level(rows, self.places, 0) for rows in (older, recent))
        self.eye_motor = self._level(recent, self.motor, 1) - self._level(older, self.motor, 1)

    def is_comparable(self, least: int) -> bool:
        """Whether items enough are shared, by checks enough on both sides."""
        counts = [sum(self._whole(row, self.places) for row in rows) for rows in (self.older, self.recent)]
        return len(self.places) >= LEAST_ITEMS and min(counts) >= least

    def counted(self, limits: Thresholds) -> float:
        """Points up, in which mood has only a limited part."""
        mood = self._level(self.recent, (MOOD,), None) - self._level(self.older, (MOOD,), None)
        extra = mood - limits.mood_counts if MOOD in self.places else 0
        return self.after - self.before - max(0.0, extra)

    def is_gradual(self, now: Check, limits: Thresholds) -> bool:
        """Whether it began to rise weeks ago, not days, and the newest check is up too."""
        middle = now.day - timedelta(days=limits.drift_span_days)
        early = [row for row in self.recent if row.day <= middle] or self.recent[:1]
        up = self.before + MOTOR_PART
        return all(self._level(rows, self.places, 0) >= up for rows in (early, self.recent[-2:]))

    def words(self) -> str:
        """With the two medians."""
        count = len(self.places)
        where = "" if count == len(HOME_ITEMS) else f" on the {count} of 6 items that could be compared"
        rose = wording.number(self.after - self.before)
        if where:
            return f"Home checks of four weeks are {rose} points over those six to ten weeks earlier{where}."
        medians = f"{wording.number(self.after)}, six to ten weeks earlier {wording.number(self.before)}"
        return f"The middle of the home checks of four weeks is {medians}."

    def _level(self, rows: Sequence[Check], places: tuple[int, ...], part: int | None) -> float:
        whole = [self._points(row, places, part) for row in rows if self._whole(row, places)]
        return middle(whole) if whole else 0.0

    def _whole(self, row: Check, places: tuple[int, ...]) -> bool:
        return all(row.row[place] is not None for place in places)

    def _points(self, row: Check, places: tuple[int, ...], part: int | None) -> float:
        bias = 0.0 if part is None else self.writers.bias(row.by)[part]
        return sum(row.row[place] or 0 for place in places) - bias
