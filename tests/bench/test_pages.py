"""How long pages take, printed; gated on ratios within one run, since machines differ."""

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median

import pytest
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as
from portal.models import User
from tests.tracker.diary import check_in
from tracker import reviews
from tracker.models import Patient
from tracker.reviews import Verdict

pytestmark = [pytest.mark.bench, pytest.mark.django_db]


def milliseconds(browser: Client, address: str, times: int = 15) -> float:
    """Median of some requests, after one to warm up."""
    browser.get(address)
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        assert browser.get(address).status_code == 200
        taken.append((time.perf_counter() - started) * 1000)
    return median(taken)


def test_worklist_does_not_grow_with_the_clinic(
    sign_in: Callable, register: Callable[..., Patient], clinician: User
) -> None:
    """A page of 50 costs about the same whether 60 or 300 patients stand behind it."""
    browser = sign_in(clinician)
    for _ in range(60):
        register()
    few = milliseconds(browser, "/worklist/")
    for _ in range(240):
        register()
    many = milliseconds(browser, "/worklist/")
    print(f"\nworklist: {few:.1f} ms of 60 patients, {many:.1f} ms of 300; ratio {many / few:.2f}")
    assert many / few < 2


def test_patient_page_bears_a_long_diary(
    sign_in: Callable, patient: Patient, family: User, clinician: User
) -> None:
    """Ten times the reviewed days cost less than four times the page."""
    browser, address = sign_in(clinician), f"/patients/{patient.pk}/?days=all"

    def log(days: range) -> None:
        with acting_as(family):
            for day in days:
                at = timezone.now() - timedelta(days=day, hours=1)
                check_in(family, patient, kind="daily", ratings={"eyes": 1, "mood": 0}, at=at, received_at=at)
        with acting_as(clinician):
            reviews.sign_off(clinician, patient, Verdict("noted"), covers_until=timezone.now())

    log(range(20))
    short = milliseconds(browser, address)
    log(range(20, 200))
    long = milliseconds(browser, address)
    print(f"\npatient page: {short:.1f} ms of 20 days, {long:.1f} ms of 200; ratio {long / short:.2f}")
    assert long / short < 4
