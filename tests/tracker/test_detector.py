"""Each rule fires, does not fire, and knows its limit; and what holds for every diary."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracker.courses_by_hand import (
    check,
    daily,
    day,
    days_of,
    dose,
    illness,
    kinds,
    run,
    sign,
    steady,
)
from tracker import detector
from tracker.detector import STANDARD, Diary, Entry, Treatment, known_on
from tracker.detector.comparison import middle
from tracker.detector.diary import DAILY_ITEMS, HOME_ITEMS

USUAL = (0, 1, 0, 0, 1)  # gait and mood: 2 of 18
UP = (1, 2, 1, 1, 1)  # 6 of 18
PULSE = Treatment("dexamethasone", "pulse", day(55), day(57))
PREDNISOLONE = Treatment("prednisolone", "daily", day(0), None)


# Possible change


def test_a_rise_that_lasts_three_days_is_a_possible_change_with_its_numbers() -> None:
    found = run([*steady(8, *USUAL), check(56, *UP), check(59, *UP)])
    (one,) = [each for each in found if each.kind == "possible_change"]
    assert (one.on, one.tier, one.rule, one.version) == (day(59), "soon", "sustained_rise", "1")
    assert one.evidence == ("56", "59")
    assert one.reason == (
        "Home check 6 against a usual 2, still so after 3 days; standing, walking, hands and eyes rose."
    )


@pytest.mark.parametrize(
    ("later", "raised"), [(58, False), (58.5, False), (59, True), (60, True), (70, True), (78, False)]
)
def test_the_second_check_is_three_days_later_and_not_much_more(later: float, raised: bool) -> None:
    found = run([*steady(8, *USUAL), check(56, *UP), check(later, *UP)])
    assert bool(days_of(found, "possible_change")) is raised


def test_a_rise_gone_after_three_days_is_none() -> None:
    found = run([*steady(8, *USUAL), check(56, *UP), check(57, *UP), check(59, *USUAL), check(63, *USUAL)])
    assert days_of(found, "possible_change") == []


@pytest.mark.parametrize(
    ("row", "raised"),
    [
        ((0, 2, 1, 0, 1), False),  # 4: two up
        ((1, 2, 1, 0, 1), True),  # 5: three up
        ((0, 1, 0, 2, 1), True),  # opsoclonus two up
        ((0, 3, 0, 0, 1), True),  # gait two up
        ((2, 1, 0, 0, 1), True),  # stance two up
        ((0, 1, 2, 0, 1), False),  # hands two up are no key item
        ((0, 1, 0, 0, 3, 2), False),  # mood and speech alone
        ((0, 2, 0, 0, 3), False),  # of mood's two points only one counts
        ((0, 2, 0, 0, 2, 1), True),
    ],
)
def test_how_far_up_and_which_items(row: tuple[int, ...], raised: bool) -> None:
    found = run([*steady(8, *USUAL), check(56, *row), check(59, *row)])
    assert bool(days_of(found, "possible_change")) is raised


def test_eyes_that_come_back_after_a_month_are_a_change_by_themselves() -> None:
    back = (0, 1, 0, 1, 1)
    assert days_of(run([*steady(8, *USUAL), check(56, *back), check(59, *back)]), "possible_change") == [59]
    lately = [*steady(8, *USUAL), check(35.1, *back), check(56, *back), check(59, *back)]
    assert days_of(run(lately), "possible_change") == []
    gone = [*steady(8, *USUAL), check(56, *back), check(57, *USUAL), check(60, *back)]
    assert days_of(run(gone), "possible_change") == []


def test_one_finding_while_it_goes_on_and_a_new_one_after_it_was_over() -> None:
    rows = [*steady(8, *USUAL), *(check(56 + 3 * step, *UP) for step in range(6))]
    assert days_of(run(rows), "possible_change") == [59]
    rows += [check(76 + 7 * week, *USUAL) for week in range(4)] + [check(104, *UP), check(107, *UP)]
    assert days_of(run(rows), "possible_change") == [59, 107]


def test_the_usual_does_not_rise_with_the_episode_but_takes_in_a_new_level() -> None:
    rows = [*steady(8, *USUAL), *(check(56 + 7 * week, *UP) for week in range(20))]
    assert days_of(run(rows), "possible_change") == [63]
    worse = (2, 3, 2, 2, 1)  # over the new level
    rows += [check(200, *worse), check(203, *worse)]
    assert days_of(run(rows), "possible_change") == [63, 203]


def test_recovery_raises_nothing() -> None:
    falling = [(3, 3, 2, 3, 2), (3, 3, 2, 2, 2), (2, 3, 2, 1, 2), (2, 2, 1, 1, 1), (1, 2, 1, 0, 1), (0, 1, 1)]
    rows = [check(7 * week, *falling[min(week // 2, 5)]) for week in range(20)]
    assert run(rows) == []


def test_a_worsening_in_the_first_weeks_is_the_illness_itself() -> None:
    rows = [check(4 * step, *([min(3, step // 2)] * 5)) for step in range(8)]
    found = run(rows)
    assert days_of(found, "possible_change") == []
    assert days_of(found, "same_day") != []


def test_with_illness_is_said_and_nothing_is_held_back() -> None:
    rows = [*steady(8, *USUAL), check(56, *UP), check(59, *UP)]
    (ill,) = [one.reason for one in run(rows, events=(illness(50, 52),)) if one.kind == "possible_change"]
    (well,) = [one.reason for one in run(rows, events=(illness(40),)) if one.kind == "possible_change"]
    assert "with illness" in ill
    assert "with illness" not in well


def test_daily_entries_may_be_one_end_of_the_three_days() -> None:
    quiet = [daily(number, 0, 0, 1, 0) for number in range(56)]
    up = (1, 1, 2, 1)
    rows = [*steady(8, *USUAL), *quiet, daily(56, *up), daily(57, *up), daily(58, *up), check(59, *UP)]
    assert days_of(run(rows), "possible_change") == [59]
    rows = [*steady(8, *USUAL), *quiet, check(56.2, *UP), daily(57, *up), daily(59, *up)]
    assert days_of(run(rows), "possible_change") == [59]


def test_where_no_home_check_is_made_three_strong_days_do() -> None:
    rows = [daily(number, 0, 0, 1, 0) for number in range(40)]
    rows += [daily(number, 1, 1, 2, 1) for number in range(40, 44)]
    found = run(rows)
    assert days_of(found, "possible_change") == [43]
    assert found[-1].rule == "sustained_daily_rise"


# Pulses and immunoglobulin


@pytest.mark.parametrize(
    ("row", "near", "far"),
    [
        ((0, 1, 0, 0, 3, 1), [], []),  # mood and talking: nothing
        ((1, 2, 0, 0, 1), [59], []),  # eye and motor items two up: only near a pulse is that enough
        ((1, 1, 0, 0, 2, 1), [], [59]),  # one eye or motor point of three: near a pulse it is not
    ],
)
def test_near_a_pulse_only_eyes_and_movement_count(
    row: tuple[int, ...], near: list[int], far: list[int]
) -> None:
    rows = [*steady(8, *USUAL), check(56, *row), check(59, *row)]
    assert days_of(run(rows, treatments=(PULSE,)), "possible_change") == near
    assert days_of(run(rows), "possible_change") == far


@pytest.mark.parametrize(("given_on", "counts"), [(56, False), (53, False), (52, True)])
def test_immunoglobulin_shakes_mood_for_three_days(given_on: int, counts: bool) -> None:
    ivig = Treatment("IVIG", "infusion", day(given_on), day(given_on))
    row = (1, 1, 0, 0, 2, 1)
    found = run([*steady(8, *USUAL), check(56, *row), check(59.5, *row)], treatments=(ivig,))
    assert (56 in days_of(found, "watch") or bool(days_of(found, "possible_change"))) is counts


# Watch, same day, drift


def test_watch_needs_two_of_three_checks_two_up() -> None:
    two_up = (1, 2, 0, 0, 1)
    assert days_of(run([*steady(8, *USUAL), check(56, *two_up)]), "watch") == []
    assert days_of(run([*steady(8, *USUAL), check(56, *two_up), check(63, *two_up)]), "watch") == [63]
    skipped = [*steady(8, *USUAL), check(56, *two_up), check(60, *USUAL), check(63, *two_up)]
    assert days_of(run(skipped), "watch") == [63]
    goes_on = [*steady(8, *USUAL), *(check(56 + 5 * step, *two_up) for step in range(4))]
    assert days_of(run(goes_on), "watch") == [61]


@pytest.mark.parametrize(("row", "raised"), [((1, 2, 1, 1, 1), True), ((1, 2, 1, 0, 1), False)])
def test_a_jump_of_four_is_a_call_the_same_day(row: tuple[int, ...], raised: bool) -> None:
    found = run([*steady(8, *USUAL), check(56, *row)])
    assert bool(days_of(found, "same_day")) is raised


def test_an_item_newly_at_three_is_a_call_and_not_again_the_next_day() -> None:
    rows = [
        *(daily(number, 0, 0, 2, 0) for number in range(10)),
        daily(10, 0, 0, 3, 0),
        daily(11, 0, 0, 3, 0),
    ]
    assert days_of(run(rows), "same_day") == [10]
    assert days_of(run([daily(0, 3), daily(1, 3)]), "same_day") == []


def test_mood_at_three_is_a_call_when_it_was_low_and_no_pulse_is_near() -> None:
    def found(before: int, **more: object) -> list[int]:
        return days_of(
            run([daily(54, 0, 0, 0, 0, 0, before), daily(56, 0, 0, 0, 0, 0, 3)], **more), "same_day"
        )

    assert found(1) == [56]
    assert found(2) == []
    assert found(1, treatments=(PULSE,)) == []


def test_worry_is_always_a_call_and_day_after_day_is_one() -> None:
    assert days_of(run([daily(0, worried=True)]), "same_day") == [0]
    found = run([daily(number, worried=True) for number in range(7)])
    assert days_of(found, "same_day") == [0, 3, 6]
    again = run([daily(0, worried=True), daily(1), daily(2, worried=True)])
    assert days_of(again, "same_day") == [0, 2]


def test_several_reasons_on_one_day_are_one_call() -> None:
    found = run([*steady(8, *USUAL), check(56, 3, 3, 1, 1, 1, worried=True)])
    (one,) = [each for each in found if each.kind == "same_day"]
    assert one.rule == "jump"
    assert "worried" in one.reason
    assert "Home check 9" in one.reason or "home check 9" in one.reason


def drifting(step: float, weeks: int = 30) -> list[Entry]:
    """From the twelfth week on stance, gait and hands rise by `step` points a week."""
    rows = []
    for week in range(weeks):
        extra = max(0, int((week - 12) * step + 0.5))
        stance, gait, hands = extra // 3, 1 + (extra + 1) // 3, (extra + 2) // 3
        rows.append(check(7 * week, *(min(3, value) for value in (stance, gait, hands)), 0, 1))
    return rows


def test_a_slow_drift_is_said_once_within_four_weeks_of_two_points() -> None:
    (when,) = days_of(run(drifting(0.5)), "slow_drift")
    assert 16 * 7 <= when <= 20 * 7
    assert days_of(run(drifting(0)), "slow_drift") == []


def test_a_sudden_rise_is_no_drift() -> None:
    rows = [*steady(14, *USUAL), *(check(98 + 3 * step, *UP) for step in range(20))]
    assert days_of(run(rows), "slow_drift") == []


# What can be compared


def test_only_items_rated_both_times_are_compared_and_are_named() -> None:
    infant = (1, None, 0, 1, 1, 0)
    rows = [check(7 * week, *infant) for week in range(8)]
    found = run([*rows, check(56, 2, None, 2, 2, 1, 0), check(59, 2, None, 2, 2, 1, 0)])
    (one,) = [each for each in found if each.kind == "possible_change"]
    assert one.reason.startswith(
        "Home check 4 points up on the 5 of 6 items that could be compared"
        " (standing, hands, eyes, mood and talking)"
    )


def test_an_item_that_is_new_to_be_judged_is_not_a_rise() -> None:
    rows = [check(7 * week, 0, None, 0, 0, 1) for week in range(8)]
    found = run([*rows, check(56, 0, 2, 0, 0, 1), check(59, 0, 2, 0, 0, 1)])
    assert days_of(found, "possible_change") == []


def test_two_caregivers_who_differ_are_each_compared_with_themselves() -> None:
    mild, strict = (0, 1), (1, 1, 1, 1)
    rows = [check(7 * week, *(strict if week % 3 else mild), by=f"p{week % 3 > 0}") for week in range(30)]
    rows += [check(210, *mild, by="pFalse"), check(215, *strict, by="pTrue"), check(219, *strict, by="pTrue")]
    assert days_of(run(rows), "possible_change") == []


def test_more_is_asked_of_a_writer_who_is_new() -> None:
    up = (1, 2, 1, 0, 1)  # three up
    rows = [*steady(8, *USUAL), check(56, *up, by="grandma"), check(59, *up, by="grandma")]
    assert days_of(run(rows), "possible_change") == []


# First stage


def asked(*rows: Entry) -> list[int]:
    quiet = [daily(number, 0, 0, 1, 0) for number in range(14)]
    return days_of(run([*quiet, *rows]), "ask_home_check")


def test_stage_one_asks_after_two_days_one_up_or_one_day_two_up() -> None:
    assert asked(daily(14, 1, 0, 1, 0)) == []
    assert asked(daily(14, 1, 0, 1, 0), daily(15, 1, 0, 1, 0)) == [15]
    assert asked(daily(14, 1, 0, 1, 0), daily(15, 0, 0, 2, 0)) == []  # not the same item
    assert asked(daily(14, 2, 0, 1, 0)) == [14]
    assert asked(daily(14, 0, 0, 1, 0, 3, 3)) == []  # talking and mood are not asked about
    assert asked(*(daily(number, 1, 0, 1, 0) for number in range(14, 18))) == [15]


def test_an_unanswered_question_is_asked_again_after_three_days_against_the_usual_from_before() -> None:
    up = [daily(number, 1, 1, 1, 1) for number in range(14, 40)]
    assert asked(*up)[:4] == [15, 18, 21, 24]
    assert asked(*up)[-1] < 14 + 28 + 3  # after four weeks that level is usual
    answered = [check(number, 1) for number in (15.2, 22.2)]
    assert asked(*up, *answered)[:3] == [15, 22, 29]


def test_a_temperature_sent_by_itself_hides_nothing_of_the_day() -> None:
    evenings = [replace(daily(number + 0.4), items={}) for number in range(14, 24)]
    assert asked(*evenings, daily(20, 1, 0, 1, 0), daily(21, 1, 0, 1, 0)) == [21]
    mornings = [daily(number, 2, 0, 1, 0) for number in (20, 21)]
    wobbly = [daily(number + 0.3, None, None, 1, None, None, None) for number in (20, 21)]
    assert asked(*mornings, *wobbly)[0] == 20


def test_a_family_that_writes_no_daily_entries_is_asked_again_too() -> None:
    rows = [*steady(8, *USUAL), check(56, *UP)]
    (again,) = [one for one in run(rows, until=day(70)) if one.rule == "ask_again"]
    assert again.on == day(59)
    assert again.evidence == ("56",)
    assert again.reason == "It is 3 days since a home check that was up; another would tell if it still is."
    assert not [one for one in run(rows, until=day(58)) if one.rule == "ask_again"]


def test_answering_the_question_does_not_silence_the_daily_entries() -> None:
    quiet = [daily(number, 0, 0, 1, 0) for number in range(60)]
    up = [daily(number, 1, 1, 3, 1) for number in range(60, 64)]
    old = [check(50, 0, 1), check(54, 0, 1)]
    assert days_of(run([*quiet, *up]), "possible_change") == [63]
    assert days_of(run([*quiet, *up, *old, check(60.1, *UP), check(61.1, *UP)]), "possible_change") == [63]


def test_a_climb_seen_by_many_checks_is_found_like_one_seen_by_few() -> None:
    climb = (
        (0, 1, 1, 0, 1),
        (1, 1, 1, 0, 1),
        (1, 2, 1, 0, 1),
        (1, 2, 1, 1, 1),
        (1, 2, 2, 1, 1),
        (2, 2, 2, 1, 1),
    )
    many = [check(56 + 2 * place, *row) for place, row in enumerate(climb)]
    before = [check(56 - 2 * place, *USUAL) for place in range(1, 8)]
    assert days_of(run([*steady(6, *USUAL), *before, *many]), "possible_change") != []


def test_a_check_that_leaves_out_what_rose_does_not_say_that_it_is_over() -> None:
    without = check(57, 0, None, 0, None, 1, 0)
    rows = [*steady(8, *USUAL), check(56, 0, 3, 0, 2, 1), without, check(59, 0, 3, 0, 2, 1)]
    assert days_of(run(rows), "possible_change") == [59]


def test_a_jump_of_words_and_mood_is_a_call_and_of_mood_alone_is_none() -> None:
    assert days_of(run([*steady(8, *USUAL), check(56, 0, 1, 0, 0, 3, 2)]), "same_day") == [56]
    rows = [*steady(8, 1, 1, 0, 0, 0), check(56, 0, 0, 0, 0, 2, 0)]
    assert days_of(run(rows), "same_day") == []


def test_it_asks_again_three_days_after_a_check_that_was_up() -> None:
    quiet = [daily(number, 0, 0, 1, 0) for number in range(55)]
    rows = [*steady(8, *USUAL), *quiet, check(56, *UP), daily(59, 0, 0, 1, 0)]
    (again,) = [one for one in run(rows) if one.rule == "ask_again"]
    assert again.on == day(59)


# Medicines


def test_two_missed_steroid_doses_are_a_call() -> None:
    assert days_of(run([], doses=(dose(1), dose(2))), "missed_steroid") == [2]
    assert days_of(run([], doses=(dose(1), dose(1.4))), "missed_steroid") == [1]
    assert run([], doses=(dose(1), dose(1.01))) == []  # one dose, told by two phones
    assert run([], doses=(dose(1), dose(5))) == []
    assert run([], doses=(dose(1, agent="vitamin D"), dose(2, agent="vitamin D"))) == []
    assert run([], doses=(dose(1, "taken"), dose(2, "partly"))) == []
    goes_on = tuple(dose(number) for number in range(6))
    assert days_of(run([], doses=goes_on), "missed_steroid") == [1]


def test_days_on_which_not_all_doses_were_given_count_while_a_steroid_is() -> None:
    rows = [daily(1, all_doses=False), daily(1.01, 1, by="p2", all_doses=False), daily(2, all_doses=False)]
    assert days_of(run(rows, treatments=(PREDNISOLONE,)), "missed_steroid") == [2]
    assert run(rows) == []
    assert days_of(run(rows[:2], treatments=(PREDNISOLONE,)), "missed_steroid") == []


def test_a_long_steroid_that_ends_without_steps_is_asked_about() -> None:
    rows = [daily(number) for number in range(0, 90, 2)]
    stopped = replace(PREDNISOLONE, last=day(60))
    assert days_of(run(rows, treatments=(stopped,)), "missed_steroid") == [63]
    assert days_of(run(rows[:36], treatments=(stopped,), until=day(75)), "missed_steroid") == [63]
    pulse = Treatment("dexamethasone", "pulse", day(40), day(42))
    assert days_of(run(rows, treatments=(stopped, pulse)), "missed_steroid") == [63]
    after = Treatment("prednisolone", "taper_step", day(61), day(80))
    assert days_of(run(rows, treatments=(stopped, after)), "missed_steroid") == []
    assert days_of(run(rows, treatments=(replace(stopped, first=day(50)),)), "missed_steroid") == []


def test_a_missed_dose_told_late_still_counts_and_one_taken_is_none() -> None:
    late = (dose(5), replace(dose(4), received=dose(6).received, known_on=day(6)))
    assert days_of(detector.findings(Diary(doses=late)), "missed_steroid") == [6]
    twice = tuple(
        dose(number + part, status) for number in (1, 2) for part, status in ((0, "missed"), (0.01, "taken"))
    )
    assert detector.findings(Diary(doses=twice)) == []
    both = (dose(1), dose(1.01, agent="dexamethasone"))
    assert days_of(detector.findings(Diary(doses=both)), "missed_steroid") == [1]


# Red flags reach the findings


def test_a_sign_that_grows_more_urgent_within_its_spell_is_said_again() -> None:
    steroid = Treatment("prednisolone", "daily", day(7), day(90))
    vomiting = (sign(6, "vomiting_doses"), sign(8, "vomiting_doses"))
    found = detector.findings(Diary(signs=vomiting, treatments=(steroid,)))
    assert kinds(found)[-1] == (8, "emergency")


@pytest.mark.parametrize("agent", ["Dex", "Decadron", "methylpred", "MMF", "MabThera"])
def test_brands_and_short_names_hold_the_immune_system_down(agent: str) -> None:
    given = Treatment(agent, "daily", day(0), day(90))
    hot = [daily(40, measurements={"temperature_c": 39.0})]
    assert days_of(run(hot, treatments=(given,)), "emergency") == [40]
    assert days_of(run(hot, treatments=(replace(given, agent="Index remedy"),)), "emergency") == []


# What a review found


def test_an_item_that_could_not_be_judged_once_is_still_newly_at_three() -> None:
    rows = [*(check(7 * week, 0, 1) for week in range(6)), check(42, 0, None), check(44, 0, 3)]
    assert any(one.kind == "same_day" and "walking" in one.reason for one in run(rows))


def test_eyes_back_with_nothing_over_the_usual_raise_no_error() -> None:
    usual = (0, 1, 0, 1, 1, 0)
    rows = [
        *(check(number, *usual) for number in (0, 7, 14)),
        *(daily(number) for number in range(16, 49, 4)),
    ]
    rows += [daily(50, measurements={"temperature_c": 38.5}), check(51, *usual), check(52, *usual)]
    assert all(one.reason for one in run(rows))


def test_a_month_without_a_look_is_no_absence() -> None:
    rows = [*(check(7 * week, 1, 1, 0, 1) for week in range(4)), *(daily(30 + number) for number in range(4))]
    rows += [check(61, 1, 1, 0, 1), check(65, 1, 1, 0, 1)]
    assert days_of(run(rows), "possible_change") == []


def test_calm_entries_told_late_end_no_newer_episode() -> None:
    rows = [*steady(8), check(57, 1, 2, 1, 2), check(61, 1, 2, 1, 2)]
    calm = [check(number, late=62 - number) for number in (30, 31, 32, 33)]
    later = [check(64, 1, 2, 1, 2), check(68, 1, 2, 1, 2)]
    assert len(days_of(run([*rows, *calm, *later]), "possible_change")) == 1


def test_doses_told_are_no_silence() -> None:
    doses = tuple(dose(number, "taken") for number in range(20, 60))
    assert days_of(run(steady(3), doses=doses, until=day(60)), "too_little_data") == []


def test_a_fever_is_an_emergency_under_immune_suppression_and_once_a_spell() -> None:
    rituximab = Treatment("rituximab", "infusion", day(0), day(0))
    hot = [daily(40 + number, measurements={"temperature_c": 38.6}) for number in range(3)]
    assert days_of(run(hot, treatments=(rituximab,)), "emergency") == [40]
    assert days_of(run(hot), "emergency") == []
    cool = daily(41, measurements={"temperature_c": 36.8})
    assert days_of(run([hot[0], cool, hot[2]], treatments=(rituximab,)), "emergency") == [40, 42]


def test_a_sign_is_said_once_a_spell() -> None:
    signs = (
        sign(1, "cannot_walk"),
        sign(2, "cannot_walk"),
        sign(9, "cannot_walk"),
        sign(9, "new_lump"),
        sign(9, "nothing"),
    )
    assert kinds(run([], signs=signs)) == [(1, "emergency"), (9, "emergency"), (9, "watch")]


def test_a_fever_that_climbs_is_said_again() -> None:
    rituximab = (Treatment("rituximab", "infusion", day(0), day(0)),)
    hot = [daily(40 + place, measurements={"temperature_c": degrees})
           for place, degrees in enumerate((38.6, 38.8, 39.2, 39.3))]  # fmt: skip
    assert days_of(run(hot, treatments=rituximab), "emergency") == [40, 42]


def test_trouble_that_goes_on_is_said_again_after_three_days_and_seizures_each_day() -> None:
    on = [number for number, _ in kinds(run([], signs=tuple(sign(n, "cannot_walk") for n in range(8))))]
    assert on == [0, 3, 6]
    fits = [sign(number, "seizure") for number in (1, 1.2, 2, 4)]
    assert [number for number, _ in kinds(run([], signs=tuple(fits)))] == [1, 2, 4]


# Too little data


def test_silence_is_dated_by_the_day_on_which_it_was_long_enough() -> None:
    rows = [daily(number) for number in range(10)]
    assert days_of(run([*rows, daily(60)]), "too_little_data")[0] == 30
    assert days_of(run(rows), "too_little_data") == []
    assert days_of(run(rows, until=day(29)), "too_little_data") == []
    assert days_of(run(rows, until=day(80)), "too_little_data") == [30]


def test_writing_half_as_often_is_said_once() -> None:
    rows = [daily(number) for number in range(90)] + [daily(number) for number in range(90, 180, 2)]
    (when,) = days_of(run(rows), "too_little_data")
    assert 100 <= when <= 115


def test_no_usual_is_said_after_four_weeks() -> None:
    found = run([check(0), check(40), check(90)])
    assert [one.rule for one in found if one.kind == "too_little_data"] == ["silence", "no_usual", "silence"]
    assert days_of(run([check(0), check(19), check(38)]), "too_little_data") == []


# For every diary

ratings = st.none() | st.integers(0, 3)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    kind = draw(st.sampled_from(["home_check", "daily"]))
    items = HOME_ITEMS if kind == "home_check" else DAILY_ITEMS
    make = check if kind == "home_check" else daily
    number = draw(st.integers(0, 120)) + draw(st.sampled_from([0, 0.1, 0.4]))
    row = [draw(ratings) for _ in items]
    degrees = draw(st.sampled_from([None, 35.2, 37.0, 38.4]))
    return make(
        number,
        *row,
        by=draw(st.sampled_from(["p1", "p2", ""])),
        late=draw(st.sampled_from([0, 0, 0, 1, 5])),
        worried=draw(st.booleans()),
        all_doses=draw(st.sampled_from([None, True, False])),
        measurements={} if degrees is None else {"temperature_c": degrees},
    )


diaries = st.builds(
    Diary,
    entries=st.lists(entries(), max_size=60).map(tuple),
    doses=st.lists(st.builds(dose, st.integers(0, 120)), max_size=4).map(tuple),
    events=st.lists(st.builds(illness, st.integers(0, 120)), max_size=3).map(tuple),
    signs=st.lists(
        st.builds(sign, st.integers(0, 120), st.sampled_from(["floppy", "seizure", "?"])), max_size=3
    ).map(tuple),
    treatments=st.sampled_from([(), (PULSE,), (PREDNISOLONE, PULSE)]),
)


@given(diaries, st.integers(0, 130))
@settings(max_examples=60, deadline=None)
def test_what_comes_later_never_changes_what_was_found(diary: Diary, cut: int) -> None:
    until = day(cut)

    def known(rows: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(row for row in rows if row.known_on <= until)

    fields = {name: known(getattr(diary, name)) for name in ("entries", "doses", "events", "signs")}
    then = detector.findings(replace(diary, **fields, until=until))
    now = [one for one in detector.findings(replace(diary, until=day(130))) if one.on <= until]
    assert then == now


@given(diaries, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_order_of_the_rows_and_sending_twice_change_nothing(diary: Diary, dice: Random) -> None:
    rows = [*diary.entries]
    dice.shuffle(rows)
    distinct = tuple({(row.at, row.received, row.ref): row for row in rows}.values())
    once = detector.findings(replace(diary, entries=distinct))
    again = tuple(replace(row, received=row.received + timedelta(minutes=9)) for row in distinct)
    shuffled = [*distinct, *again]
    dice.shuffle(shuffled)
    assert detector.findings(replace(diary, entries=tuple(shuffled))) == once


@given(diaries)
@settings(max_examples=60, deadline=None)
def test_every_finding_stands_on_what_was_known_and_never_says_relapse(diary: Diary) -> None:
    found = detector.findings(diary)
    refs = {row.ref: row for row in diary.told()}
    assert [one.on for one in found] == sorted(one.on for one in found)
    for one in found:
        assert all(ref in refs for ref in one.evidence)
        assert "relapse" not in one.reason.lower()
        assert one.reason.endswith(".")


@given(st.lists(st.tuples(*[ratings] * 6).filter(lambda row: None in row), min_size=4, max_size=20))
@settings(max_examples=40, deadline=None)
def test_partial_checks_never_make_a_total(rows: list[tuple[int | None, ...]]) -> None:
    found = run([check(7 * number, *row) for number, row in enumerate(rows)])
    assert not [one.reason for one in found if "against a usual" in one.reason and "Home check" in one.reason]


@given(st.lists(st.integers(0, 400), unique=True, max_size=60))
@settings(max_examples=30, deadline=None)
def test_all_zeros_find_no_change(numbers: list[int]) -> None:
    rows = [daily(number) if number % 3 else check(number) for number in sorted(numbers)]
    assert {one.kind for one in run(rows)} <= {"too_little_data"}


def test_forty_entries_a_day_say_no_more_than_one() -> None:
    rows = [*steady(8, *USUAL)]
    rows += [daily(30 + number / 40, number % 2, 0, 1, 0, number % 3) for number in range(40)]
    rows += [check(56 + number / 40, *UP) for number in range(40)]
    assert days_of(run(rows), "possible_change") == []


@given(st.lists(st.integers(0, 18) | st.floats(-9, 9), min_size=1))
def test_the_quick_median_is_the_median(values: list[float]) -> None:
    assert middle(values) == pytest.approx(median(values))


def test_the_day_of_knowing_is_the_later_of_two_calendars() -> None:
    at = daily(0).received
    home, away = ZoneInfo("Europe/London"), ZoneInfo("Asia/Tokyo")
    evening = at.replace(hour=20)
    assert known_on(at, date(2025, 1, 6), home) == date(2025, 1, 6)
    assert known_on(evening, date(2025, 1, 6), home, away) == date(2025, 1, 7)
    assert known_on(evening, date(2025, 1, 7), home) == date(2025, 1, 7)
    assert known_on(evening, date(2026, 1, 7), home) == date(2025, 1, 6)


def test_other_thresholds_may_be_tried() -> None:
    rows = [*steady(8, *USUAL), check(56, 1, 2, 1, 0, 1), check(59, 1, 2, 1, 0, 1)]
    assert days_of(run(rows), "possible_change") == [59]
    assert days_of(run(rows, replace(STANDARD, change_rise=5)), "possible_change") == []
