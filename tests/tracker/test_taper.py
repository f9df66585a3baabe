"""Steps go down to the last amount exactly, and lines cover every day once."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracker import taper
from tracker.numbers import number
from tracker.taper import Step

FIRST = date(2026, 3, 2)
amounts = st.decimals(min_value="0.001", max_value="999999", places=3)


@given(amounts, amounts, st.integers(1, 365), st.decimals(min_value=0, max_value="999999", places=3))
def test_a_reduction_goes_down_to_the_last_amount(
    first: Decimal, by: Decimal, every: int, until: Decimal
) -> None:
    assume(until < first)
    try:
        steps = taper.reduce(Step(FIRST, first), by, every, until)
    except taper.TooMany:
        assert first - by * taper.MOST > until
        return
    given_ = [first, *(step.amount for step in steps)]
    assert given_[-1] == until
    assert all(0 < before - after <= by for before, after in pairwise(given_))
    assert [step.on for step in steps] == [FIRST + timedelta(days=every * n) for n in range(1, len(given_))]
    assert len(steps) <= taper.MOST


@pytest.mark.parametrize(
    ("by", "every", "until"), [("0", 7, "5"), ("5", 0, "5"), ("5", 7, "20"), ("5", 7, "30")]
)
def test_what_is_no_reduction_is_refused(by: str, every: int, until: str) -> None:
    with pytest.raises(ValueError, match="goes down"):
        taper.reduce(Step(FIRST, Decimal(20)), Decimal(by), every, Decimal(until))


STEP, LATER = date(2026, 3, 9), date(2026, 3, 16)


@pytest.mark.parametrize(
    ("ends_on", "steps", "last"),
    [
        (None, [], None),
        (LATER, [], LATER),
        (None, [(STEP, 5)], None),
        (None, [(STEP, 5), (LATER, 0)], date(2026, 3, 15)),
        (None, [(STEP, 0), (LATER, 0)], date(2026, 3, 8)),
        (None, [(STEP, 0), (LATER, 5)], None),
        (date(2026, 3, 20), [(STEP, 0)], date(2026, 3, 8)),
        (date(2026, 3, 12), [(STEP, 5), (LATER, 0)], date(2026, 3, 12)),
        (date(2026, 3, 12), [(STEP, 0), (LATER, 5)], date(2026, 3, 8)),
    ],
)
def test_a_plan_was_last_given_on_the_eve_of_its_step_to_nothing(
    ends_on: date | None, steps: list[tuple[date, int]], last: date | None
) -> None:
    told = [(on, Decimal(amount)) for on, amount in steps]
    assert taper.last_given(ends_on, told) == last
    assert taper.last_given(ends_on, reversed(told)) == last


def test_turns_lie_apart_and_last_as_long() -> None:
    assert taper.turns(FIRST, 3, 28, 2) == [
        (date(2026, 3, 2), date(2026, 3, 4)),
        (date(2026, 3, 30), date(2026, 4, 1)),
    ]


def test_lines_cover_each_day_once_with_both_amounts() -> None:
    steps = [Step(date(2026, 3, 9), Decimal(15)), Step(date(2026, 3, 16), Decimal("7.5"))]
    lines = taper.lines(Step(FIRST, Decimal(20)), None, 2, "mg", steps)
    assert [(line.first, line.last) for line in lines] == [
        (FIRST, date(2026, 3, 8)),
        (date(2026, 3, 9), date(2026, 3, 15)),
        (date(2026, 3, 16), None),
    ]
    assert [(line.per_dose_words, line.a_day_words) for line in lines] == [
        ("20 mg", "40 mg"),
        ("15 mg", "30 mg"),
        ("7.5 mg", "15 mg"),
    ]


@pytest.mark.parametrize(
    ("amount", "words"),
    [("1500000", "1500000"), ("0.500", "0.5"), ("10", "10"), ("0", "0"), ("1E+3", "1000")],
)
def test_no_digit_of_an_amount_is_lost(amount: str, words: str) -> None:
    assert number(Decimal(amount)) == words
