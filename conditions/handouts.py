"""A release as a tagged PDF to print and hand out, set by Typst.

What was written reaches Typst as JSON values, never as its source, so no text can run as markup or
code; the packages it could fetch are never named, so it asks no network.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import typst

from conditions.figures import ShownFact
from conditions.models import Release
from conditions.reading import NOT_APPROVED, Edition, edition
from conditions.rendering import to_blocks
from conditions.shown import ShownStatement

TEMPLATE = Path(__file__).with_name("handout.typ")
AUDIENCES = {"": "For everyone", "child": "About children", "adult": "About adults"}


def to_pdf(release: Release, whom: str = "", told: Sequence[str] = (), address: str = "") -> bytes:
    """The handout for `whom` ('', child or adult), tagged (PDF/UA-1), with title and language.

    `told` are sentences about its reviews and withdrawals, `address` is where the newest release is read.
    The same release, told the same, gives the same bytes: its date is the release's.
    """
    published_at = cast("datetime", release.published_at)  # a constraint holds it once published
    beside = {"told": list(told), "address": address.partition("://")[2].rstrip("/")}
    data = json.dumps({**contents(release, edition(release.snapshot, whom)), **beside})
    try:
        return _compile(data, published_at, "ua-1")
    except typst.TypstError:
        # The standard refuses a character that no font of this machine has. A handout with an
        # empty box, tagged all the same, helps more than none.
        return _compile(data, published_at, None)


def families() -> str:
    """The fonts of this machine, on which it depends whether every character has a shape."""
    return ", ".join(sorted(_fonts().families()))


def _compile(data: str, at: datetime, standard: Literal["ua-1"] | None) -> bytes:
    return typst.compile(
        TEMPLATE.read_bytes(),
        font_paths=_fonts(),
        sys_inputs={"data": data},
        format="pdf",
        pdf_standards=standard,
        timestamp=int(at.timestamp()),
    )


def contents(release: Release, shown: Edition) -> dict[str, Any]:
    """What the template prints, as JSON values."""
    return {
        "name": shown.condition["name"],
        "summary": to_blocks(shown.condition["summary"]),
        "audience": AUDIENCES[shown.audience],
        "release": f"Release {release.number}, {release.published_at:%-d %B %Y}",
        "notice": "" if release.clinically_approved else str(NOT_APPROVED),
        "sections": [
            {
                "title": section.title,
                "urgency": section.urgency,
                "statements": [_statement(each, shown.audience) for each in section.statements],
            }
            for section in shown.sections
        ],
        "facts": [_fact(each) for each in shown.facts],
        "countries": [
            {"name": country.name, "entries": [_entry(each) for each in country.entries]}
            for country in shown.countries
        ],
        "sources": [
            {"number": source.number, "words": _words(source.entry), "checked": source.entry["checked"]}
            for source in shown.sources
            if source.cited_by or source.number in {fact.number for fact in shown.facts}
        ],
    }


def _statement(each: ShownStatement, audience: str) -> dict[str, Any]:
    return {
        "question": each.question,
        "blocks": to_blocks(each.text),
        "population": "" if audience else each.population,
        "notes": ", ".join(str(note.number) for note in each.footnotes),
        "checked": each.checked,
        "dissent": each.dissent,
        "decision": str(each.decision or ""),
    }


def _fact(fact: ShownFact) -> dict[str, str]:
    counted = ". ".join(filter(None, (fact.counted, fact.population)))
    return {"about": fact.about, "figure": fact.figure, "counted": counted, "number": str(fact.number)}


def _entry(each: dict[str, Any]) -> str:
    """An organisation in one line of print."""
    day = each["checked_on"]
    checked = f"checked on {day:%-d %B %Y}" if day else "to be verified"
    return ", ".join(filter(None, (each["name"], each["kind_label"].lower(), each["url"], checked))) + "."


def _words(source: Any) -> str:
    made = [source["authors"], source["title"], source["published_in"], str(source["year"] or "")]
    return ". ".join(part for part in made if part) + "."


@cache
def _fonts() -> typst.Fonts:
    """The fonts, found once: looking for them costs more than setting a page."""
    return typst.Fonts()
