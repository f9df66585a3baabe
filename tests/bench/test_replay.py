"""How long a replay takes: by course against its goal, and that it grows no faster than the entries do.

Goal: 1,000 courses of a year in 60 s on one core, in the process's own time.
"""

import json
import time
from collections.abc import Callable
from random import Random

import pytest

from tests.tracker.courses_by_hand import check, daily, run
from tests.variations import TODAY
from tracker import detector
from tracker.detector import Entry, courses
from tracker.stories import courses as ten
from tracker.stories.replay import as_course

pytestmark = pytest.mark.bench
GOAL = 0.06  # seconds a course
A_YEAR = 365


def seconds(work: Callable[[], object]) -> float:
    """The process's own time for it, the best of three."""
    spent = []
    for _ in range(3):
        started = time.process_time()
        work()
        spent.append(time.process_time() - started)
    return min(spent)


def test_a_thousand_courses_of_a_year_in_a_minute() -> None:
    written = [as_course(one) for seed in (1, 2) for one in ten(TODAY, seed, whole=True)]
    lines = [json.dumps(each) for each in written]
    days = sum(len({entry["at"][:10] for entry in each["entries"]}) for each in written)
    spent = seconds(lambda: [detector.findings(courses.read(each).diary) for each in lines])
    course = spent / days * A_YEAR
    print(f"\n{course * 1000:.0f} ms for a course with entries on {A_YEAR} days, and so many s for 1,000")
    assert course < 3 * GOAL  # an absolute time is gated at three times its goal


def test_ten_years_cost_ten_times_one() -> None:
    dice = Random(1)
    rows = [daily(number, dice.randint(0, 1), 0, 1, 0) for number in range(10 * A_YEAR)]
    rows += [check(7 * week, 0, dice.randint(0, 1), 0, 0, 1) for week in range(520)]
    rows.sort(key=lambda row: row.received)
    year, decade = seconds(lambda: run(rows[: len(rows) // 10])), seconds(lambda: run(rows))
    print(f"\nten years: {decade:.2f} s, {decade / year:.1f} times one")
    assert decade < 20 * year


@pytest.mark.parametrize("kind", [check, daily])
def test_forty_entries_a_day_cost_each_the_same_however_long_the_diary(
    kind: Callable[..., Entry],
) -> None:
    dice = Random(1)
    rows = [kind(number / 40, *(dice.randint(0, 3) for _ in range(6))) for number in range(200 * 40)]
    quarter, whole = seconds(lambda: run(rows[: len(rows) // 4])), seconds(lambda: run(rows))
    print(f"\n{len(rows)} of {kind.__name__}: {whole:.2f} s, {whole / quarter:.1f} times a quarter of them")
    assert whole < 8 * quarter  # each against each would be sixteen times as long
