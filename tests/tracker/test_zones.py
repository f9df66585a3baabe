"""Days and hours are those of the patient or the clinic: no template writes a moment without a zone."""

import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.template.loader import render_to_string

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates" / "tracker").glob("*.html"))
MOMENT = r"(?:\w+_at|at|now)"
# What a machine reads carries its offset along.
BARE = re.compile(rf"\{{\{{\s*(?:[\w.]+\.)?{MOMENT}\|(?:date|time):(?![\"'][cU][\"'])")
ZONED = re.compile(r"\{% timezone .*?\{% endtimezone %\}", re.DOTALL)
LATE = datetime(2026, 11, 3, 23, 30, tzinfo=UTC)  # the 4th in Tokyo, the 3rd in Lima


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_moment_is_written_without_a_zone(template: Path) -> None:
    text = ZONED.sub("", template.read_text())
    assert BARE.findall(text) == []


def test_a_bare_moment_would_be_found() -> None:
    for bare in ('{{ letter.at|date:"j M" }}', "{{ now|date:'H:i' }}", '{{ signed.0.at|date:"j M" }}'):
        assert BARE.search(bare)
    for fine in (
        '{{ letter.at|timezone:zone|date:"j M" }}',
        "{{ visit.at|date:'c' }}",
        '{{ day|date:"j M" }}',
    ):
        assert not BARE.search(fine)


@pytest.mark.parametrize(
    ("zone", "day", "hour"), [("Asia/Tokyo", "4", "08:30"), ("America/Lima", "3", "18:30")]
)
def test_the_day_is_the_one_at_the_clinic(zone: str, day: str, hour: str) -> None:
    told = {"told": "Robin", "number": 1, "now": LATE, "zone": zone}
    page = render_to_string("tracker/worklist_text.html", told)
    assert f"As of {hour}, {day} November 2026 ({zone})." in page
    episode = SimpleNamespace(started_on=LATE.date(), set_by="Dr A", set_at=LATE)
    page = render_to_string(
        "tracker/_plan_episodes.html", {"episodes": [episode], "zone": zone, "patient": None}
    )
    assert f"Set by Dr A, {day} Nov 2026." in page
