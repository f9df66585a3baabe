"""Diaries written by hand, day by day, for the detector's tests."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from tracker import detector
from tracker.detector import Diary, Dose, Entry, Event, Finding, Sign, Thresholds
from tracker.detector.diary import DAILY_ITEMS, HOME_ITEMS

START = date(2025, 1, 6)


def day(number: float) -> date:
    return START + timedelta(days=int(number))


def told(number: float, late: float = 0) -> dict[str, object]:
    """The evening of a day; .5 is twelve hours on. `late` is in days."""
    at = datetime.combine(START, time(8), UTC) + timedelta(days=number)
    received = at + timedelta(days=late)
    ref = f"{number:g}"
    return {"ref": ref, "at": at, "received": received, "local_date": at.date(), "known_on": received.date()}


def check(number: float, *row: int | None, by: str = "p1", late: float = 0, **more: object) -> Entry:
    """A home check: stance, gait, hands, opsoclonus, mood, speech; what is left out is 0."""
    full = (*row, *(0,) * (6 - len(row)))
    return Entry(
        **{**told(number, late), **more},
        kind="home_check",
        by=by,
        items=dict(zip(HOME_ITEMS, full, strict=True)),
    )


def daily(number: float, *row: int | None, by: str = "p1", late: float = 0, **more: object) -> Entry:
    """A daily entry: eyes, jerks, walking, hands, speech_swallow, mood."""
    full = (*row, *(0,) * (6 - len(row)))
    fields: Mapping[str, object] = {**told(number, late), **more}
    return Entry(**fields, kind="daily", by=by, items=dict(zip(DAILY_ITEMS, full, strict=True)))


def dose(number: float, status: str = "missed", agent: str = "prednisolone") -> Dose:
    return Dose(**told(number), agent=agent, status=status)


def sign(number: float, name: str) -> Sign:
    return Sign(**told(number), name=name)


def illness(number: float, until: float | None = None) -> Event:
    return Event(**told(number), name="illness", until=None if until is None else day(until))


def steady(weeks: int, *row: int, by: str = "p1") -> list[Entry]:
    """A check a week, all alike."""
    return [check(7 * week, *row, by=by) for week in range(weeks)]


def run(rows: list[Entry], limits: Thresholds = detector.STANDARD, **more: object) -> list[Finding]:
    return detector.findings(Diary(entries=tuple(rows), **more), limits)


def kinds(found: list[Finding]) -> list[tuple[int, str]]:
    return [((one.on - START).days, one.kind) for one in found]


def days_of(found: list[Finding], kind: str) -> list[int]:
    return [number for number, each in kinds(found) if each == kind]
