"""A plan that was changed keeps the days it was in force; one taken back never began; both stay in sight."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as, acting_for
from portal.models import User
from tests.tracker.charting import address, plan
from tests.tracker.diary import check_in
from tests.tracker.test_flags import switched_on
from tracker import observed, taps, treatments
from tracker.models import Flag, Patient, PatientStatus, Treatment

pytestmark = pytest.mark.django_db
SAVED = "This was saved already."


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


def day(days: int) -> str:
    """So many days from today."""
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def said(page: object) -> str:
    return " ".join(page.content.decode().split())


def planned(doctor: Client, patient: Patient, clinician: User, **fields: object) -> Treatment:
    """The plan that this form makes."""
    assert doctor.post(address(patient, "plan"), plan(**fields)).status_code == 302
    with acting_as(clinician):
        return Treatment.objects.latest("pk")


@pytest.fixture
def changed(doctor: Client, patient: Patient, clinician: User) -> Treatment:
    """A steroid since thirty days ago, whose plan changes today."""
    switched_on(clinician, patient)
    earlier = planned(doctor, patient, clinician, starts_on=day(-30), form="daily")
    sent = plan(starts_on=day(0), amount="10", form="daily")
    assert doctor.post(address(patient, "plan-change", earlier.pk), sent).status_code == 302
    return earlier


def test_the_detector_reads_the_days_before_the_change(
    changed: Treatment, patient: Patient, family: User, clinician: User
) -> None:
    fever = {"temperature_c": Decimal("39.2")}
    with acting_as(family):
        check_in(family, patient, at=timezone.now() - timedelta(days=1), measurements=fever)
    with acting_as(clinician):
        (flag,) = Flag.objects.filter(patient=patient, rule="temperature")
        assert "while immunosuppressed" in flag.reason
    with acting_for(patient.pk):
        spans = [
            (row.first.isoformat(), row.last) for row in observed.read(patient, changed.starts_on).treatments
        ]
    assert spans == [(day(-30), timezone.localdate() - timedelta(days=1)), (day(0), None)]


def test_the_page_shows_the_earlier_plan_as_history(
    changed: Treatment, doctor: Client, patient: Patient
) -> None:
    page = said(doctor.get(patient.get_absolute_url()))
    assert "Earlier treatments (1)" in page
    assert ", then changed, 20 mg per dose, 2 doses a day: 40 mg a day" in page
    assert "20 mg per dose" in page.split("Treatments, all that are recorded")[1]


def test_a_dose_is_shown_to_its_last_digit(doctor: Client, patient: Patient, clinician: User) -> None:
    planned(doctor, patient, clinician, starts_on=day(-1), amount="999999.999", doses_per_day="1")
    for where in (patient.get_absolute_url(), f"{patient.get_absolute_url()}glance/", "/worklist/"):
        page = said(doctor.get(where))
        assert "999999.999 mg" in page, where
        assert "1e+06" not in page, where


def test_a_plan_is_taken_back_before_it_begins(
    doctor: Client, patient: Patient, clinician: User, trail: Callable
) -> None:
    soon = planned(doctor, patient, clinician, starts_on=day(7))
    there = address(patient, "plan-stop", soon.pk)
    page = said(doctor.get(there))
    assert "left empty, it never begins" in page
    assert "This is before its first day." in said(doctor.post(there, {"ends_on": day(1)}))
    answer = doctor.post(there, {"ends_on": "", "reason": "Second opinion"}, follow=True)
    assert "Prednisolone is taken back: it does not begin." in said(answer)
    assert SAVED in said(doctor.post(there, {"ends_on": "", "reason": "Second opinion"}, follow=True))
    page = said(doctor.get(patient.get_absolute_url()))
    assert "No current treatment is recorded." in page
    assert ", taken back before it began, 20 mg per dose" in page
    assert "Stopped: Second opinion" in page
    assert len(trail(action="treatment taken back", patient_id=patient.pk)) == 1
    with acting_as(clinician):
        (row,) = Treatment.objects.all()
        assert (row.starts_on.isoformat(), row.ends_on, row.taken_back) == (day(7), None, True)
        assert not Treatment.objects.standing()
        assert not PatientStatus.objects.get(patient=patient).steps
    assert doctor.get(there).status_code == 404, "there is nothing left to stop"


def test_only_what_has_not_begun_is_taken_back(doctor: Client, patient: Patient, clinician: User) -> None:
    running = planned(doctor, patient, clinician, starts_on=day(0))
    page = said(doctor.post(address(patient, "plan-stop", running.pk), {"ends_on": ""}))
    assert "Give the last day." in page
    with acting_as(clinician), pytest.raises(taps.Superseded):
        treatments.take_back(clinician, running, "")


def test_a_change_taken_back_frees_the_plan_before_it(
    doctor: Client, patient: Patient, clinician: User
) -> None:
    earlier = planned(doctor, patient, clinician, starts_on=day(-9))
    doctor.post(address(patient, "plan-change", earlier.pk), plan(starts_on=day(5), amount="10"))
    with acting_as(clinician):
        later = Treatment.objects.get(replaces=earlier)
    there = address(patient, "plan-stop", later.pk)
    assert "The plan before it still ends on" in said(doctor.get(there))
    doctor.post(there, {"ends_on": ""})
    on = address(patient, "plan-change", earlier.pk)
    assert doctor.post(on, plan(starts_on=day(5), amount="15")).status_code == 302
    with acting_as(clinician):
        rows = Treatment.objects.standing().order_by("starts_on")
        assert [row.amount for row in rows] == [20, 15]


def test_a_second_tap_on_a_change_says_that_it_is_saved(
    doctor: Client, patient: Patient, clinician: User, colleague: User
) -> None:
    earlier = planned(doctor, patient, clinician, starts_on=day(-9))
    there = address(patient, "plan-change", earlier.pk)
    sent = plan([(day(3), "5")], starts_on=day(0), amount="10")
    assert doctor.post(there, sent).status_code == 302
    answer = doctor.post(there, sent, follow=True)
    assert answer.redirect_chain
    assert SAVED in said(answer)
    other = plan([(day(3), "4")], starts_on=day(0), amount="10", note="Typed with care")
    page = said(doctor.post(there, other))
    assert "Somebody changed this in the meantime." in page
    assert "Typed with care" in page
    with acting_as(clinician):
        assert Treatment.objects.count() == 2


def test_a_second_tap_on_a_stop_changes_nothing(doctor: Client, patient: Patient, clinician: User) -> None:
    running = planned(doctor, patient, clinician, starts_on=day(-9))
    there, sent = address(patient, "plan-stop", running.pk), {"ends_on": day(0), "reason": "Side effects"}
    assert doctor.post(there, sent).status_code == 302
    assert SAVED in said(doctor.post(there, sent, follow=True))
    with acting_as(clinician):
        assert Treatment.objects.get().note == "Stopped: Side effects"
