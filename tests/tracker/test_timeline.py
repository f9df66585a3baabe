"""The picture's arithmetic: days to pixels, gaps that stay gaps, partial checks without a total."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker import scoring
from tracker.models import CheckIn
from tracker.timeline import asked, courses, days, draw, entries, home_check, marks, shapes, strips
from tracker.timeline.axis import NARROW, WIDE, Axis, Sheet, ticks
from tracker.timeline.facts import Given, Happened, Logged, Record, Seen, Usual, day_words, unit_words

TODAY = date(2026, 11, 21)
START = TODAY - timedelta(days=179)
AXIS = Axis(START, TODAY, WIDE)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def check(day: date, total: int | None, rated: int = 6) -> Logged:
    ratings: dict[str, int | None] = {item.key: 0 for item in scoring.HOME_CHECK.items}
    score = scoring.Score(6, 6 if total is not None else rated, total)
    return Logged(day, at(day), "home_check", ratings, score)


def daily(day: date, worried: bool = False, **ratings: int | None) -> Logged:
    return Logged(day, at(day), "daily", ratings, worried=worried)


def weekly(*totals: int | None, last: date = TODAY) -> list[Logged]:
    first = last - timedelta(weeks=len(totals) - 1)
    return [check(first + timedelta(weeks=place), total, 4) for place, total in enumerate(totals)]


def lane(checks: list[Logged], axis: Axis = AXIS) -> shapes.Lane:
    return home_check.lane(axis, 0, checks, Usual.of(checks))


def words(drawn: shapes.Lane) -> list[str]:
    return [text.words for text in drawn.texts]


# The axis


@given(DAYS, DAYS, st.lists(DAYS, min_size=2), st.sampled_from([WIDE, NARROW]))
def test_every_day_lies_on_the_paper_and_in_order(
    first: date, last: date, some: list[date], sheet: Sheet
) -> None:
    axis = Axis(min(first, last), max(first, last), sheet)
    for before, after in pairwise(sorted(some)):
        assert sheet.left <= axis.x(before) <= axis.x(after) <= sheet.right
        assert axis.start(before) <= axis.x(before) <= axis.end(before)


@given(DAYS, st.integers(0, 5000), st.sampled_from([WIDE, NARROW]))
def test_ticks_are_in_order_inside_and_apart(first: date, length: int, sheet: Sheet) -> None:
    axis = Axis(first, min(first + timedelta(days=length), date(2045, 1, 1)), sheet)
    found = ticks(axis)
    assert all(axis.first <= day <= axis.last for day, _ in found)
    assert all(axis.start(b) - axis.start(a) >= 50 for (a, _), (b, _) in pairwise(found))


def test_tick_labels_name_the_year_once_and_in_january() -> None:
    assert [label for _, label in ticks(AXIS)] == ["Jun 2026", "Jul", "Aug", "Sep", "Oct", "Nov"]
    assert "Jan 2026" in [label for _, label in ticks(Axis(date(2025, 10, 5), TODAY, WIDE))]
    assert [label for _, label in ticks(Axis(date(2026, 11, 1), TODAY, WIDE))] == ["2 Nov", "9 Nov", "16 Nov"]
    assert "2030" in [label for _, label in ticks(Axis(date(2010, 1, 1), date(2040, 1, 1), WIDE))]


@pytest.mark.parametrize(
    ("words", "first", "chosen"),
    [
        ("30", TODAY - timedelta(days=29), "30"),
        ("365", TODAY - timedelta(days=364), "365"),
        ("nonsense", START, "180"),
        ("", START, "180"),
        ("7", START, "180"),  # a length that is not offered, without a first day
        ("all", date(2020, 1, 1), "all"),
    ],
)
def test_the_period_asked_for(words: str, first: date, chosen: str) -> None:
    shown = asked({"days": words}, TODAY, date(2020, 1, 1))
    assert (shown.first, shown.last, shown.chosen) == (first, TODAY, chosen)


def test_everything_of_nothing_is_a_month() -> None:
    shown = asked({"days": "all"}, TODAY, None)
    assert (shown.first, shown.last) == (TODAY - timedelta(days=29), TODAY)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ({"from": "2026-11-03", "days": "14"}, date(2026, 11, 3), date(2026, 11, 16)),
        ({"from": "2026-11-03", "days": "90"}, date(2026, 11, 3), TODAY),  # nothing lies ahead
        ({"from": "2026-11-03", "days": "0"}, date(2026, 11, 3), TODAY),
        ({"from": "2026-11-03"}, date(2026, 11, 3), TODAY),
        ({"from": "3000-01-01", "days": "14"}, TODAY, TODAY),
        ({"from": "0001-01-01", "days": "99999"}, date(1900, 1, 1), date(2000, 1, 1)),
        ({"from": "2026-02-31", "days": "30"}, TODAY - timedelta(days=29), TODAY),
        ({"from": "yesterday", "days": "-1e9"}, START, TODAY),
        ({"from": "2026-11-03", "days": "٣"}, date(2026, 11, 3), TODAY),
    ],
)
def test_a_period_by_its_first_day(words: dict[str, str], first: date, last: date) -> None:
    shown = asked(words, TODAY, date(2020, 1, 1))
    assert (shown.first, shown.last) == (first, last)


@given(st.dates(date(1950, 1, 1), date(2040, 1, 1)), st.integers(1, 40000), st.booleans())
def test_every_step_leads_to_another_period_within_reach(first: date, days: int, given_: bool) -> None:
    words = {"from": first.isoformat(), "days": str(days)} if given_ else {"days": "90"}
    shown = asked(words, TODAY, date(2020, 1, 1))
    for query in filter(None, (shown.earlier, shown.later, shown.closer, shown.wider)):
        then = asked(dict(parse_qsl(query)), TODAY, date(2020, 1, 1))
        assert (then.first, then.last) != (shown.first, shown.last)
        assert then.first <= then.last <= TODAY
    again = asked(dict(parse_qsl(shown.query)), TODAY, date(2020, 1, 1))
    assert (again.first, again.last) == (shown.first, shown.last)


# The home check


@given(st.lists(st.tuples(st.integers(0, 179), st.none() | st.integers(0, 18)), max_size=40))
def test_home_checks_stay_within_their_lane(told: list[tuple[int, int | None]]) -> None:
    checks = [
        check(START + timedelta(days=day), total) for day, total in sorted(told, key=lambda one: one[0])
    ]
    scale = home_check.Scale(AXIS, 100)
    for one in checks:
        if one.total is not None:
            x, y = scale.point(one)
            assert WIDE.left <= x <= WIDE.right
            assert 100 <= y <= 100 + home_check.HEIGHT
    lines = [path.d for path in lane(checks).paths if path.css == "chart-line"]
    assert sum(line.count("M") for line in lines) == len(lines)
    stretches = list(home_check.runs([one for one in checks if one.total is not None]))
    assert len(lines) == len(stretches)
    assert all(b.day - a.day <= home_check.GAP for run in stretches for a, b in pairwise(run))


def test_a_gap_is_never_joined() -> None:
    first, second = START + timedelta(days=20), START + timedelta(days=31)  # eleven days apart
    lines = [path.d for path in lane([check(first, 3), check(second, 4)]).paths if path.css == "chart-line"]
    assert len(lines) == 2
    assert not any("L" in line for line in lines)
    joined = lane([check(first, 3), check(first + timedelta(days=10), 4)])
    assert [path.d.count("L") for path in joined.paths if path.css == "chart-line"] == [1]


def test_a_long_gap_says_how_long() -> None:
    checks = [check(START + timedelta(days=5), 3), check(START + timedelta(days=90), 3)]
    assert "no total for 85 days" in words(lane(checks))


def test_a_partial_check_has_no_point_and_no_total() -> None:
    drawn = lane(weekly(2, 2, 2, None))
    assert sum(path.d.count("L") for path in drawn.paths if path.css == "chart-line") == 2
    hollow = [path for path in drawn.paths if path.css == "chart-dot-open"]
    assert [path.title for path in hollow] == ["Home check 4 of 6 items, no total, 21 Nov 2026"]
    assert "4 of 6" in words(drawn)


def test_labels_of_partial_checks_keep_clear_of_their_neighbours() -> None:
    crowded = [check(TODAY - timedelta(days=day), None, 4) for day in (3, 2, 1, 0)]
    assert words(lane(crowded)).count("4 of 6") <= 2


def test_a_notable_total_is_a_labelled_triangle() -> None:
    drawn = lane(weekly(2, 2, 2, 7))
    assert "newest 7" in words(drawn)
    assert "usual 2" in words(drawn)
    assert any("chart-raised" in path.css for path in drawn.paths)
    assert not any("chart-raised" in path.css for path in lane(weekly(2, 2, 2, 3)).paths)


def test_the_newest_total_is_said_on_narrow_paper_and_when_it_is_old() -> None:
    assert "7" in words(lane(weekly(2, 2, 2, 7), Axis(START, TODAY, NARROW)))
    assert "newest 7" not in words(lane(weekly(2, 2, 2, 7, last=TODAY - timedelta(days=40))))
    assert "newest 0" in words(lane(weekly(18, 18, 18, 0)))


def test_the_band_reaches_from_the_usual_total_to_the_notable_one() -> None:
    scale = home_check.Scale(AXIS, 0)
    boxes = list(scale.band(Usual.of(weekly(4, 4, 4, 4))))
    assert len(boxes) == 2  # to the fourth check, and on to today, which has no width
    assert f" {scale.y(6):g}H" in boxes[0]
    assert f"V{scale.y(4):g}H" in boxes[0]
    assert list(scale.band(Usual.of(weekly(4, 4)))) == []


def test_an_empty_lane_still_has_its_axis() -> None:
    assert [text for text in words(lane([])) if text.isdigit()] == ["0", "6", "12", "18"]


# The strips


def test_zero_unsure_not_asked_and_silence_are_four_things() -> None:
    noted = [
        daily(TODAY - timedelta(days=2), eyes=0, mood=None),
        daily(TODAY - timedelta(days=1), eyes=3),
        daily(TODAY - timedelta(days=1), eyes=1),
    ]
    drawn = strips.lane(AXIS, 0, noted)
    cells = {path.css: path for path in drawn.paths if "chart-cell" in path.css}
    assert set(cells) == {
        "chart-cell chart-cell-0",
        "chart-cell chart-cell-3",
        "chart-cell chart-cell-unsure",
    }
    assert cells["chart-cell chart-cell-unsure"].hatched
    assert not cells["chart-cell chart-cell-0"].hatched
    assert strips.by_item(iter(noted))["eyes"][TODAY - timedelta(days=1)] == 3


@given(st.lists(st.floats(0, 1000).map(lambda x: round(x, 1)), min_size=1, max_size=30))
def test_posts_stand_where_they_are_told(places: list[float]) -> None:
    steps = shapes.posts(sorted(places), 10, 5).removeprefix("M").split("m")
    x = float(steps[0].split()[0])
    for step in steps[1:]:
        x += float(step.split()[0])
    assert x == pytest.approx(sorted(places)[-1], abs=0.01)


# The treatments


def taper(**fields: object) -> Given:
    steps = [(TODAY - timedelta(days=20), Decimal(10)), (TODAY + timedelta(days=9), Decimal(5))]
    facts = {"agent": "prednisolone", "form": "taper", "first": START, "last": None, "steps": steps}
    return Given(**{**facts, "amount": Decimal(20), "unit": "mg", "per_day": 2, **fields})


def test_a_taper_steps_down_to_today() -> None:
    assert [amount for _, _, amount in courses.stretches(AXIS, taper())] == [20, 10]
    drawn = courses.lane(AXIS, 0, [taper()])
    assert {"20 ×2", "10 ×2"} <= set(words(drawn))
    (bar,) = drawn.paths
    assert bar.d.count("M") == 2
    assert "20 mg per dose, 2 doses a day (40 mg a day)" in bar.title


def test_the_current_dose_and_the_next_step() -> None:
    (now,) = courses.current([taper(note="With food.")], TODAY)
    assert now.dose == "10 mg per dose, 2 doses a day (20 mg a day)"
    assert now.ahead == "30 Nov 2026: 5 mg per dose, 2 doses a day (10 mg a day)"
    over = taper(last=TODAY - timedelta(days=1))
    old = Given("IVIG", "infusion", TODAY - timedelta(days=29), TODAY - timedelta(days=29))
    recent = Given("IVIG", "infusion", TODAY - timedelta(days=27), TODAY - timedelta(days=27))
    assert [row.since for row in courses.current([over, old, recent], TODAY)] == [recent.first]


def test_one_row_an_agent_but_two_when_they_overlap() -> None:
    after = taper(first=TODAY, steps=())
    before = taper(last=TODAY - timedelta(days=1))
    assert len(courses.by_agent(AXIS, [after, before])) == 1
    assert len(courses.by_agent(AXIS, [taper(), taper(first=TODAY)])) == 2
    earlier = taper(first=START - timedelta(9), last=START - timedelta(1), agent="dexamethasone")
    assert courses.by_agent(AXIS, [earlier]) == []
    [(tone, _)] = courses.by_agent(AXIS, [earlier, taper()])
    assert tone == 2  # a row keeps the colour that it has in the whole record


def test_an_unknown_dose_is_said_and_an_infusion_is_wide_enough_to_see() -> None:
    unknown = Given("rituximab", "infusion", TODAY, TODAY)
    bare = Given("sirolimus", "daily", START, None)
    drawn = courses.lane(Axis(TODAY - timedelta(days=3000), TODAY, NARROW), 0, [unknown, bare])
    assert "?" in words(drawn)
    assert "dose not recorded" in drawn.paths[0].title
    assert courses.rows([bare, unknown])[0].agent == "rituximab"
    assert courses.dose(taper(per_day=1), Decimal(3)) == "3 mg per dose, 1 dose a day (3 mg a day)"
    assert courses.dose(taper(per_day=None), Decimal(3)) == "3 mg per dose"


def test_international_units_are_never_shortened_to_letters() -> None:
    assert unit_words("[iU]/m2") == "int. units/m²"
    assert unit_words("") == ""


# Events, calls, reviews


@given(
    st.lists(
        st.tuples(st.integers(0, 179), st.integers(0, 30), st.text("abc å語", max_size=60)), max_size=14
    ),
    st.sampled_from([WIDE, NARROW]),
)
def test_events_never_run_into_each_other(told: list[tuple[int, int, str]], sheet: Sheet) -> None:
    axis = Axis(START, TODAY, sheet)
    happened = [
        Happened(
            "Other", START + timedelta(days=day), START + timedelta(days=day + more) if more else None, text
        )
        for day, more, text in told
    ]
    drawn = marks.events(axis, 0, happened)
    for place, text in enumerate(drawn.texts):
        assert text.span[0] >= -8
        assert text.span[1] <= sheet.width
        for other in drawn.texts[:place]:
            apart = text.span[0] >= other.span[1] or text.span[1] <= other.span[0]
            assert apart or text.y != other.y
    assert len(drawn.paths) == len(happened)


def test_an_event_that_lasts_is_a_span_and_a_stay_shades() -> None:
    stay = Happened("Hospital stay", TODAY - timedelta(days=9), TODAY - timedelta(days=5), "Admitted.")
    (mark,) = marks.events(AXIS, 0, [stay]).paths
    assert mark.title == "Hospital stay, 12 Nov 2026 to 16 Nov 2026. Admitted."
    assert len(list(marks.stays(AXIS, [stay, Happened("Fall", TODAY, None, "")]))) == 1
    before = Happened("Other", START - timedelta(days=1), None, "")
    assert marks.events(AXIS, 0, [before]).height == 0


def test_a_review_is_a_tick_and_what_came_since_a_line() -> None:
    seen = Seen(TODAY - timedelta(days=9), TODAY - timedelta(days=9), "Dr A", "Seen, watching")
    tick, line = marks.reviews(AXIS, 0, [seen]).paths
    assert "Dr A: Seen, watching" in tick.title
    assert line.css == "chart-waiting"
    assert words(marks.reviews(AXIS, 0, [])) == ["not reviewed yet"]
    assert len(marks.reviews(AXIS, 0, [Seen(TODAY, TODAY, "Dr A", "Noted")]).paths) == 1


def test_a_call_for_a_look_is_a_triangle() -> None:
    assert [path.css for path in marks.calls(AXIS, 0, [daily(TODAY, worried=True)]).paths] == [
        "chart-mark chart-mark-flag"
    ]
    assert marks.calls(AXIS, 0, [daily(TODAY)]).height == 0


# The whole


def test_the_picture_holds_no_lane_twice_and_says_what_it_shows() -> None:
    record = Record(
        [*weekly(2, 2, 2, None, None, 7), daily(TODAY, eyes=2, worried=True)],
        [taper()],
        [Happened("Hospital stay", TODAY, TODAY, "")],
        [Seen(TODAY, TODAY, "Dr A", "Noted")],
    )
    picture = draw(record, START, TODAY)
    for drawing in (picture.wide, picture.narrow):
        tops = [lane.top for lane in drawing.lanes]
        assert tops == sorted(tops)
        assert drawing.lanes[-1].bottom <= drawing.height
        assert drawing.below < drawing.height
    assert "4 with a total, 2 without" in picture.said
    assert "newest total is 7 of 18, on 21 Nov 2026, usually 2" in picture.said
    assert "broken once" in picture.said
    assert "prednisolone" in picture.said
    day = next(day for day in picture.wide.days if "Sat 21 Nov 2026" in day.title)
    assert "Home check 7 of 18, usually 2" in day.title
    assert "Eyes 2. The family asks for a look" in day.title
    assert not picture.narrow.days


def test_nothing_is_drawn_of_nothing() -> None:
    picture = draw(Record(), START, TODAY)
    assert (
        picture.said
        == "Home checks: 0 with a total, 0 without. Daily check-ins: 0. Treatments: none recorded."
    )


def test_a_line_broken_twice_is_said_so() -> None:
    checks = [check(START + timedelta(days=day), 1) for day in (0, 30, 60)]
    assert "broken 2 times" in draw(Record(checks), START, TODAY).said


def test_the_table_never_gives_a_partial_total() -> None:
    checks = weekly(2, 2, 2, 7, None, 2)
    rows = days.check_rows(Record(checks), Usual.of(checks), START)
    assert [(row.score, row.usual, row.change) for row in rows[:3]] == [
        ("2 of 18", "2", "0"),
        ("4 of 6 items, no total", "", ""),
        ("7 of 18", "2", "+5"),
    ]
    (row,) = days.daily_rows(Record([daily(TODAY, eyes=None, mood=0), daily(START - timedelta(1))]), START)
    assert row.ratings == ["cannot tell", "–", "–", "–", "–", "0"]
    assert days.score_words(daily(TODAY)) == ""


# Entries in words


def stored(**fields: object) -> CheckIn:
    facts = {"kind": "daily", "local_date": TODAY, "occurred_at": at(TODAY), "received_at": at(TODAY)}
    row = CheckIn(**{**facts, **fields})
    row._prefetched_objects_cache = {
        "ratings": [SimpleNamespace(item="eyes", value=2), SimpleNamespace(item="mood", value=None)],
        "measurements": [SimpleNamespace(kind="sleep_hours", value=Decimal("9.5"), unit="h")],
    }
    row._state.fields_cache["replaced_by"] = None
    return row


def test_an_entry_in_words() -> None:
    line = entries.line(stored(received_at=at(TODAY + timedelta(days=5))))
    assert (line.headline, line.ratings, line.measured) == (
        "Daily check-in",
        "Eyes 2, Mood cannot tell",
        "Sleep 9.5 h",
    )
    assert line.late == "came 5 days later"
    assert line.state == ""
    assert entries.stands(line.check_in)


def test_a_mistake_and_a_correction_stay_visible() -> None:
    first = stored()
    first._state.fields_cache["replaced_by"] = stored(error_reason="wrong child")
    assert entries.state(first) == "Marked as a mistake: wrong child"
    assert not entries.stands(first)
    first._state.fields_cache["replaced_by"] = stored()
    assert entries.state(first) == "Corrected by a later entry"
    marker = entries.line(stored(kind="home_check", error_reason="wrong child"))
    assert (marker.headline, marker.ratings) == ("Marked as a mistake", "")
    assert marker.state == "Entry of 21 Nov 2026: wrong child"
    assert not entries.stands(marker.check_in)
    assert entries.state(stored(replaces_id=first.pk)) == "Corrects an earlier entry"


def test_words_are_shortened_and_kept_apart() -> None:
    assert shapes.shortened("short", 100) == "short"
    assert shapes.shortened("語" * 20, 60) == "語語語…"
    crowd = [shapes.Text(0, 0, "abc"), shapes.Text(5, 0, "abc"), shapes.Text(5, 20, "abc")]
    assert shapes.spaced(crowd) == [crowd[0], crowd[2]]
    assert day_words(TODAY, TODAY) == "21 Nov 2026"
