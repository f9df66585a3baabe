"""What falls due, from dates alone."""

from datetime import UTC, date, datetime, timedelta

import pytest

from conditions.due import last_review, months_after, unsigned
from conditions.models import Approval

THEN = datetime(2026, 3, 31, 10, tzinfo=UTC)


def verdict(word: str, at: datetime) -> Approval:
    return Approval(verdict=word, at=at, interests=f"{word}.", note="n")


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 11, 28), 12, date(2027, 11, 28)),
        (date(2026, 12, 1), 36, date(2029, 12, 1)),
        (date(2026, 5, 5), 7, date(2026, 12, 5)),
    ],
)
def test_months_after(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then


def test_the_newest_review_counts_and_nothing_else_does() -> None:
    given = [
        verdict("approved", THEN),
        verdict("reaffirmed", THEN + timedelta(days=300)),
        verdict("withdrawn", THEN + timedelta(days=400)),
        verdict("returned", THEN + timedelta(days=500)),
    ]
    review = last_review(given, 12, date(2027, 3, 1))
    assert review is not None
    assert (review.on, review.unchanged, review.interests) == (date(2027, 1, 25), True, "reaffirmed.")
    assert (review.due, review.overdue) == (date(2028, 1, 25), False)
    assert last_review(given[2:], 12, date(2027, 3, 1)) is None


@pytest.mark.parametrize(("today", "overdue"), [(date(2027, 3, 31), False), (date(2027, 4, 1), True)])
def test_overdue_the_day_after(today: date, overdue: bool) -> None:
    review = last_review([verdict("approved", THEN)], 12, today)
    assert review is not None
    assert (review.due, review.overdue) == (date(2027, 3, 31), overdue)
    assert ("has not been done" in str(review)) == overdue
    assert "31 March 2027" in str(review)


def test_a_withdrawal_waits_a_day_for_its_second_signature() -> None:
    by = THEN + timedelta(hours=24)
    assert "has to sign the withdrawal by 1 April 2026 at" in unsigned(3, THEN, by)
    late = unsigned(3, THEN, by + timedelta(seconds=1))
    assert "Nobody signed the withdrawal of release 3 in time" in late
    assert "It stays withdrawn" in late
