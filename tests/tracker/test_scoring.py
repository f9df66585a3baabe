"""Totals exist only when complete, nothing unknown counts as 0, and the baseline is a median."""

from datetime import date, timedelta
from decimal import Decimal
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker import scoring
from tracker.models import CheckIn, Measurement
from tracker.scoring import BASELINE_NEEDS, BASELINE_TAKES, HOME_CHECK, Score

KEYS = [item.key for item in HOME_CHECK.items]
answers = st.dictionaries(st.sampled_from(KEYS), st.none() | st.integers(0, 3))
checks = st.lists(
    st.tuples(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.none() | st.integers(0, 18)), max_size=12
).map(lambda rows: sorted(rows, key=lambda row: row[0]))
ON = date(2026, 12, 31)


@given(answers)
def test_a_total_exists_only_when_every_item_was_rated(ratings: dict[str, int | None]) -> None:
    known = [value for value in ratings.values() if value is not None]
    result = scoring.score(HOME_CHECK, ratings)
    assert (result.items, result.rated) == (6, len(known))
    assert result.total == (sum(known) if len(known) == 6 else None)


@given(answers, st.sampled_from(KEYS))
def test_cannot_tell_scores_as_if_it_had_not_been_asked(ratings: dict[str, int | None], key: str) -> None:
    unasked = {item: value for item, value in ratings.items() if item != key}
    assert scoring.score(HOME_CHECK, {**ratings, key: None}) == scoring.score(HOME_CHECK, unasked)
    assert scoring.score(HOME_CHECK, {**ratings, key: None}).total is None


@given(answers)
def test_words_give_no_number_for_a_partial_check(ratings: dict[str, int | None]) -> None:
    result = scoring.score(HOME_CHECK, ratings)
    partial = f"{result.rated} of 6 items"
    assert result.words == (partial if result.rated < 6 else f"{result.total} of 18")


@pytest.mark.parametrize("ratings", [{"gait": 4}, {"gait": -1}, {"eyes": 0}, {"": None}])
def test_what_the_scale_does_not_have_is_refused(ratings: dict[str, int | None]) -> None:
    with pytest.raises(ValueError, match="Home check has no rating"):
        scoring.score(HOME_CHECK, ratings)


def weekly(*totals: int | None) -> list[tuple[date, int | None]]:
    return [(ON + timedelta(weeks=place), total) for place, total in enumerate(totals)]


def usual(*totals: int | None) -> list[float | None]:
    return [None if each is None else float(each) for each in scoring.baselines(weekly(*totals))]


@given(
    st.lists(st.tuples(st.dates(ON, ON + timedelta(days=300)), st.integers(0, 2)), max_size=12).map(sorted)
)
def test_calm_checks_are_compared_with_the_median_of_the_last_four_in_eight_weeks(
    rows: list[tuple[date, int]],
) -> None:
    for place, found in enumerate(scoring.baselines(rows)):
        known = rows[max(place - BASELINE_TAKES, 0) : place]
        recent = [total for day, total in known if day >= rows[place][0] - timedelta(weeks=8)]
        assert found == (Decimal(str(median(recent))) if len(recent) >= BASELINE_NEEDS else None)


@given(checks, st.integers(0, 12))
def test_a_partial_check_never_moves_the_baseline(rows: list[tuple[date, int | None]], place: int) -> None:
    without = [row for row in rows if row[1] is not None]
    place = min(place, len(without))
    day = without[place][0] if place < len(without) else ON
    more = [*without[:place], (day, None), *without[place:]]
    found = scoring.baselines(more)
    assert [*found[:place], *found[place + 1 :]] == scoring.baselines(without)


def test_a_rise_does_not_become_usual_before_it_has_lasted() -> None:
    assert usual(1, 2, 1, 2, 9, 8, 9, 8, 9)[3:] == [1, 1.5, 1.5, 1.5, 1.5, 1.5]
    assert usual(1, 2, 1, 2, 9, 8, 9, 8, 9, 8)[9:] == [8.5]


def test_a_level_that_still_climbs_is_not_usual_yet() -> None:
    assert usual(1, 1, 1, 1, 4, 6, 8, 10, 12, 14)[4:] == [1] * 6


def test_after_a_rise_the_usual_is_the_one_of_before_it_and_of_after() -> None:
    assert usual(1, 1, 1, 1, 8, 2, 2, 2)[4:] == [1, 1, 1, 1.5]


def test_a_long_rise_is_compared_with_the_weeks_before_it_however_old() -> None:
    climbing = [4 + week for week in range(11)]
    assert usual(1, 1, 1, 1, *climbing)[-1] == 1


@given(checks)
def test_each_check_is_compared_with_earlier_ones_alone(rows: list[tuple[date, int | None]]) -> None:
    found = scoring.baselines(rows)
    assert found == scoring.baselines([*rows, (ON, 18)])[:-1]
    assert found[:BASELINE_NEEDS] == [None] * min(len(rows), BASELINE_NEEDS)


def test_scales_fit_their_tables() -> None:
    assert set(scoring.SCALES) == set(CheckIn.Kind.values)
    assert set(scoring.MEASUREMENTS) == set(Measurement.Kind.values)
    assert [scale.scored for scale in scoring.SCALES.values()] == [True, False]
    assert (HOME_CHECK.top, Score(6, 6, 0).words) == (18, "0 of 18")
