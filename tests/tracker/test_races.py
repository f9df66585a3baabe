"""What happens when two arrive at once: the constraint decides, and nothing is stored twice."""

import threading
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection

from portal.identity import acting_as
from portal.models import User
from tests.tracker.diary import check_in, entry
from tracker import journal
from tracker.models import CheckIn, Patient, Rating

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def at_once(number: int, act: Callable[[], object]) -> list[object]:
    """Run `act` in `number` threads that start together; what each gave or raised."""
    barrier, results = threading.Barrier(number), []

    def run() -> None:
        try:
            barrier.wait()
            results.append(act())
        except Exception as error:
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def test_one_key_sent_twenty_times_is_one_entry(patient: Patient, family: User) -> None:
    key, told = uuid4(), entry()

    def send() -> object:
        with acting_as(family):
            return journal.record(family, patient, key, told).pk

    assert len(set(at_once(20, send))) == 1
    with acting_as(family):
        assert CheckIn.objects.count() == 1
        assert Rating.objects.count() == 6


def test_one_correction_wins(patient: Patient, family: User) -> None:
    with acting_as(family):
        first = check_in(family, patient)

    def correct() -> object:
        with acting_as(family):
            return journal.record(family, patient, uuid4(), entry(), replaces=first).pk

    results = at_once(5, correct)
    assert len([result for result in results if not isinstance(result, Exception)]) == 1
    with acting_as(family):
        assert CheckIn.objects.standing().count() == 1
