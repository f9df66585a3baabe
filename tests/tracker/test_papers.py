"""What the patient page says beside the picture: in words, with ways to act, with constant queries."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.identity import acting_as
from portal.models import User
from tests.tracker.charting import ITEMS
from tracker import episodes, plan, ratings, treatments
from tracker.models import DueItem, Episode, Patient, Treatment
from tracker.papers import Planned, dose_words, papers

pytestmark = pytest.mark.django_db
INCLUDES = ("_plan_treatments", "_plan_due", "_plan_marks", "_plan_episodes", "_plan_tags", "_ratings")


def write(user: User, patient: Patient, turn: int) -> None:
    """One more of everything."""
    today = timezone.localdate()
    steps = [(today + timedelta(days=7), Decimal(10), "mg")]
    course = Treatment(
        agent=f"Prednisolone {turn}", form="taper", starts_on=today, amount=Decimal(20), unit="mg"
    )
    course.doses_per_day = 2
    treatments.plan_treatment(user, patient, course, steps)
    over = Treatment(agent=f"Over {turn}", form="daily", starts_on=date(2026, 1, 1), ends_on=date(2026, 1, 9))
    treatments.plan_treatment(user, patient, over)
    plan.add_due(
        user, patient, DueItem(kind="scan", text=f"Scan {turn}", due_on=today - timedelta(days=turn))
    )
    ended = today - timedelta(days=100 * turn + 10)
    plan.set_mark(user, patient, "immunosuppressed", ended - timedelta(days=9), ended)
    begun = today - timedelta(days=100 * turn + 90)
    episodes.start_episode(user, patient, Episode(started_on=begun, returned_on=begun + timedelta(days=30)))
    ratings.rate(user, patient, uuid4(), ratings.Rated(today, "clinic", dict.fromkeys(ITEMS, 1)))
    tag = plan.make_tag(user, patient, f"Tag {turn}", team=False)
    plan.put_tags(user, patient, [*(row.tag for row in patient.taggings.filter(taken_off_at=None)), tag])


def shown(user: User, patient: Patient) -> tuple[str, int]:
    """The includes as a clinician reads them, and the number of queries behind them."""
    known = Patient.objects.get(pk=patient.pk)
    with CaptureQueriesContext(connection) as asked:
        told = {
            "patient": known,
            "perms": user_perms(),
            "zone": known.zone,
            **papers(known, timezone.localdate()),
        }
        pages = [render_to_string(f"tracker/{name}.html", told) for name in INCLUDES]
    return " ".join(" ".join(pages).split()), len(asked)


def user_perms() -> dict[str, dict[str, bool]]:
    return {"tracker": {"treat_patient": True}}


def test_the_papers_ask_the_same_number_of_questions(patient: Patient, clinician: User) -> None:
    with acting_as(clinician):
        write(clinician, patient, 0)
        _, few = shown(clinician, patient)
        for turn in (1, 2, 3):
            write(clinician, patient, turn)
        page, many = shown(clinician, patient)
    assert many == few <= 9
    assert "20 mg per dose, 2 doses a day: 40 mg a day" in page
    assert "10 mg per dose, 2 doses a day: 20 mg a day" in page
    assert "Earlier treatments (4)" in page
    assert "6 of 18" in page
    assert "3 days overdue" in page
    assert "asks for the mark “Steroid-exposed”" in page
    assert page.count("Tag ") >= 4


def test_nothing_yet_says_so(patient: Patient, clinician: User) -> None:
    with acting_as(clinician):
        page, _ = shown(clinician, patient)
    for words in (
        "No current treatment",
        "Nothing is due.",
        "No mark stands.",
        "None set.",
        "None yet.",
        "None.",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("day", "dose", "ahead"),
    [
        (date(2026, 3, 1), "20 mg per dose", "From 9 Mar 2026: 10 mg per dose"),
        (date(2026, 3, 9), "10 mg per dose", "From 16 Mar 2026: 5 mg per dose"),
        (date(2026, 3, 20), "5 mg per dose", ""),
    ],
)
def test_a_step_counts_from_its_day_on(
    day: date, dose: str, ahead: str, patient: Patient, clinician: User
) -> None:
    made = Treatment(
        agent="Prednisolone", form="taper", starts_on=date(2026, 3, 2), amount=Decimal(20), unit="mg"
    )
    steps = [(date(2026, 3, on), Decimal(amount), "mg") for on, amount in ((9, 10), (16, 5), (23, 1))]
    with acting_as(clinician):
        treatments.plan_treatment(clinician, patient, made, steps)
        treatments.stop_treatment(clinician, made, date(2026, 3, 22), "")
        made.refresh_from_db()
        planned = Planned(made, day)
        assert (planned.dose, planned.ahead) == (dose, ahead), "no step after the end counts"


def test_a_dose_that_is_not_recorded_says_so() -> None:
    assert dose_words(Treatment(), None, "") == "dose not recorded"
    assert dose_words(Treatment(doses_per_day=1), Decimal("75.000"), "[iU]/m2") == (
        "75 international units/m² per dose, 1 dose a day: 75 international units/m² a day"
    )


def test_who_may_not_treat_gets_no_link(patient: Patient, clinician: User, register: Callable) -> None:
    with acting_as(clinician):
        write(clinician, patient, 0)
        told = {
            "patient": patient,
            "perms": {"tracker": {}},
            "zone": "UTC",
            **papers(patient, timezone.localdate()),
        }
        assert "href" not in "".join(render_to_string(f"tracker/{name}.html", told) for name in INCLUDES)
