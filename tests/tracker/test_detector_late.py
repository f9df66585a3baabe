"""What comes late, twice, partly or by the dozen changes what the rules say only where it should."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.tracker.courses_by_hand import check, daily, day, days_of, dose, kinds, run, sign, steady
from tracker import detector
from tracker.detector import STANDARD, Entry, Treatment

USUAL = (0, 1, 0, 0, 1)  # gait and mood: 2 of 18
UP = (1, 2, 1, 1, 1)  # 6 of 18
PULSE = Treatment("dexamethasone", "pulse", day(55), day(57))
PREDNISOLONE = Treatment("prednisolone", "daily", day(0), None)


def of_rule(rule: str, *rows: Entry, **more: object) -> list[detector.Finding]:
    return [one for one in run(list(rows), **more) if one.rule == rule]


def test_a_stop_asked_about_long_after_has_the_same_day() -> None:
    rows = [daily(number) for number in range(0, 60, 2)]
    stopped = (replace(PREDNISOLONE, last=day(60)),)
    for asked_on in (63, 80, 140):
        assert [one.on for one in of_rule("stopped", *rows, treatments=stopped, until=day(asked_on))] == [
            day(63)
        ]
    assert of_rule("stopped", *rows, treatments=stopped, until=day(62)) == []
    assert of_rule("stopped", daily(200), treatments=stopped) == []  # history when the diary began


def test_the_most_urgent_of_a_spell_is_said_once() -> None:
    ivig = Treatment("IVIG", "infusion", day(0), day(0))
    headaches = tuple(sign(number, "severe_headache") for number in (6, 8, 9))
    assert kinds(run([], signs=headaches, treatments=(ivig,))) == [(6, "same_day"), (8, "emergency")]
    again = replace(ivig, first=day(9), last=day(9))
    late = (*headaches, sign(10, "severe_headache"), sign(11, "severe_headache"), sign(17, "severe_headache"))
    assert [number for number, _ in kinds(run([], signs=late, treatments=(ivig, again)))] == [6, 8, 11, 17]


def test_a_vomited_dose_counts_though_it_was_taken_first() -> None:
    doses = [each for number in (1, 2) for each in (dose(number, "taken"), dose(number + 0.01, "vomited"))]
    assert days_of(run([], doses=tuple(doses)), "missed_steroid") == [2]
    partly = [each for number in (1, 2) for each in (dose(number), dose(number + 0.01, "partly"))]
    assert days_of(run([], doses=tuple(partly)), "missed_steroid") == [2]


def test_another_phone_may_say_it_was_taken_without_naming_it() -> None:
    doses = [each for number in (1, 2) for each in (dose(number), dose(number + 0.01, "taken", agent=""))]
    assert run([], doses=tuple(doses), treatments=(PREDNISOLONE,)) == []


def test_an_old_missed_dose_told_late_opens_no_second_call() -> None:
    old = replace(dose(10), received=dose(51).received, known_on=day(51))
    found = run([], doses=(dose(50), dose(51), old, dose(52), dose(53)))
    assert days_of(found, "missed_steroid") == [51]


def test_partial_checks_that_cannot_be_compared_make_no_usual() -> None:
    rows = [check(7 * week, None, None, 1, None, 1, None) for week in range(6)]
    (one,) = of_rule("no_usual", *rows)
    assert one.reason == "Home checks in 56 days: 0, and 3 are needed to know the usual."
    assert of_rule("no_usual", *(daily(number, 1, None, None, 1) for number in range(40))) != []
    assert of_rule("no_usual", *(check(7 * week, 1, None, 1, 1, None, None) for week in range(6))) == []


def test_two_items_alone_are_no_drift() -> None:
    rows = [check(7 * week, None, *((0,) if week < 14 else (2,)), None, None, 0, None) for week in range(26)]
    assert days_of(run(rows), "slow_drift") == []


def test_an_item_that_cannot_be_judged_now_hides_no_drift() -> None:
    def row(week: int) -> list[int | None]:
        extra = max(0, (week - 12) // 3)
        return [min(3, extra), 1, min(3, extra), 0, 1, 3 if week < 16 else None]

    assert days_of(run([check(7 * week, *row(week)) for week in range(28)]), "slow_drift") != []


def test_an_episode_ends_by_calm_days_and_not_by_calm_minutes() -> None:
    rows = [*steady(8), check(57, 1, 2, 1, 2), check(61, 1, 2, 1, 2)]
    rows += [check(62), check(62.01, by="p2"), check(66, 1, 2, 1, 2), check(70, 1, 2, 1, 2)]
    assert days_of(run(rows), "possible_change") == [61]


def test_a_calm_check_of_before_told_late_makes_no_second_jump() -> None:
    rows = [*steady(8, *USUAL), check(56, *UP), check(40, *USUAL, late=17), check(57.5, *UP)]
    assert days_of(run(rows), "same_day") == [56]


def test_a_jump_near_a_pulse_gives_the_subtotal_it_rests_on() -> None:
    (one,) = of_rule("jump", *steady(8, 0, 1, 0, 1, 1), check(56, 1, 2, 1, 2, 3), treatments=(PULSE,))
    assert one.reason == (
        "Home check: stance, gait, hands and eyes 6 against a usual 2 near a pulse, a jump of 4 points."
    )
    rows = [check(7 * week, 0, None, 0, 1, 1) for week in range(8)]
    (one,) = of_rule("jump", *rows, check(56, 2, None, 1, 2, 1), treatments=(PULSE,))
    assert one.reason.startswith("Home check: stance, hands and eyes 4 points up near a pulse")


def test_a_batch_sent_newest_first_is_not_writing_less() -> None:
    rows = [daily(number) for number in range(90)]
    batch = [
        replace(
            daily(number), received=daily(112).received + timedelta(minutes=112 - number), known_on=day(112)
        )
        for number in range(90, 112)
    ]
    assert of_rule("sparse", *rows, *batch) == []


@pytest.mark.parametrize("name", ["baseline_least", "daily_least", "drift_least", "sparse_usual_days"])
def test_a_threshold_of_nothing_raises_no_error(name: str) -> None:
    run([*steady(20, *USUAL), *(daily(number, 1) for number in range(90))], replace(STANDARD, **{name: 0}))


def test_eyes_seen_at_rest_for_less_than_a_month_were_not_absent() -> None:
    back = [check(61, 1, 1, 0, 1), check(65, 1, 1, 0, 1)]
    usual = [check(7 * week, 1, 1, 0, 1) for week in range(4)]
    for quiet, told in (((32, 39, 46, 52), []), ((31, 38, 45, 52), [65])):
        rows = [*usual, *(daily(number) for number in quiet), *back]
        assert days_of(run(rows), "possible_change") == told
