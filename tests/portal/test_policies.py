"""The second gate, asked directly: what the database refuses to the web role."""

import pytest
from django.db import connection
from django.db.utils import InternalError, ProgrammingError

from portal.identity import acting_as
from portal.models import User
from tracker.models import Patient, PrivateNote

pytestmark = pytest.mark.django_db


def rows(query: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def test_runs_as_the_web_role() -> None:
    assert rows("SELECT current_user, session_user") == [("steady_web", "steady_web")]


def test_nobody_sees_nothing(patient: Patient) -> None:
    assert Patient.objects.count() == 0


def test_seat_opens_the_record(patient: Patient, clinician: User, family: User, colleague: User) -> None:
    for user, seen in ((clinician, 1), (family, 1), (colleague, 0)):
        with acting_as(user):
            assert Patient.objects.count() == seen
