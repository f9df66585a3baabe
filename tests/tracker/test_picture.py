"""The picture against the data: everything once, at its day, on its own axis, and the same in the tables."""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker import scoring
from tracker.timeline import bins, changes, draw, flowsheet, home_check, measured, raters, ratings, signals
from tracker.timeline.arrival import late_words, review_missed
from tracker.timeline.axis import NARROW, WIDE, Axis
from tracker.timeline.days import check_rows, daily_rows, pointed
from tracker.timeline.facts import Given, Logged, NotGiven, Pinned, Raised, Rated, Record, Spell, Usual
from tracker.timeline.shapes import Lane
from tracker.timeline.trend import bounds, trend

TODAY = date(2026, 11, 21)
START = TODAY - timedelta(days=179)
AXIS = Axis(START, TODAY, WIDE)
LONG = Axis(TODAY - timedelta(days=3649), TODAY, WIDE)
DOMAINS = [item.key for item in scoring.HOME_CHECK.items]
QUICK = settings(max_examples=60, deadline=None)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def check(day: date, total: int | None, author: str = "", **fields: object) -> Logged:
    left, ratings_ = total or 0, {}
    for key in DOMAINS:
        ratings_[key] = min(3, left)
        left -= ratings_[key]
    if total is None:
        ratings_["speech"] = None
    score = scoring.score(scoring.HOME_CHECK, ratings_)
    return Logged(day, at(day), "home_check", ratings_, score, author=author, key=uuid4(), **fields)


def daily(day: date, **fields: object) -> Logged:
    return Logged(day, at(day), "daily", fields.pop("ratings", {"eyes": 0}), key=uuid4(), **fields)


def rated(day: date, total: int | None, version: str = "1", items: int = 6) -> Rated:
    score = scoring.Score(items, items if total is not None else items - 1, total)
    return Rated(
        day, "mitchell-pike", version, "Dr A", "In the clinic", score, {"mp_gait": 2, "mp_mood": None}
    )


DAYS = st.integers(0, 3649).map(lambda back: TODAY - timedelta(days=back))
CHECKS = st.lists(
    st.builds(check, DAYS, st.none() | st.integers(0, 18), st.sampled_from(["", "Ava", "Noor", "Kim", "Bo"])),
    max_size=60,
).map(lambda checks: sorted(checks, key=lambda one: one.day))


def marks(lane: Lane, *css: str) -> Counter[tuple[float, float]]:
    """The middles of circles, squares, diamonds and triangles of these classes."""
    found: Counter[tuple[float, float]] = Counter()
    for path in lane.paths:
        if path.css.split()[0] in css:
            found.update(middles(path.d))
    return found


def middles(d: str) -> list[tuple[float, float]]:
    shapes = [
        (r"M(\S+) (\S+)a(\S+)", lambda x, y, r: (x + r, y)),
        (r"M(\S+) (\S+)H(\S+)V(\S+)H", lambda x, y, r, b: ((x + r) / 2, (y + b) / 2)),
        (r"M(\S+) (\S+)l(\S+)", lambda x, y, size: (x, y + size)),
        (r"M(\S+) (\S+)L(\S+) (\S+)H(\S+)Z", lambda x, y, r, b, _: (x, y + (b - y) / 1.8)),
    ]
    return [
        tuple(round(part, 0) for part in middle(*map(float, hit)))
        for pattern, middle in shapes
        for hit in re.findall(pattern, d)
    ]


# Every entry once, at its day, on a fixed axis


@QUICK
@given(CHECKS)
def test_each_complete_check_is_drawn_once_at_its_day_and_height(checks: list[Logged]) -> None:
    usual = Usual.of(checks)
    lane = home_check.lane(AXIS, 0, checks, usual)
    scale = home_check.Scale(AXIS, 0)
    shown = [one for one in checks if one.total is not None and AXIS.shows(one.day)]
    due = Counter(tuple(round(part, 0) for part in scale.point(one)) for one in shown)
    drawn = marks(lane, "chart-dot")
    assert sum(drawn.values()) == len(shown)
    for (x, y), times in due.items():
        near = sum(n for (a, b), n in drawn.items() if abs(a - x) <= 1 and abs(b - y) <= 1)
        assert near >= times
    partial = [path for path in lane.paths if path.css == "chart-dot-open"]
    assert len(partial) == sum(one.total is None and AXIS.shows(one.day) for one in checks)


@QUICK
@given(CHECKS)
def test_a_long_span_holds_every_check_in_one_piece_and_leaves_gaps_open(checks: list[Logged]) -> None:
    complete = [one for one in checks if one.total is not None]
    lane = home_check.lane(LONG, 0, checks, Usual.of(checks))
    lines = [path.d for path in lane.paths if path.css == "chart-line"]
    assert len(lines) == len(list(home_check.runs(complete)))
    assert all(line.count("M") == 1 for line in lines)
    pieces = sum(line.count("L") + 1 for line in lines)
    assert sum(marks(lane, "chart-dot").values()) >= pieces
    dots = next((path.d for path in lane.paths if path.css == "chart-dot"), "")
    assert len(middles(dots)) == pieces


@QUICK
@given(CHECKS, st.sampled_from([AXIS, LONG, Axis(START, TODAY, NARROW)]))
def test_no_number_is_lost_and_none_leaves_the_fixed_axis(checks: list[Logged], axis: Axis) -> None:
    record = Record(checks, rated=[rated(TODAY, 7)])
    picture = draw(record, axis.first, axis.last)
    written = "".join(
        path.d for drawing in (picture.wide, picture.narrow) for lane in drawing.lanes for path in lane.paths
    )
    assert "nan" not in written.lower()
    assert "inf" not in written.lower()
    scale = home_check.Scale(axis, 0)
    assert (scale.y(0), scale.y(18)) == (home_check.HEIGHT, 0)


def test_zero_is_drawn_everywhere() -> None:
    zeros = [daily(TODAY, ratings=dict.fromkeys([item.key for item in scoring.DAILY.items], 0))]
    zero = {"sleep_hours": Decimal(0), "wakings": Decimal(0), "falls": Decimal(0)}
    zeros.append(daily(TODAY, measured=zero))
    for axis in (AXIS, LONG):
        for lane in (
            measured.sleep(axis, 0, zeros),
            measured.counts(axis, 0, zeros, "wakings"),
            measured.counts(axis, 0, zeros, "falls"),
        ):
            (column,) = [path for path in lane.paths if "chart-count" in path.css]
            assert re.search(r"v-2$", column.d)
    assert marks(home_check.lane(AXIS, 0, [check(TODAY, 0)], Usual.of([check(TODAY, 0)])), "chart-dot")


@QUICK
@given(st.lists(st.tuples(DAYS, st.integers(0, 24)), min_size=1, max_size=60))
def test_every_bin_says_median_and_range(told: list[tuple[date, int]]) -> None:
    pairs = sorted(told)
    spreads = bins.spreads(LONG, [(day, float(figure)) for day, figure in pairs])
    assert sum(one.number for one in spreads) == len(pairs)
    assert all(one.low <= one.middle <= one.high for one in spreads)
    assert all(WIDE.left <= one.x <= WIDE.right for one in spreads)
    assert len({one.x for one in spreads}) == len(spreads)


@given(DAYS, st.sampled_from(["day", "week", "month"]))
def test_a_day_lies_in_its_bin(day: date, wide: bins.Size) -> None:
    first, last = bins.bin_of(day, wide)
    assert first <= day <= last
    assert bins.bin_of(first, wide) == bins.bin_of(last, wide) == (first, last)


# Home checks and clinicians' ratings


@QUICK
@given(
    CHECKS,
    st.lists(st.builds(rated, DAYS, st.none() | st.integers(0, 15), st.sampled_from("12")), max_size=8),
)
def test_clinicians_ratings_share_no_lane_path_or_symbol_with_home_checks(
    checks: list[Logged], told: list[Rated]
) -> None:
    for drawing in (
        draw(Record(checks, rated=told), START, TODAY).wide,
        draw(Record(checks, rated=told), LONG.first, TODAY).wide,
    ):
        for lane in drawing.lanes:
            kinds = {word for path in lane.paths for word in path.css.split()}
            clinical = {word for word in kinds if word.startswith("chart-rating")}
            family = kinds & {"chart-dot", "chart-dot-open", "chart-line", "chart-range", "chart-band"}
            assert not (clinical and family)
            assert len([path for path in lane.paths if path.css.count("chart-rating") > 1]) == 0


def test_each_version_of_a_scale_has_an_axis_of_its_own() -> None:
    told = [rated(TODAY, 7), rated(TODAY, 7, version="0", items=5)]
    groups = ratings.groups(told)
    assert len(groups) == 2
    tops = [text.words for group in groups for text in ratings.lane(AXIS, 0, group).texts]
    assert {"18", "15"} <= set(tops)
    drawn = ratings.lane(AXIS, 0, [rated(TODAY, None), rated(TODAY - timedelta(days=9), 0)])
    assert {path.css for path in drawn.paths} == {"chart-tick", "chart-rating", "chart-rating-open"}
    assert "5 of 6" in [text.words for text in drawn.texts]
    assert ratings.lane(AXIS, 0, [rated(START - timedelta(days=1), 3)]).height == 0


def test_ratings_as_a_table_tell_not_assessable_from_zero() -> None:
    (sheet,) = ratings.rows([rated(TODAY, None)])
    assert sheet.rows[0][1:] == ("5 of 6 items, no total", ["2", "not assessable"])
    assert ratings.value_words({}, "mp_gait") == "–"


# Two caregivers


def test_two_caregivers_have_marks_of_their_own_and_are_compared() -> None:
    checks = []
    for week in range(4):
        day = TODAY - timedelta(weeks=week)
        checks += [check(day, 5, "Ava"), check(day, 4 - week % 2, "Noor")]
    checks.sort(key=lambda one: one.day)
    assert raters.apart(checks) == "A rates 1.5 higher than B on the same weeks (4 weeks)."
    assert raters.named(checks) == ["A (circles): Ava.", "B (squares): Noor."]
    lane = home_check.lane(AXIS, 0, checks, Usual.of(checks))
    assert {"chart-dot", "chart-dot chart-dot-b"} <= {path.css for path in lane.paths}
    assert "A rates 1.5 higher" in draw(Record(checks), START, TODAY).said
    assert raters.apart([check(TODAY, 5, "Ava"), check(TODAY, 5, "Noor")]).startswith("A and B rate alike")
    assert raters.apart([check(TODAY, 2, "Ava"), check(TODAY, 9, "Noor")]).startswith("B rates 7 higher")
    assert raters.apart([check(TODAY, 5, "Ava")]) == ""
    assert raters.named([check(TODAY, 5, "Ava")]) == []
    apart = [check(START, 5, "Ava"), check(TODAY, 5, "Noor")]
    assert raters.apart(apart) == ""


def test_contradictory_caregivers_of_one_day_are_both_drawn_and_the_line_takes_the_middle() -> None:
    both = [check(TODAY, 2, "Ava"), check(TODAY, 14, "Noor")]
    lane = home_check.lane(AXIS, 0, both, Usual.of(both))
    assert sum(marks(lane, "chart-dot").values()) == 2
    (line,) = [path.d for path in lane.paths if path.css == "chart-line"]
    scale = home_check.Scale(AXIS, 0)
    assert line == f"M{AXIS.x(TODAY):g} {scale.y(8):g}"


# How entries came


def test_late_is_more_than_two_days_after_the_days_end_on_the_familys_clock() -> None:
    day = date(2026, 11, 3)
    assert late_words(day, datetime(2026, 11, 5, 23, 59, tzinfo=UTC), "Europe/London") == ""
    assert late_words(day, datetime(2026, 11, 6, 0, 1, tzinfo=UTC), "Europe/London") == "came 3 days later"
    assert late_words(day, datetime(2026, 11, 6, 0, 1, tzinfo=UTC), "America/New_York") == ""


def test_a_review_made_after_the_day_and_before_the_receipt_missed_it() -> None:
    covered = [(date(2026, 11, 3), at(date(2026, 11, 3))), (date(2026, 11, 10), at(date(2026, 11, 10)))]
    late = at(date(2026, 11, 5))
    assert review_missed(date(2026, 11, 2), late, covered) == "arrived after the review of 3 Nov 2026"
    assert review_missed(date(2026, 11, 3), late, covered) == ""  # the day was not over
    assert review_missed(date(2026, 11, 2), at(date(2026, 11, 2)), covered) == ""


def test_late_amended_and_phoned_entries_have_symbols_of_their_own() -> None:
    entries = [
        daily(TODAY, late="came 5 days later"),
        daily(TODAY - timedelta(days=1), late="arrived after the review of 3 Nov 2026", after_review=True),
        daily(TODAY - timedelta(days=2), amended=True),
        daily(TODAY - timedelta(days=3), by_phone=True),
        daily(TODAY - timedelta(days=4)),
    ]
    for axis in (AXIS, LONG):
        lane = signals.arrivals(axis, 0, entries)
        kinds = {"chart-late", "chart-late chart-missed-review", "chart-amended", "chart-phone"}
        assert {path.css for path in lane.paths} == kinds
    assert signals.arrivals(AXIS, 0, entries[-1:]).height == 0
    (row, *_) = daily_rows(Record(entries), START)
    assert row.came == "" or row.came == "came 5 days later"
    assert {row.came for row in daily_rows(Record(entries), START)} >= {"corrected", "by phone"}


# Episodes, flags, notes, doses


def test_an_open_episode_fades_out_and_a_closed_one_does_not() -> None:
    spells = [
        Spell(START, START + timedelta(days=20), START + timedelta(days=5)),
        Spell(TODAY - timedelta(days=9), None),
    ]
    lane = signals.episodes(AXIS, 0, spells)
    boxes = [path for path in lane.paths if path.title.startswith("Episode")]
    assert [path.fading for path in boxes] == [False, True]
    assert any(path.fading and "open" in path.title for path in lane.paths)
    picture = draw(Record(episodes=spells), START, TODAY)
    assert picture.wide.fading
    assert "Episode open since 12 Nov 2026." in picture.said
    assert (
        signals.episodes(AXIS, 0, [Spell(START - timedelta(days=9), START - timedelta(days=3))]).height == 0
    )


def test_flags_notes_and_missed_doses_say_what_they_are() -> None:
    flags = [
        Raised(TODAY, 4, "Same day", "Vomited steroids.", "steroid, version 1", True),
        Raised(TODAY, 3, "Possible change", "Rose.", "change, version 1", False),
    ]
    drawn = signals.flags(AXIS, 0, flags).paths
    assert {path.css for path in drawn} == {
        "chart-flag chart-flag-soon chart-flag-seen",
        "chart-flag chart-flag-urgent",
    }
    notes = [
        Pinned(TODAY - timedelta(days=90), "School asks.", "Dr A"),
        Pinned(TODAY, "Phoned the family.", "Dr A"),
    ]
    assert len(signals.notes(AXIS, 0, notes).paths) == 2
    assert all(text.span[1] <= WIDE.right for text in signals.notes(AXIS, 0, notes).texts)
    doses = [NotGiven(TODAY, "prednisolone", "Vomited", "after breakfast")]
    lane = signals.missed(AXIS, 0, doses, [daily(TODAY, all_doses=False), daily(START, all_doses=True)])
    assert [path.css for path in lane.paths] == ["chart-missed", "chart-not-all"]
    assert lane.paths[0].title == "prednisolone, 21 Nov 2026: vomited (after breakfast)"


def test_temperatures_at_the_line_are_filled_and_said() -> None:
    told = [
        daily(START, measured={"temperature_c": Decimal("37.9")}),
        daily(TODAY, measured={"temperature_c": Decimal("38.0")}),
    ]
    for axis in (AXIS, LONG):
        lane = measured.temperature(axis, 0, told)
        assert {"chart-warmth", "chart-warmth chart-fever", "chart-limit"} == {
            path.css for path in lane.paths
        }
        assert [text.words for text in lane.texts] == ["38", "38.0"]


# The tables say the same


@QUICK
@given(CHECKS)
def test_the_tables_hold_what_the_picture_draws(checks: list[Logged]) -> None:
    record, usual = Record(checks), Usual.of(checks)
    shown = [one for one in checks if AXIS.shows(one.day)]
    rows = check_rows(record, usual, START, TODAY)
    assert Counter(row.key for row in rows) == Counter(one.key for one in shown)
    told = Counter(row.score.removesuffix(" of 18") for row in rows if row.score.endswith(" of 18"))
    assert told == Counter(str(one.total) for one in shown if one.total is not None)
    assert {day.title.split("\n")[0] for day in pointed(record, usual, AXIS)} == {
        bins.name(one.day, "day") for one in shown
    }


@QUICK
@given(CHECKS)
def test_the_gathered_table_says_the_same_as_the_gathered_marks(checks: list[Logged]) -> None:
    sheet = flowsheet.sheet(Record(checks), LONG.first, TODAY, "month", TODAY)
    totals = next(line for _, lines in sheet.blocks for line in lines if line.feature.key == "home_check")
    assert Counter(totals.told) == Counter(
        (one.day, float(one.total)) for one in checks if one.total is not None
    )
    pointers = {day.title.split("\n")[0] for day in pointed(Record(checks), Usual.of(checks), LONG)}
    assert pointers == {f"{column.first:%b %Y}" for column in sheet.columns}


def test_a_day_of_forty_entries_is_one_column_that_leads_to_the_list() -> None:
    crowd = [daily(TODAY) for _ in range(40)]
    (day,) = pointed(Record(crowd), Usual(), AXIS)
    assert day.address == "entries/?from=2026-11-21&days=1"
    assert day.title.endswith("and 28 more")
    (alone,) = pointed(Record(crowd[:1]), Usual(), AXIS)
    assert alone.address == f"entries/{crowd[0].key}/"


# The flowsheet


def test_zero_not_asked_cannot_tell_and_silence_are_four_things() -> None:
    entries = [daily(TODAY - timedelta(days=1), ratings={"eyes": 0, "mood": None}), check(TODAY, None)]
    sheet = flowsheet.sheet(Record(entries, rated=[rated(TODAY, 7)]), START, TODAY, "day", TODAY)
    assert [column.name for column in sheet.columns] == ["today", "20 Nov 26"]
    cells = {
        line.feature.key: [cell.words for cell in line.cells] for _, lines in sheet.blocks for line in lines
    }
    assert cells["daily.eyes"] == ["", "0"]
    assert cells["daily.mood"] == ["", "?"]
    assert cells["daily.jerks"] == ["", "–"]
    assert cells["home_check"] == ["5 of 6", ""]
    assert cells["clinician.mitchell-pike.1.6"] == ["7", ""]
    assert [block for block, _ in sheet.blocks][-1] == "Clinician: Mitchell-Pike rating, version 1"
    assert sheet.across == 3


def test_weeks_and_visits_gather_median_and_range() -> None:
    entries = [
        check(TODAY - timedelta(days=back), total) for back, total in ((20, 1), (19, 5), (18, 3), (1, 2))
    ]
    record = Record(entries, rated=[rated(TODAY - timedelta(days=15), 4)])
    for by, names in (("week", 2), ("visit", 2), ("month", 1)):
        sheet = flowsheet.sheet(record, START, TODAY, by, TODAY)
        totals = next(line for _, lines in sheet.blocks for line in lines if line.feature.key == "home_check")
        assert len([cell for cell in totals.cells if cell.words]) >= names
    visits = flowsheet.sheet(record, START, TODAY, "visit", TODAY)
    totals = next(line for _, lines in visits.blocks for line in lines if line.feature.key == "home_check")
    assert [cell.words for cell in totals.cells] == ["2", "3 (1–5)"]


def test_a_trend_breaks_at_gaps_and_draws_zero() -> None:
    told = [(START, 0.0), (START + timedelta(days=5), 2.0), (TODAY, 1.0)]
    drawn = trend(told, START, TODAY, 18)
    assert len([path for path in drawn.paths if path.css == "chart-line"]) == 2
    assert trend([], START, TODAY, None).paths
    assert bounds([36.5, 39.0], None) == (34, 42)
    assert bounds([0, 7], None) == (0, 7)
    assert bounds([], None) == (0, 1)


# What changed


def raised(back: int, known: datetime) -> Raised:
    return Raised(TODAY - timedelta(days=back), 3, "Possible change", "Rose.", "r", True, known_at=known)


def test_what_changed_is_said_in_sentences() -> None:
    look, day = at(TODAY - timedelta(days=10)), TODAY - timedelta(days=10)
    steps = [(TODAY - timedelta(days=3), Decimal(10)), (TODAY + timedelta(days=3), Decimal(5))]
    taper = Given("prednisolone", "taper", START, None, Decimal(20), "mg", 1, steps=steps, known_at=at(START))
    new = Given("IVIG", "infusion", TODAY, TODAY, Decimal(1), "g/kg", known_at=at(TODAY))
    over = Given("clonazepam", "daily", START, TODAY - timedelta(days=2), known_at=at(START))
    begun = Given("melatonin", "daily", TODAY - timedelta(days=4), None, known_at=at(START))
    record = Record(
        treatments=[taper, new, over, begun],
        flags=[raised(2, at(TODAY)), raised(40, at(START))],
        not_given=[NotGiven(TODAY, "prednisolone", "Missed", "", at(TODAY))],
    )
    news = changes.News(12, (day, 2), (TODAY, 7))
    assert changes.changes(look, day, TODAY, news, record) == [
        "New flag of 19 Nov 2026, possible change: Rose.",
        "Home check was 2 on 11 Nov 2026, now 7 on 21 Nov 2026: 5 points up.",
        "prednisolone stepped to 10 mg per dose, 1 dose a day (10 mg a day) on 18 Nov 2026.",
        "New plan: IVIG from 21 Nov 2026, 1 g/kg per dose.",
        "clonazepam ended on 19 Nov 2026.",
        "melatonin began on 17 Nov 2026, dose not recorded.",
        "1 dose not given as planned: prednisolone.",
        "12 new entries.",
    ]
    several = Record(flags=[raised(2, at(TODAY)), raised(1, at(TODAY))])
    assert changes.changes(look, day, TODAY, news, several)[0] == "2 new flags: possible change."


@pytest.mark.parametrize(
    ("was", "now", "sentence"),
    [
        (None, (TODAY, 3), "First home check with a total: 3 of 18 on 21 Nov 2026."),
        ((START, 3), (TODAY, 3), "Home check 3 as before (26 May 2026 and 21 Nov 2026)."),
        ((START, 3), (TODAY, 2), "Home check was 3 on 26 May 2026, now 2 on 21 Nov 2026: 1 point down."),
        ((START, 3), (START, 3), None),
        (None, None, None),
    ],
)
def test_home_checks_before_and_now(was: object, now: object, sentence: str | None) -> None:
    told = changes.changes(at(START), START, TODAY, changes.News(0, was, now), Record())
    assert told == ([sentence] if sentence else []) + ["No new entry."]


def test_many_changes_of_one_agent_are_counted() -> None:
    drips = [Given("IVIG", "infusion", START, START, known_at=at(TODAY)) for _ in range(30)]
    told = changes.changes(at(START), START, TODAY, changes.News(1, None, None), Record(treatments=drips))
    assert len(told) == changes.MOST + 2
    assert told[-2:] == ["26 more changes of IVIG.", "1 new entry."]
    assert isinstance(check(TODAY, 1).key, UUID)
