"""Marks: who set them, from when, until when; an end needs a person."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as
from portal.models import User
from tests.tracker.charting import address
from tracker.models import Mark, Patient

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


def day(days: int) -> str:
    """So many days from today."""
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def sent(**fields: object) -> dict[str, object]:
    return {"name": "immunosuppressed", "starts_on": day(-10), "ends_on": day(90), **fields}


def stored(user: User) -> list[Mark]:
    with acting_as(user):
        return list(Mark.objects.select_related("set_by"))


def test_a_mark_is_set_with_its_author_and_the_family_reads_it(
    doctor: Client, patient: Patient, clinician: User, family: User, trail: Callable
) -> None:
    there = address(patient, "mark")
    assert "Set a mark" in doctor.get(there).content.decode()
    assert doctor.post(there, sent(ends_on="")).status_code == 302
    (mark,) = stored(family)
    assert (mark.name, mark.set_by, mark.ends_on) == ("immunosuppressed", clinician, None)
    assert mark.holds_on(timezone.localdate() + timedelta(days=9999)), "until further notice"
    assert trail(action="mark set", patient_id=patient.pk)


def test_it_is_lengthened_or_ended(
    doctor: Client, patient: Patient, clinician: User, trail: Callable
) -> None:
    doctor.post(address(patient, "mark"), sent())
    there = address(patient, "mark-end", stored(clinician)[0].pk)
    assert day(90) in doctor.get(there).content.decode()
    for end in (day(200), "", day(5)):
        assert doctor.post(there, {"ends_on": end}).status_code == 302
        assert str(stored(clinician)[0].ends_on or "") == end
    assert len(trail(action="mark changed")) == 3
    assert "This is before it begins." in doctor.post(there, {"ends_on": day(-11)}).content.decode()


def test_two_of_a_kind_do_not_overlap(doctor: Client, patient: Patient, clinician: User) -> None:
    doctor.post(address(patient, "mark"), sent())
    page = doctor.post(address(patient, "mark"), sent(starts_on=day(90), ends_on="")).content.decode()
    assert "Lengthen that one, or choose other days." in page
    assert doctor.post(address(patient, "mark"), sent(starts_on=day(91), ends_on="")).status_code == 302
    assert doctor.post(address(patient, "mark"), sent(name="steroid_exposed")).status_code == 302
    there = address(patient, "mark-end", stored(clinician)[0].pk)
    assert "Lengthen that one" in doctor.post(there, {"ends_on": day(95)}).content.decode()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Choose one of these."),
        ({"name": "tired"}, "Choose one of these."),
        ({"starts_on": ""}, "Give the day from which it holds."),
        ({"starts_on": "2001-01-01"}, "The patient was born on 1 May 2022."),
        ({"ends_on": day(-11)}, "This is before it begins."),
        ({"ends_on": "2999-01-01"}, "Check the year."),
    ],
)
def test_a_bad_value_gets_a_sentence_and_the_text_is_kept(
    typed: dict[str, str], sentence: str, doctor: Client, patient: Patient, clinician: User
) -> None:
    told = sent(**typed)
    page = doctor.post(address(patient, "mark"), told).content.decode()
    assert sentence in page
    assert str(told["ends_on"]) in page
    assert not stored(clinician)


@pytest.mark.parametrize("columns", [{"name": "tired"}, {"ends_on": "2001-01-01"}])
def test_the_database_refuses_it_too(columns: dict[str, object], patient: Patient, clinician: User) -> None:
    row = {"name": "immunosuppressed", "starts_on": timezone.localdate(), "set_by": clinician, **columns}
    with acting_as(clinician), pytest.raises(DatabaseError), transaction.atomic():
        Mark.objects.create(patient=patient, **row)


def test_families_and_strangers_stay_out(
    patient: Patient, family: User, colleague: User, sign_in: Callable
) -> None:
    there = address(patient, "mark")
    assert sign_in(family).get(there).status_code == 403
    assert sign_in(colleague).post(there, sent()).status_code == 404
