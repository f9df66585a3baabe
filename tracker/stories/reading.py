"""From a YAML file to a Story; a mistake in a file names the file."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import yaml

from tracker.stories.story import (
    Age,
    Alert,
    Blind,
    Caregiver,
    Effect,
    Happening,
    Knot,
    Limit,
    Onset,
    Plan,
    Readings,
    Shown,
    Span,
    Special,
    Stay,
    Story,
    Trap,
    Truth,
    Unsure,
)

HERE = Path(__file__).parent
STORIES = tuple(sorted(path.stem for path in HERE.glob("*.yaml")))

Row = TypeVar("Row")


@cache
def read(key: str) -> Story:
    """Read one story.

    Errors: KeyError when there is no such story, ValueError when its file has a missing or bad field.
    """
    if key not in STORIES:
        raise KeyError(f"No story {key!r}; there are {', '.join(STORIES)}.")
    text = (HERE / f"{key}.yaml").read_text(encoding="utf-8")
    try:
        return _story(yaml.safe_load(text))
    except (KeyError, TypeError, ValueError) as problem:
        raise ValueError(f"{key}.yaml: {problem}") from problem


def _story(raw: dict[str, Any]) -> Story:
    """Turn the nested lists and mappings into records; fields not named here are taken as they are."""
    rows: dict[str, Callable[..., Any]] = {
        "zones": Stay,
        "caregivers": Caregiver,
        "gaps": Span,
        "not_assessable": Blind,
        "effects": Effect,
        "treatments": _plan,
        "events": Happening,
        "pressures": Readings,
    }
    lists = {name: _rows(make, raw.get(name)) for name, make in rows.items()}
    return Story(**{**raw, **lists, **_curves(raw), **_records(raw)})


def _rows(make: Callable[..., Row], rows: list[dict[str, Any]] | None) -> tuple[Row, ...]:
    return tuple(make(**row) for row in rows or ())


def _curves(raw: dict[str, Any]) -> dict[str, Any]:
    return {
        "knots": tuple(Knot(*knot) for knot in raw["knots"]),
        "daily_rhythm": tuple((int(day), float(every)) for day, every in raw["daily_rhythm"]),
        "missing": tuple((int(day), float(share)) for day, share in raw["missing"]),
    }


def _records(raw: dict[str, Any]) -> dict[str, Any]:
    truth, unsure = raw.get("truth") or {}, raw.get("unsure") or {"share": 0.0, "items": []}
    limit = raw.get("pressure_limit")
    return {
        "age": Age(**raw["age"]),
        "log": Span(**raw["log"]),
        "shown": Shown(**raw["shown"]),
        "pressure_limit": Limit(**limit) if limit else None,
        "unsure": Unsure(share=unsure["share"], items=tuple(unsure["items"])),
        "days": {int(day): _special(special) for day, special in (raw.get("days") or {}).items()},
        "truth": Truth(
            onsets=_rows(Onset, truth.get("onsets")),
            alerts=_rows(Alert, truth.get("alerts")),
            traps=_rows(Trap, truth.get("traps")),
        ),
    }


def _special(raw: dict[str, Any]) -> Special:
    lists = {name: tuple(raw.get(name, ())) for name in ("signs", "private_signs")}
    return Special(**{**raw, **lists})


def _plan(**raw: Any) -> Plan:
    steps = tuple((int(day), float(amount)) for day, amount in raw.get("steps", ()))
    return Plan(**{**raw, "steps": steps})
