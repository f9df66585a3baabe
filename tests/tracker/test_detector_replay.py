"""The replay format in and out, bad lines, other thresholds, and never a database."""

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.variations import TODAY
from tracker import detector
from tracker.detector import courses
from tracker.stories import courses as ten
from tracker.stories.replay import as_course

ENTRY = {
    "at": "2025-02-03T19:30:00+00:00",
    "kind": "home_check",
    "by": "parent-1",
    "items": {"stance": 1, "gait": 2, "hands": 1, "opsoclonus": 2, "mood": 1, "speech": None},
    "worried": True,
}
COURSE: dict[str, Any] = {"course": "a-1", "zone": "Europe/London", "entries": [ENTRY]}


def line(**changes: object) -> str:
    return json.dumps({**COURSE, "entries": [{**ENTRY, **changes}]})


def replay(path: Path, *options: str) -> tuple[list[dict[str, Any]], str]:
    """Findings and complaints. No fixture opens the database, so pytest-django blocks it."""
    out, err = io.StringIO(), io.StringIO()
    call_command("detector_replay", str(path), *options, stdout=out, stderr=err)
    return [json.loads(row) for row in out.getvalue().splitlines()], err.getvalue()


def test_a_finding_has_the_fields_of_the_format(tmp_path: Path) -> None:
    file = tmp_path / "courses.jsonl"
    file.write_text(line() + "\n\n")
    found, complaints = replay(file)
    assert complaints == ""
    assert found == [
        {
            "course": "a-1",
            "on": "2025-02-03",
            "kind": "same_day",
            "tier": "same_day",
            "reason": "The family is worried and asks for a look.",
            "evidence": ["2025-02-03T19:30:00+00:00"],
            "rule": "worried",
            "version": "1",
        }
    ]


BAD = {
    "not json": "{",
    "no object": "[1]",
    "deep": "[" * 100_000,
    "no number": line(sleep_hours=float("nan")),
    "endless": json.dumps(COURSE).replace('"gait": 2', '"gait": 1e999'),
    "huge": json.dumps(COURSE).replace('"gait": 2', '"gait": 1' + "0" * 5000),
    "item above": line(items={"gait": 4}),
    "item below": line(items={"gait": -1}),
    "item half": line(items={"gait": 1.5}),
    "item yes": line(items={"gait": True}),
    "item word": line(items={"gait": "2"}),
    "naive": line(at="2025-02-03T19:30:00"),
    "no instant": line(at="yesterday"),
    "a number": line(at=5),
    "too early": line(at="0001-01-01T00:00:00+14:00"),
    "zone": line(zone="Europe/Atlantis"),
    "zone path": line(zone="../../etc/passwd"),
    "zone type": json.dumps({**COURSE, "zone": 3}),
    "kind": line(kind="weekly"),
    "kind type": line(kind=["daily"]),
    "temperature": line(temperature_c=386),
    "sleep": line(sleep_hours="8"),
    "worried": line(worried="yes"),
    "date": line(date="03/02/2025"),
    "entries": json.dumps({**COURSE, "entries": {}}),
    "an entry": json.dumps({**COURSE, "entries": [7]}),
    "treatment": json.dumps({**COURSE, "treatments": [{"agent": "x"}]}),
    "treatment ends": json.dumps(
        {**COURSE, "treatments": [{"agent": "x", "from": "2025-02-02", "to": "2025-02-01"}]}
    ),
    "mark": json.dumps({**COURSE, "marks": [{"name": "immunosuppressed", "from": "soon"}]}),
    "name": json.dumps({**COURSE, "course": {}}),
    **{
        f"no {name}": json.dumps({**COURSE, "entries": [{k: v for k, v in ENTRY.items() if k != name}]})
        for name in ("at", "kind", "items")
    },
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_malformed_line_is_named_and_passed_over(tmp_path: Path, bad: str) -> None:
    file = tmp_path / "courses.jsonl"
    file.write_text("\n".join([line(), bad, line()]))
    found, complaints = replay(file)
    assert len(found) == 2
    (complaint,) = complaints.splitlines()
    assert complaint.startswith("Line 2 is passed over. ")
    assert complaint.endswith(".")


def test_bytes_that_are_no_text_are_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "courses.jsonl"
    file.write_bytes(b"\xff\xfe\n" + line().encode())
    found, complaints = replay(file)
    assert len(found) == 1
    assert complaints.startswith("Line 1 ")


def test_a_course_that_the_rules_fail_on_is_told_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(diary: detector.Diary, limits: detector.Thresholds) -> list[detector.Finding]:
        return rules(diary, limits) if diary.marks else [][0]

    rules = detector.findings
    monkeypatch.setattr(detector, "findings", failing)
    marked = json.dumps({**COURSE, "marks": [{"name": "immunosuppressed", "from": "2025-01-01"}]})
    file = tmp_path / "courses.jsonl"
    file.write_text(f"{line()}\n{marked}\n")
    found, complaints = replay(file)
    assert len(found) == 1
    assert complaints.startswith("Line 1 is passed over.")
    assert "Line 2" not in complaints


words = st.sampled_from(["course", "entries", "at", "kind", "zone", "marks"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
)


@given(st.binary(max_size=60) | values.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=200, deadline=None)
def test_whatever_the_line_there_is_an_answer_or_a_sentence(junk: bytes) -> None:
    try:
        read = courses.read(junk)
    except courses.CourseError as problem:
        said = str(problem)
    else:
        said = f"{len(detector.findings(read.diary))} findings."
    assert said.endswith(".")


def test_what_the_format_does_not_name_is_ignored_and_what_may_be_missing_is_not_missed() -> None:
    bare = {
        "entries": [
            {"at": "2025-02-03T19:30:00Z", "kind": kind, "colour": 5} for kind in ("dose", "event", "sign")
        ]
    }
    read = courses.read(json.dumps({**bare, "shoe": 38}))
    assert read.name is None
    assert [len(rows) for rows in (read.diary.doses, read.diary.events, read.diary.signs)] == [1, 1, 1]
    (entry,) = courses.read(line(items={"gait": 1, "nose": 9}, sleep_hours=None)).diary.entries
    assert entry.items == {"gait": 1}
    assert entry.measurements == {}


@pytest.mark.parametrize(
    ("fields", "day", "known"),
    [
        ({}, "2025-02-03", "2025-02-03"),
        ({"at": "2025-07-03T23:30:00+00:00"}, "2025-07-04", "2025-07-04"),
        ({"zone": "Asia/Tokyo"}, "2025-02-04", "2025-02-04"),
        ({"zone": "America/New_York", "at": "2025-02-04T01:00:00+00:00"}, "2025-02-03", "2025-02-04"),
        ({"date": "2025-02-02"}, "2025-02-02", "2025-02-03"),
        ({"received": "2025-02-06T08:00:00+00:00"}, "2025-02-03", "2025-02-06"),
    ],
)
def test_the_day_is_what_the_family_called_it(fields: dict[str, str], day: str, known: str) -> None:
    (entry,) = courses.read(line(**fields)).diary.entries
    assert (entry.local_date.isoformat(), entry.known_on.isoformat()) == (day, known)


def test_other_thresholds_are_tried_by_name(tmp_path: Path) -> None:
    file, limits = tmp_path / "courses.jsonl", tmp_path / "limits.json"
    file.write_text("\n".join(json.dumps(as_course(one)) for one in ten(TODAY, whole=True)))
    limits.write_text('{"change_rise": 9, "item_rise": 9, "eyes_absent_days": 900}')
    usual = sum(one["kind"] == "possible_change" for one in replay(file)[0])
    deaf = sum(one["kind"] == "possible_change" for one in replay(file, "--thresholds", str(limits))[0])
    assert usual >= 7
    assert deaf < usual / 2


@pytest.mark.parametrize(
    "text",
    ['{"charge_rise": 2}', '{"change_rise": "2"}', '{"change_rise": -1}', '{"daily_days": 1.5}', "[]", "{"],
)
def test_a_threshold_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    file, limits = tmp_path / "courses.jsonl", tmp_path / "limits.json"
    file.write_text(line())
    limits.write_text(text)
    with pytest.raises(CommandError):
        replay(file, "--thresholds", str(limits))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        replay(tmp_path / "none.jsonl")


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    class Piped:
        buffer = io.BytesIO(line().encode())

    monkeypatch.setattr(sys, "stdin", Piped)
    call_command("detector_replay", "-")
    assert json.loads(capsys.readouterr().out)["course"] == "a-1"


def test_the_stories_are_written_alike_each_time_and_can_be_read() -> None:
    def written(*options: str) -> list[str]:
        out = io.StringIO()
        call_command("stories", "--format", "courses", *options, stdout=out)
        return out.getvalue().splitlines()

    lines = written()
    assert lines == written()
    assert lines != written("--seed", "2")
    assert len(written("--missing", "0.4")[0]) < len(lines[0])
    assert len(written("--shown")[1]) < len(lines[1])
    read = [courses.read(each) for each in lines]
    assert [one.name for one in read] == [
        "ava",
        "ben",
        "chidi",
        "dana",
        "eli",
        "fatima",
        "george",
        "hana",
        "ivo",
        "jun",
    ]
    raw = json.loads(lines[4])
    received = [each.get("received", each["at"]) for each in raw["entries"]]
    assert received == sorted(received)
    assert {"vomiting_doses", "floppy"} <= {one.name for one in read[4].diary.signs}
    assert {one.form for one in read[4].diary.treatments} == {"daily", "taper_step"}
    assert "Example" not in "".join(lines)


@pytest.mark.parametrize("options", [("--missing", "1.5"), ("--today", "soon")])
def test_stories_refuse_what_is_no_day_or_share(options: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        call_command("stories", *options)
