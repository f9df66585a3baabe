"""The worklist's row: what the database computes is what `tracker.scoring` says."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from portal.identity import acting_as
from portal.models import User
from tests.tracker.diary import check_in, weeks_of_checks
from tracker import journal, reviews, scoring
from tracker.models import Patient, PatientStatus
from tracker.models.seats import Reach
from tracker.reviews import Verdict

pytestmark = pytest.mark.django_db


def status(clinician: User) -> PatientStatus:
    with acting_as(clinician):
        return PatientStatus.objects.get()


@pytest.mark.parametrize(
    "totals",
    [
        [2],
        [2, 3, 2],
        [2, 3, 2, 2, 7],
        [1, None, 3, 9, 2],
        [4, 4, None, 4, None],
        [0, 18, 0, 18, 0, 1],
        [5] * 12,
        [1, 2, 1, 2, 9, 8, 9, 8, 9, 8],
        [1, 1, 1, 1, 4, 6, 8, 10, 12, 14],
        [3, 6, 9, 12, 12, 12, 12, 12, 13, 4, 4, 4],
    ],
)
def test_baseline_is_the_one_of_scoring(
    totals: list[int | None], patient: Patient, family: User, clinician: User
) -> None:
    """Both ways of computing agree on the check that rose most, else on the newest."""
    with acting_as(family):
        weeks_of_checks(family, patient, totals)
    days = [timezone.now().date() - timedelta(weeks=len(totals) - 1 - index) for index in range(len(totals))]
    checks = list(zip(days, totals, strict=True))
    rises = [
        total - usual if total is not None and usual is not None and total > usual else Decimal(0)
        for (_, total), usual in zip(checks, scoring.baselines(checks), strict=True)
    ]
    told = max(range(len(totals)), key=lambda index: (rises[index], index))
    row = status(clinician)
    assert (row.total, row.baseline) == (totals[told], scoring.baselines(checks)[told])


def test_a_rise_stays_in_sight_until_somebody_looked(patient: Patient, family: User, clinician: User) -> None:
    with acting_as(family):
        weeks_of_checks(family, patient, [1, 1, 1, 8, 8, 8])
    assert (status(clinician).total, status(clinician).rise) == (8, 7)
    with acting_as(clinician):
        reviews.sign_off(clinician, patient, Verdict("noted"), covers_until=timezone.now())
    row = status(clinician)
    assert (row.unreviewed, row.unreviewed_since, row.baseline) == (0, None, Decimal(1))


def test_baseline_looks_back_eight_weeks(patient: Patient, family: User, clinician: User) -> None:
    old = timezone.now() - timedelta(weeks=9)
    with acting_as(family):
        for day in range(4):
            at = old - timedelta(days=day)
            check_in(family, patient, at=at, received_at=at)
        check_in(family, patient)
    assert status(clinician).baseline is None
    assert scoring.baselines([(date(2026, 1, 1), 2)] * 4 + [(date(2026, 3, 1), 2)])[-1] is None


def test_corrected_and_wrong_entries_do_not_count(patient: Patient, family: User, clinician: User) -> None:
    with acting_as(family):
        first = check_in(family, patient, worried=True)
        assert status(clinician).worried
    with acting_as(family):
        journal.mark_in_error(family, first, "the other child")
    row = status(clinician)
    assert (row.unreviewed, row.worried, row.total) == (0, False, None)


def test_private_items_count_whoever_writes_next(patient: Patient, family: User, clinician: User) -> None:
    """A parent's entry refreshes the row from everything, also from what the parent may not see."""
    with acting_as(clinician):
        check_in(clinician, patient, audience=Reach.SELF, worried=True)
    with acting_as(family):
        check_in(family, patient)
    assert (status(clinician).unreviewed, status(clinician).worried) == (2, True)
