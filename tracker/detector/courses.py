"""The replay format: one course a line in, one finding a line out, both JSON.

A course is `course`, `zone`, `marks`, `treatments` and `entries`; a finding is `course` and the fields of
`Finding`. Only an entry's `at`, `kind` and, where something was rated, `items` must be there; what the
format does not name is passed over. Every mistake is a CourseError of one sentence.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from math import isfinite
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from tracker.detector.diary import DAILY_ITEMS, HOME_ITEMS, Diary, Dose, Entry, Event, Sign, Told, known_on
from tracker.detector.finding import Finding
from tracker.redflags import Mark, Treatment
from tracker.scoring import MEASUREMENTS, TOP

RATED = {"home_check": HOME_ITEMS, "daily": DAILY_ITEMS}
MEASURED = {name: (float(low), float(high)) for name, (_, low, high) in MEASUREMENTS.items()}
PRESSURE = ("systolic_mmhg", "diastolic_mmhg")
YEARS = (1900, 2200)  # a year outside is a slip, and calendars end somewhere
Raw = dict[str, Any]


class CourseError(ValueError):
    """What is wrong with a line."""


@dataclass(frozen=True)
class ReadCourse:
    """A course by the name it was given, which goes back out with its findings."""

    name: str | int | None
    diary: Diary


def read(line: str | bytes) -> ReadCourse:
    """Read one line. Errors: CourseError."""
    try:
        raw = json.loads(line, parse_constant=_no_number)
    except CourseError:
        raise
    except (ValueError, RecursionError) as problem:
        raise CourseError(f"This is not JSON: {problem}.") from problem
    if not isinstance(raw, dict):
        raise CourseError("A course is a JSON object.")
    return ReadCourse(_name(raw.get("course")), _diary(raw))


def written(name: str | int | None, finding: Finding) -> str:
    """One finding as a line, without the line's end."""
    return json.dumps(
        {
            "course": name,
            "on": finding.on.isoformat(),
            "kind": finding.kind,
            "tier": finding.tier,
            "reason": finding.reason,
            "evidence": list(finding.evidence),
            "rule": finding.rule,
            "version": finding.version,
        }
    )


def _no_number(word: str) -> NoReturn:
    raise CourseError(f"{word} is not a number.")


def _name(raw: object) -> str | int | None:
    if raw is not None and not isinstance(raw, str | int):
        raise CourseError("The name of a course is a word or a number.")
    return raw


def _diary(raw: Raw) -> Diary:
    zone = _zone(raw.get("zone") or "UTC")
    told: dict[type[Told], list[Any]] = {Entry: [], Dose: [], Event: [], Sign: []}
    for number, each in enumerate(_list(raw, "entries"), 1):
        try:
            row = _told(_object(each), zone)
        except CourseError as problem:
            raise CourseError(f"Entry {number}: {problem}") from problem
        told[type(row)].append(row)
    return Diary(
        entries=tuple(told[Entry]),
        doses=tuple(told[Dose]),
        events=tuple(told[Event]),
        signs=tuple(told[Sign]),
        treatments=tuple(_treatment(_object(each)) for each in _list(raw, "treatments")),
        marks=tuple(_mark(_object(each)) for each in _list(raw, "marks")),
    )


def _told(raw: Raw, home: ZoneInfo) -> Told:
    kind = _text(raw, "kind")
    make = MAKERS.get(kind)
    if make is None:
        raise CourseError(f"There is no kind {kind!r}." if kind else "The kind is missing.")
    at = _instant(raw, "at")
    received = at if raw.get("received") is None else max(at, _instant(raw, "received"))
    zone = home if raw.get("zone") is None else _zone(raw["zone"])
    day = at.astimezone(zone).date() if raw.get("date") is None else _day(raw, "date")
    zones = (home,) if zone is home else (home, zone)
    when = {
        "ref": raw["at"],
        "at": at,
        "received": received,
        "local_date": day,
        "known_on": known_on(received, day, *zones),
    }
    return make(raw, when)


def _entry(raw: Raw, when: Raw) -> Entry:
    kind = raw["kind"]
    if not isinstance(raw.get("items"), dict):
        raise CourseError(
            "The items are missing." if raw.get("items") is None else "The items are no object."
        )
    return Entry(
        **when,
        kind=kind,
        by=_text(raw, "by"),
        items={item: _rating(item, raw["items"][item]) for item in RATED[kind] if item in raw["items"]},
        measurements={name: _measure(raw, name) for name in MEASURED if raw.get(name) is not None},
        worried=_yes_or_no(raw, "worried") or False,
        all_doses=_yes_or_no(raw, "all_doses"),
    )


def _dose(raw: Raw, when: Raw) -> Dose:
    return Dose(**when, agent=_text(raw, "agent"), status=_text(raw, "status"))


def _event(raw: Raw, when: Raw) -> Event:
    until = None if raw.get("until") is None else _day(raw, "until")
    return Event(**when, name=_text(raw, "name"), until=until)


def _sign(raw: Raw, when: Raw) -> Sign:
    return Sign(**when, name=_text(raw, "name"))


MAKERS: dict[str, Callable[[Raw, Raw], Told]] = {
    "home_check": _entry,
    "daily": _entry,
    "dose": _dose,
    "event": _event,
    "sign": _sign,
}


def _treatment(raw: Raw) -> Treatment:
    first, last = _span(raw, "A treatment")
    return Treatment(_text(raw, "agent"), _text(raw, "form"), first, last)


def _mark(raw: Raw) -> Mark:
    """A limit of blood pressure carries its two numbers, which the format leaves to us."""
    first, last = _span(raw, "A mark")
    limit = [_measure(raw, name) if raw.get(name) is not None else None for name in PRESSURE]
    return Mark(_text(raw, "name"), first, last, *limit)


def _span(raw: Raw, what: str) -> tuple[date, date | None]:
    first = _day(raw, "from")
    last = None if raw.get("to") is None else _day(raw, "to")
    if last is not None and last < first:
        raise CourseError(f"{what} ends before it begins.")
    return first, last


def _rating(item: str, value: object) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value <= TOP:
        raise CourseError(f"The item {item} is not 0 to {TOP} or null.")
    return value


def _measure(raw: Raw, name: str) -> float:
    value, (low, high) = raw[name], MEASURED[name]
    if type(value) not in (int, float) or not isfinite(value) or not low <= value <= high:
        raise CourseError(f"{name} is not a number from {low:g} to {high:g}.")
    return float(value)


def _instant(raw: Raw, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(raw[name])
    except KeyError:
        raise CourseError(f"The field {name} is missing.") from None
    except (TypeError, ValueError):
        raise CourseError(f"The field {name} is no instant such as 2025-02-03T19:30:00+00:00.") from None
    if moment.tzinfo is None:
        raise CourseError(f"The field {name} needs its offset, such as +00:00.")
    _check_year(moment.year, name)
    return moment


@lru_cache(maxsize=4096)
def _date(text: str) -> date:
    return date.fromisoformat(text)


def _day(raw: Raw, name: str) -> date:
    try:
        day = _date(raw[name])
    except KeyError:
        raise CourseError(f"The field {name} is missing.") from None
    except (TypeError, ValueError):
        raise CourseError(f"The field {name} is no date such as 2025-02-03.") from None
    _check_year(day.year, name)
    return day


def _check_year(year: int, name: str) -> None:
    if not YEARS[0] <= year <= YEARS[1]:
        raise CourseError(f"The year of {name} is not from {YEARS[0]} to {YEARS[1]}.")


@lru_cache(maxsize=1024)
def _known_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _zone(name: object) -> ZoneInfo:
    zone = _known_zone(name) if isinstance(name, str) else None
    if zone is None:
        raise CourseError(f"There is no time zone {name!r}.")
    return zone


def _text(raw: Raw, name: str) -> str:
    value = raw.get(name)
    if value is not None and not isinstance(value, str):
        raise CourseError(f"The field {name} is not a text.")
    return value or ""


def _yes_or_no(raw: Raw, name: str) -> bool | None:
    value = raw.get(name)
    if value is not None and not isinstance(value, bool):
        raise CourseError(f"The field {name} is neither true nor false.")
    return value


def _list(raw: Raw, name: str) -> list[object]:
    value = raw.get(name)
    if value is not None and not isinstance(value, list):
        raise CourseError(f"The field {name} is not a list.")
    return value or []


def _object(value: object) -> Raw:
    if not isinstance(value, dict):
        raise CourseError("An object was expected here.")
    return value
