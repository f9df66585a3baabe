"""The second gate, asked directly: what the database refuses to the web role."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from portal.identity import acting_as, acting_for, speaking_as
from portal.models import User
from tests.tracker.diary import check_in
from tracker import people, reviews
from tracker.models import CheckIn, Message, Patient, PatientStatus, PrivateNote, Rating, Seat
from tracker.models.seats import Basis, Reach
from tracker.reviews import Verdict

pytestmark = pytest.mark.django_db


def rows(query: str, *values: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(DatabaseError), transaction.atomic():
        yield


PATIENT_TABLES = """
    SELECT DISTINCT c.table_name FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE'
        AND (c.column_name = 'patient_id' OR c.table_name IN ('tracker_patient', 'tracker_patientpast'))
"""


def test_runs_as_the_web_role() -> None:
    assert rows("SELECT current_user, session_user") == [("steady_web", "steady_web")]


def test_every_patient_table_is_protected() -> None:
    """A table with a patient in it and no forced policy fails here, also one made later."""
    tables = {name for (name,) in rows(PATIENT_TABLES)}
    forced = rows("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    assert len(tables) >= 14
    assert tables <= {name for (name,) in forced}


def test_nobody_sees_nothing(patient: Patient) -> None:
    with speaking_as(""):
        assert Patient.objects.count() == 0


def test_seat_opens_the_record_and_its_end_closes_it(patient: Patient, clinician: User, family: User) -> None:
    with acting_as(family):
        assert Patient.objects.count() == 1
    with acting_as(clinician):
        people.end_seat(clinician, Seat.objects.get(user=family))
    with acting_as(family):
        assert Patient.objects.count() == 0


@pytest.mark.parametrize("word", ["colleague", "stranger", "other_family", "editor", "reviewer", "auditor"])
def test_without_a_seat_nothing(
    word: str, patient: Patient, family: User, request: pytest.FixtureRequest
) -> None:
    with acting_as(family):
        check_in(family, patient)
    with acting_as(request.getfixturevalue(word)):
        for (table,) in rows(PATIENT_TABLES):
            auditable = table.endswith("past") or table in ("portal_auditevent", "tracker_emergencyaccess")
            if word != "auditor" or not auditable:
                assert rows(f"SELECT count(*) FROM {table}") == [(0,)], table


def test_administrator_sees_identity_and_no_diary(
    patient: Patient, family: User, administrator: User
) -> None:
    with acting_as(family):
        check_in(family, patient)
    with acting_as(administrator):
        assert Patient.objects.count() == 1
        assert Seat.objects.count() == 2
        assert CheckIn.objects.count() == Rating.objects.count() == PatientStatus.objects.count() == 0


def test_private_notes_are_clinical(patient: Patient, clinician: User, family: User) -> None:
    with acting_as(clinician):
        reviews.sign_off(
            clinician, patient, Verdict("noted", private_note="p", message="m"), covers_until=timezone.now()
        )
        assert PrivateNote.objects.count() == 1
    with acting_as(family):
        assert PrivateNote.objects.count() == 0
        assert Message.objects.count() == 1
        with refused():
            PrivateNote.objects.create(patient=patient, author=family, text="forged")


def test_private_items_reach_patient_and_clinic(
    patient: Patient, clinician: User, family: User, other_family: User, seat: Callable[..., Seat]
) -> None:
    seat(patient, other_family, Basis.SELF)
    with acting_as(other_family):
        check_in(other_family, patient, audience=Reach.SELF, ratings={"mood": 3})
    for user, seen in ((other_family, 1), (clinician, 1), (family, 0)):
        with acting_as(user):
            assert (CheckIn.objects.count(), Rating.objects.count()) == (seen, seen)
            assert CheckIn.objects.visible_to(user).count() == seen


def test_nobody_writes_as_somebody_else(patient: Patient, clinician: User, family: User) -> None:
    with acting_as(family), refused():
        check_in(clinician, patient)


def test_details_name_the_same_patient(
    patient: Patient, register: Callable[..., Patient], clinician: User
) -> None:
    other = register()
    with acting_as(clinician):
        entry = check_in(clinician, patient)
        with refused():
            Rating.objects.create(patient=other, check_in=entry, item="gait", value=1)
            rows("SET CONSTRAINTS ALL IMMEDIATE")


def test_nothing_points_at_another_patients_rows(
    patient: Patient, register: Callable[..., Patient], clinician: User
) -> None:
    """Foreign keys do not ask row-level security, so a reference carries its patient along."""
    other = register()
    with acting_as(clinician):
        entry = check_in(clinician, patient)
        with refused():
            check_in(clinician, other, replaces=entry)
            rows("SET CONSTRAINTS ALL IMMEDIATE")


def test_family_keeps_no_identities_and_no_seats(patient: Patient, family: User) -> None:
    with acting_as(family):
        assert Patient.objects.update(name="Somebody Else") == 0
        assert Seat.objects.exclude(user=family).update(ends_at=timezone.now()) == 0


def test_registration_asks_for_a_clinician_of_the_clinic(
    stranger: User, editor: User, clinic: object
) -> None:
    for user in (stranger, editor):
        with refused(), acting_as(user):
            people.register(user, clinic, name="X", birth_date=timezone.now().date(), record_number="1")


def test_job_reaches_its_patient_alone(patient: Patient, register: Callable[..., Patient]) -> None:
    register()
    with acting_for(patient.pk):
        assert [each.pk for each in Patient.objects.all()] == [patient.pk]
    with acting_for(uuid4()):
        assert Patient.objects.count() == 0


def test_web_role_can_use_every_library_table() -> None:
    """A library's upgrade that adds a table needs a grant; see migration `portal.0002`."""
    missing = rows(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
        " AND NOT relname ~ '^(portal|conditions|tracker|django_migrations|pghistory)'"
        " AND NOT has_table_privilege(current_user, oid, 'INSERT')"
    )
    assert missing == []
