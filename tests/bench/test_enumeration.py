"""Whether the time of an answer tells a known address from an unknown one."""

import random
import time
from statistics import median, quantiles

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from portal.models import User
from tests.cast import PASSWORD

pytestmark = [pytest.mark.bench, pytest.mark.django_db]
PAIRS = 200


def milliseconds(page: str, told: dict[str, str]) -> float:
    cache.clear()  # no limit stands in the way of measuring
    browser = Client()
    started = time.perf_counter()
    assert browser.post(page, told).status_code in {200, 302}
    return (time.perf_counter() - started) * 1000


@pytest.mark.parametrize("page", ["/accounts/login/", "/accounts/password/reset/"])
def test_known_and_unknown_take_the_same_time(page: str, clinician: User, settings: Settings) -> None:
    """200 pairs in random order, with the real hash: the middle halves overlap."""
    settings.PASSWORD_HASHERS = ["portal.sign_in.passwords.BoundedArgon2"]
    clinician.set_password(PASSWORD)
    clinician.save()
    taken: dict[str, list[float]] = {clinician.email: [], "unknown@test.example": []}
    for email in random.sample([*taken] * (PAIRS + 5), 2 * PAIRS + 10):
        told = {"login": email, "password": "a wrong password", "email": email}
        taken[email].append(milliseconds(page, told))
    known, unknown = ([*each[5:]] for each in taken.values())
    (low, _, high), (other_low, _, other_high) = quantiles(known), quantiles(unknown)
    ratio = median(known) / median(unknown)
    print(f"\n{page}: known {median(known):.1f} ms, unknown {median(unknown):.1f} ms; ratio {ratio:.3f}")
    assert low <= other_high
    assert other_low <= high
    assert 0.8 < ratio < 1.25
