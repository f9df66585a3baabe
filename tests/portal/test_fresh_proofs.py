"""What matters asks once more who is at the keyboard, whichever page leads to it."""

from collections.abc import Callable

import pytest
from django.test import Client

from portal.models import User
from tracker.models import Patient

pytestmark = pytest.mark.django_db
AGAIN = "/accounts/reauthenticate/"


@pytest.fixture
def stale(sign_in: Callable[[User], Client]) -> Callable[[User], Client]:
    """A browser whose last proof is long ago."""

    def signed_in(user: User) -> Client:
        browser = Client()
        browser.force_login(user)
        return browser

    return signed_in


def test_a_seat_is_not_given_without_one(
    stale: Callable, patient: Patient, clinician: User, colleague: User
) -> None:
    browser = stale(clinician)
    handed = {"outcome": "handed", "handed_to": colleague.pk}
    for address, typed in (
        ("/hand-over/", {"clinic": patient.clinic_id, "patients": [patient.pk], "colleague": colleague.pk}),
        (f"/patients/{patient.pk}/review/", handed),
        (f"/patients/{patient.pk}/seats/join/", {"colleague": colleague.pk}),
    ):
        answer = browser.post(address, typed)
        assert answer.status_code == 302, address
        assert answer.headers["Location"].startswith(AGAIN), address
    assert browser.get("/hand-over/").status_code == 200, "looking asks nothing"


def test_nothing_is_taken_out_without_one(
    stale: Callable, patient: Patient, clinician: User, auditor: User
) -> None:
    ticked = {"patient": [patient.pk]}
    asked = [
        stale(clinician).post("/worklist/export.csv", ticked),
        stale(clinician).post("/worklist/text/", ticked),
        stale(auditor).get("/trail/export.csv"),
    ]
    assert [answer.headers.get("Location", "")[: len(AGAIN)] for answer in asked] == [AGAIN] * 3
