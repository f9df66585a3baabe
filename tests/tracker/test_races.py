"""What happens when two arrive at once: the constraint decides, and nothing is stored twice."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client

from portal.identity import acting_as
from portal.models import User
from tests.tracker.diary import check_in, entry
from tracker import journal, people, status
from tracker.models import CheckIn, Patient, Rating, Review

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


@contextmanager
def held(patient: Patient, user: User, number: int) -> Iterator[None]:
    """Keep the diary's turn until `number` of those whom the block starts wait for a turn."""
    with acting_as(user):
        status.in_turn(patient)
        yield
        until = time.monotonic() + 20
        with connection.cursor() as cursor:
            while time.monotonic() < until:
                cursor.execute(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database ="
                    " (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
                if cursor.fetchone() == (number,):
                    return
                time.sleep(0.05)
    raise AssertionError("nobody waited")


def test_of_two_who_sign_at_once_the_second_hears_of_the_first(
    patient: Patient, family: User, clinician: User, colleague: User, sign_in: Callable[[User], Client]
) -> None:
    """Both have passed every look beforehand when the first one stores."""
    with acting_as(clinician):
        people.join_team(clinician, patient, colleague)
    with acting_as(family):
        until = check_in(family, patient).received_at.isoformat()
    typed = {"outcome": "noted", "covers_until": until, "knows": "", "private_note": "My own words"}
    answers = []

    def sign(browser: Client) -> None:
        answers.append(browser.post(f"/patients/{patient.pk}/review/", typed))
        connection.close()

    threads = [threading.Thread(target=sign, args=[sign_in(user)]) for user in (clinician, colleague)]
    with held(patient, clinician, 2):
        for thread in threads:
            thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    (told,) = (answer.content.decode() for answer in answers if answer.status_code == 200)
    assert "signed this off while your page was open" in told
    assert "My own words" in told
    with acting_as(clinician):
        assert Review.objects.count() == 1
