"""The ten synthetic courses: that they repeat, stay in the past, and show what their ground truth says."""

import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from itertools import pairwise
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st

from tracker.stories import STORIES, Course, CourseEntry, course, courses
from tracker.stories.course import DAILY_ITEMS, DOMAINS, EVENT_KINDS, MEASURES, UCUM_UNITS
from tracker.stories.ratings import apportion
from tracker.stories.reading import read
from tracker.stories.stage_one import asks_for_check
from tracker.stories.story import Happening, Plan

TODAY = date(2026, 3, 30)
AWKWARD = [date(2024, 2, 29), date(2026, 3, 29), date(2026, 10, 25), date(2027, 1, 1)]  # leap, DST, DST, year
RANGES = {"sleep_hours": (2, 15), "wakings": (0, 9), "temperature_c": (35, 41), "falls": (0, 20)}
RANGES |= {"systolic_mmhg": (80, 130), "diastolic_mmhg": (45, 85)}


@cache
def ten(today: date = TODAY, seed: int = 1, whole: bool = False) -> dict[str, Course]:
    return {one.key: one for one in courses(today, seed, whole=whole)}


def every_entry(whole: bool = False) -> Iterable[CourseEntry]:
    return (entry for one in ten(whole=whole).values() for entry in one.entries)


def on_day(key: str, day: int) -> list[CourseEntry]:
    when = TODAY + timedelta(days=day - read(key).shown.today)
    return [entry for entry in ten()[key].entries if entry.local_date == when]


def totals(one: Course, first: date, last: date) -> list[int]:
    return [e.total for e in one.entries if e.total is not None and first <= e.local_date <= last]


def test_there_are_ten_all_called_example() -> None:
    assert len(STORIES) == 10
    assert all(one.name.endswith(" Example") for one in ten().values())


def test_same_seed_and_date_give_the_same_courses() -> None:
    assert repr(courses(TODAY, 7)) == repr(courses(TODAY, 7))
    assert repr(course("ava", TODAY, 7)) != repr(course("ava", TODAY, 8))


def test_the_hash_seed_of_the_process_changes_nothing() -> None:
    code = "from datetime import date; from tracker.stories import course;"
    code += "print(course('jun', date(2026, 3, 30)))"
    outputs = {
        subprocess.check_output([sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": salt})
        for salt in ("1", "2")
    }
    assert len(outputs) == 1


def assert_past(one: Course, today: date) -> None:
    noon = datetime.combine(today, time(12))
    for entry in one.entries:
        assert entry.occurred_at <= entry.received_at <= noon.replace(tzinfo=ZoneInfo(entry.zone))
        assert entry.local_date <= today


@pytest.mark.parametrize("today", [TODAY, *AWKWARD])
def test_nothing_lies_in_the_future(today: date) -> None:
    for one in ten(today).values():
        assert_past(one, today)
        assert all(row.starts_on <= today for row in one.treatments)
        assert all(event.on <= today for event in one.events)
        assert all((row.ends_on or today) <= today for row in one.treatments)


@given(today=st.dates(date(2020, 1, 1), date(2037, 12, 31)), seed=st.integers(0, 999))
@budget(max_examples=15, deadline=None)  # years of a course take their time
def test_any_date_and_seed_stay_in_the_past(today: date, seed: int) -> None:
    assert_past(course("eli", today, seed), today)


@pytest.mark.parametrize("today", AWKWARD)
def test_the_local_date_is_that_of_the_wall_clock(today: date) -> None:
    for one in ten(today).values():
        for entry in one.entries:
            wall = entry.occurred_at.astimezone(ZoneInfo(entry.zone))
            small_hours = timedelta(hours=4 * (wall.hour < 4))  # still the day before, as the family calls it
            assert entry.occurred_at.tzinfo is UTC
            assert entry.local_date == (wall - small_hours).date()


def test_now_drops_what_came_after_it() -> None:
    now = datetime(2026, 3, 20, 12, tzinfo=UTC)
    kept = course("ben", TODAY, now=now).entries
    assert kept
    assert kept == tuple(entry for entry in ten()["ben"].entries if entry.received_at <= now)


@pytest.mark.parametrize("key", sorted(set(STORIES) - {"george"}))
def test_the_log_ends_within_two_days_of_today(key: str) -> None:
    assert 0 <= (TODAY - ten()[key].entries[-1].local_date).days <= 2


def test_one_stopped_three_weeks_ago() -> None:
    assert (TODAY - ten()["george"].entries[-1].local_date).days == 21


def test_each_course_is_long_enough_and_all_are_small_enough() -> None:
    sizes = [len(one.entries) for one in ten().values()]
    assert 2400 <= sum(sizes) <= 4500
    assert all((one.entries[-1].local_date - one.entries[0].local_date).days >= 150 for one in ten().values())


def test_ratings_are_0_to_3_of_the_items_asked() -> None:
    for entry in every_entry(whole=True):
        asked = DAILY_ITEMS if entry.kind == "daily" else DOMAINS
        assert set(entry.ratings) == {"mood"} if entry.private else set(asked)
        assert set(entry.ratings.values()) <= {None, 0, 1, 2, 3}


def test_measurements_are_in_range() -> None:
    for entry in every_entry(whole=True):
        assert set(entry.measurements) <= set(MEASURES)
        for name, value in entry.measurements.items():
            low, high = RANGES[name]
            assert isinstance(value, Decimal)
            assert low <= value <= high


def test_units_and_kinds_are_allowed_ones() -> None:
    for one in ten(whole=True).values():
        assert {row.unit for row in one.treatments if row.amount is not None} <= set(UCUM_UNITS)
        assert {step.unit for row in one.treatments for step in row.steps} <= set(UCUM_UNITS)
        assert {event.kind for event in one.events} <= set(EVENT_KINDS)


@pytest.mark.parametrize("unit", ["IU", "U", "mcg", ""])
def test_a_unit_outside_ucum_is_refused(unit: str) -> None:
    with pytest.raises(ValueError, match="unit"):
        Plan(agent="corticotropin", form="daily", first=0, last=1, amount=75, unit=unit)


def test_an_unknown_story_or_kind_is_refused() -> None:
    with pytest.raises(KeyError, match="zoe"):
        course("zoe", TODAY)
    with pytest.raises(ValueError, match="party"):
        Happening(kind="party", day=3, text="Cake.")


ACUTE = [("ben", 0), ("ben", 1), ("chidi", 0), ("eli", 0), ("fatima", 0), ("hana", 0), ("jun", 0)]


@pytest.mark.parametrize(("key", "which"), ACUTE)
def test_an_acute_onset_shows_in_the_home_checks(key: str, which: int) -> None:
    one = ten(whole=True)[key]
    onset = one.ground_truth.onsets[which]
    before = totals(one, onset.on - timedelta(days=28), onset.on - timedelta(days=1))
    after = totals(one, onset.on, onset.on + timedelta(days=14))
    assert onset.kind == "acute"
    assert median(after) >= median(before) + 3


def test_there_are_no_onsets_but_those_and_one_drift() -> None:
    onsets = [(one.key, onset.kind) for one in ten(whole=True).values() for onset in one.ground_truth.onsets]
    assert sorted(onsets) == sorted([*((key, "acute") for key, _ in ACUTE), ("ivo", "drift")])


def test_ivo_has_drifted_and_writes_less() -> None:
    ivo, month = ten()["ivo"], TODAY - timedelta(days=27)
    before = totals(ivo, TODAY - timedelta(days=70), TODAY - timedelta(days=42))
    assert median(totals(ivo, month, TODAY)) >= median(before) + 1.5
    recent = [e for e in ivo.entries if e.kind == "daily" and e.local_date >= month]
    assert 8 <= len(recent) <= 18


@pytest.mark.parametrize("key", ["ben", "fatima"])
def test_two_are_worse_than_their_own_usual_today(key: str) -> None:
    one, week = ten()[key], TODAY - timedelta(days=7)
    usual = totals(one, TODAY - timedelta(days=63), TODAY - timedelta(days=10))
    assert min(totals(one, TODAY - timedelta(days=3), TODAY)) >= median(usual) + 3
    assert one.ground_truth.onsets[-1].on >= week - timedelta(days=1)


@pytest.mark.parametrize("key", ["ava", "dana", "eli", "hana", "jun"])
def test_the_others_are_stable_today(key: str) -> None:
    one = ten()[key]
    recent = totals(one, TODAY - timedelta(days=20), TODAY)
    usual = totals(one, TODAY - timedelta(days=70), TODAY - timedelta(days=21))
    assert median(recent) < median(usual) + 2
    assert not [onset for onset in one.ground_truth.onsets if onset.on > TODAY - timedelta(days=120)]


def test_danas_flare_is_over_after_72_hours() -> None:
    flare = TODAY + timedelta(days=340 - read("dana").shown.today)
    assert max(totals(ten()["dana"], flare, flare + timedelta(days=1))) >= 3
    assert max(totals(ten()["dana"], flare + timedelta(days=3), flare + timedelta(days=9))) <= 2


def test_jun_has_no_total_before_she_walks() -> None:
    walks = TODAY - timedelta(days=read("jun").shown.today - 260)
    early = [e for e in ten()["jun"].entries if e.kind == "home_check" and e.local_date < walks]
    assert len(early) > 25
    assert all(entry.ratings["gait"] is None and entry.total is None for entry in early)


def test_partial_checks_are_found_in_several_stories() -> None:
    partial = {
        key
        for key, one in ten().items()
        if any(entry.kind == "home_check" and entry.total is None for entry in one.entries)
    }
    assert len(partial) >= 5


@pytest.mark.parametrize("key", STORIES)
def test_nobody_writes_in_a_gap(key: str) -> None:
    for gap in read(key).gaps:
        assert not [day for day in range(gap.first, gap.last + 1) if on_day(key, day)]


def test_some_days_are_missed_and_weekends_more() -> None:
    days = [TODAY - timedelta(days=280 - day) for day in range(215)]  # while Ivo's family writes daily
    missed: list[date] = []
    for seed in range(1, 7):
        logged = {entry.local_date for entry in course("ivo", TODAY, seed).entries if entry.kind == "daily"}
        missed += [day for day in days if day not in logged]
    assert 0.06 <= len(missed) / (6 * len(days)) <= 0.14
    assert sum(day.weekday() >= 5 for day in missed) / len(missed) > 0.35


@pytest.mark.parametrize("key", STORIES)
def test_home_checks_keep_a_weekly_rhythm(key: str) -> None:
    days = [entry.local_date for entry in ten()[key].entries if entry.kind == "home_check"]
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    assert 6 <= median(gaps) <= 8
    assert min(gaps) >= 1
    assert max(gaps) <= 16


def test_stage_one_asks_for_a_check_on_a_rise() -> None:
    quiet: dict[int, dict[str, int | None]] = {
        day: dict.fromkeys(("eyes", "jerks", "walking", "hands"), 0) for day in range(10)
    }
    one_up, two_up = {**quiet[0], "eyes": 1}, {**quiet[0], "eyes": 2}
    assert not asks_for_check({**quiet, 10: one_up}, 10)
    assert asks_for_check({**quiet, 10: one_up, 11: one_up}, 11)
    assert asks_for_check({**quiet, 10: two_up}, 10)


@pytest.mark.parametrize("total", range(19))
def test_points_are_shared_out_whole(total: int) -> None:
    points = apportion(total, read("jun").weights["infant"])
    assert sum(points.values()) == total
    assert set(points.values()) <= {0, 1, 2, 3}


def test_chidis_fever_is_the_last_thing_logged() -> None:
    (fever,) = [entry for entry in on_day("chidi", 205) if entry.kind == "daily"]
    assert fever.measurements["temperature_c"] == Decimal("38.6")
    assert fever.worried
    assert ten()["chidi"].events[-1].until is None


def test_eli_misses_four_steroid_doses() -> None:
    given = {day: [e.all_doses for e in on_day("eli", day) if e.kind == "daily"] for day in range(119, 127)}
    assert [day for day, doses in given.items() if False in doses] == [120, 121, 122, 123]
    assert on_day("eli", 123)[0].signs == ("vomiting_doses", "floppy")
    assert {entry.zone for entry in on_day("eli", 120)} != {entry.zone for entry in on_day("eli", 121)}


def test_elis_two_phones_send_the_same() -> None:
    first, second = (entry for entry in on_day("eli", 118) if entry.kind == "daily")
    assert first.ratings == second.ratings
    assert first.caregiver != second.caregiver


def test_what_is_hanas_alone_is_private_and_in_no_note() -> None:
    (own,) = [entry for entry in ten()["hana"].entries if entry.private]
    assert own.signs == ("self_harm",)
    assert ten()["hana"].caregivers[own.caregiver] == "self"
    notes = " ".join(entry.note.lower() for entry in ten()["hana"].entries)
    assert "harm" not in notes


def test_some_entries_come_late_and_some_are_written_after_midnight() -> None:
    late = [e for e in every_entry() if e.received_at - e.occurred_at > timedelta(hours=12)]
    night = [e for e in every_entry() if e.occurred_at.astimezone(ZoneInfo(e.zone)).date() > e.local_date]
    assert len(late) > 20
    assert len(night) > 5
