"""Registering patients, inviting families, ending seats, through the front door."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from portal import parking
from portal.identity import acting_as
from portal.models import User
from tracker import people
from tracker.forms import clinician as forms
from tracker.models import Clinic, Invitation, Patient, Seat

pytestmark = pytest.mark.django_db
ADDRESS = "/patients/register/"
KIM = {"name": "Kim Example", "birth_date": "2022-05-01", "record_number": "N1"}
SAM = {"name": "Sam Example", "email": "Sam@Home.example", "basis": "parent", "ground": "responsibility"}


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


def test_a_registered_patient_is_on_the_worklist(doctor: Client, clinician: User) -> None:
    answer = doctor.post(ADDRESS, KIM)
    with acting_as(clinician):
        patient = Patient.objects.get(name="Kim Example")
        assert Seat.objects.get(patient=patient).user == clinician
    assert answer["Location"] == f"/patients/{patient.pk}/"
    assert "Kim Example" in doctor.get("/worklist/").content.decode()


@pytest.mark.parametrize(
    "name", ["Ólöf Þórsdóttir", "村上 春樹", "محمد علي", "नीलम", "O'Brien-Łuk", "𝒜 🙂", "x" * 200]
)
def test_names_in_any_script(doctor: Client, clinician: User, name: str) -> None:
    assert doctor.post(ADDRESS, {**KIM, "name": name}).status_code == 302
    with acting_as(clinician):
        assert Patient.objects.get().name == name


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "x" * 300}, "200"),
        ({"name": "a\0b"}, "Null"),
        ({"name": "   "}, "Type the patient"),
        ({"birth_date": str(timezone.localdate() + timedelta(days=2))}, "lies in the future"),
        ({"birth_date": "1850-01-01"}, "more than 120 years ago"),
        ({"birth_date": "31 May"}, "year-month-day"),
        ({"birth_date": ""}, "Give the date of birth."),
        ({"record_number": "n" * 41}, "40"),
        ({"record_number": ""}, "Give the record number."),
    ],
)
def test_bad_input_gets_a_sentence(
    doctor: Client, clinician: User, typed: dict[str, str], sentence: str
) -> None:
    answer = doctor.post(ADDRESS, {**KIM, **typed})
    html = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in html
    assert 'value="N1"' in html or "record_number" in typed
    with acting_as(clinician):
        assert not Patient.objects.exists()


def test_a_number_used_by_a_colleague_gets_a_sentence(
    doctor: Client, register: Callable[..., Patient], colleague: User, clinician: User
) -> None:
    register(colleague, record_number="N1")  # whom `clinician` cannot see
    answer = doctor.post(ADDRESS, KIM)
    assert "already used in your clinic" in answer.content.decode()
    assert 'value="Kim Example"' in answer.content.decode()
    with acting_as(clinician):
        assert not Patient.objects.exists()


def test_a_second_tap_registers_once(doctor: Client, clinician: User) -> None:
    doctor.post(ADDRESS, KIM)
    assert doctor.post(ADDRESS, KIM).status_code == 200
    with acting_as(clinician):
        assert Patient.objects.count() == 1


def test_the_clinic_is_asked_only_of_those_with_several(
    doctor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'name="clinic"' not in doctor.get(ADDRESS).content.decode()
    monkeypatch.setattr(forms, "clinics_of", lambda user: Clinic.objects.all())
    assert 'name="clinic"' in doctor.get(ADDRESS).content.decode()
    assert "Choose the clinic." in doctor.post(ADDRESS, KIM).content.decode()
    north = Clinic.objects.get(name="North Clinic")
    assert doctor.post(ADDRESS, {**KIM, "clinic": north.pk}).status_code == 302
    monkeypatch.setattr(forms, "clinics_of", lambda user: Clinic.objects.none())
    assert "You work at no clinic yet" in doctor.get(ADDRESS).content.decode()
    assert doctor.post(ADDRESS, {**KIM, "record_number": "N2"}).status_code == 200


def test_who_may_register_and_invite(
    client: Client,
    patient: Patient,
    family: User,
    editor: User,
    administrator: User,
    stranger: User,
    sign_in: Callable[[User], Client],
) -> None:
    for address in (ADDRESS, f"/patients/{patient.pk}/invite/", f"/patients/{patient.pk}/seats/0/end/"):
        assert client.get(address).status_code == 302
        for user in (family, editor, administrator):
            assert sign_in(user).get(address).status_code == 403
    assert sign_in(stranger).get(f"/patients/{patient.pk}/invite/").status_code == 404
    assert sign_in(stranger).post(f"/patients/{patient.pk}/invite/", SAM).status_code == 404


def test_an_invitation_sends_a_mail_that_names_nobody(
    doctor: Client, patient: Patient, clinician: User
) -> None:
    address = f"/patients/{patient.pk}/invite/"
    assert doctor.post(address, SAM).status_code == 302
    with acting_as(clinician):
        offer = Invitation.objects.get(email="sam@home.example")
    (letter,) = mail.outbox
    assert letter.to == ["sam@home.example"]
    assert "Robin" not in letter.body + letter.subject
    assert "/invitation/" in letter.body
    html = doctor.get(f"/patients/{patient.pk}/seats/").content.decode()
    assert "sam@home.example" in html
    assert "Hand over this link" in html
    token = html.split("/invitation/")[1].split("/")[0]
    assert people.invitation_key(token) == offer.key


def test_in_production_the_link_is_only_in_the_mail(doctor: Client, patient: Patient, settings: Any) -> None:
    doctor.post(f"/patients/{patient.pk}/invite/", SAM)
    settings.PRODUCTION = True
    html = doctor.get(f"/patients/{patient.pk}/seats/").content.decode()
    assert "sam@home.example" in html
    assert "/invitation/" not in html


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"email": "sam at home"}, "like name@example.org"),
        ({"email": ""}, "Give the e-mail address."),
        ({"email": f"{'a' * 250}@home.example"}, "254"),
        ({"email": "family@test.example"}, "reaches the diary already"),
        ({"name": "x" * 300}, "200"),
        ({"name": "a\0b"}, "Null"),
        ({"basis": "care_team"}, "care_team"),
        ({"basis": ""}, "Choose who they are."),
    ],
)
def test_a_bad_invitation_gets_a_sentence(
    doctor: Client, patient: Patient, clinician: User, typed: dict[str, str], sentence: str
) -> None:
    answer = doctor.post(f"/patients/{patient.pk}/invite/", {**SAM, **typed})
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    with acting_as(clinician):
        assert not Invitation.objects.filter(accepted_at=None).exists()


def test_nobody_is_invited_twice(doctor: Client, patient: Patient, clinician: User) -> None:
    address = f"/patients/{patient.pk}/invite/"
    doctor.post(address, SAM)
    assert "invited already" in doctor.post(address, SAM).content.decode()
    with acting_as(clinician):
        facts = {"name": "Sam", "email": "sam@home.example", "basis": "parent", "ground": "responsibility"}
        first = people.invite(clinician, patient, **facts)
        assert Invitation.objects.filter(accepted_at=None).count() == 1
        assert first.invited_by == clinician


def test_a_seat_is_ended_after_a_question(
    doctor: Client, patient: Patient, family: User, sign_in: Callable[[User], Client], clinician: User
) -> None:
    with acting_as(clinician):
        seat = Seat.objects.get(patient=patient, user=family)
    address = f"/patients/{patient.pk}/seats/{seat.pk}/end/"
    assert "End the seat of Family?" in doctor.get(address).content.decode()
    with acting_as(clinician):
        assert Seat.objects.current().filter(pk=seat.pk).exists()
    assert doctor.post(address)["Location"] == f"/patients/{patient.pk}/seats/"
    assert doctor.get(address).status_code == 404
    with acting_as(family):
        assert not Patient.objects.exists()


def test_the_last_seat_of_the_care_team_stays(doctor: Client, patient: Patient, clinician: User) -> None:
    with acting_as(clinician):
        seat = Seat.objects.get(patient=patient, user=clinician)
    address = f"/patients/{patient.pk}/seats/{seat.pk}/end/"
    assert "has to stay" in doctor.get(address).content.decode()
    assert "has to stay" in doctor.post(address).content.decode()
    assert doctor.get(f"/patients/{patient.pk}/").status_code == 200


def test_one_of_several_may_leave(doctor: Client, patient: Patient, clinician: User, colleague: User) -> None:
    with acting_as(clinician):
        people.join_team(clinician, patient, colleague)
        mine = Seat.objects.get(patient=patient, user=clinician)
    assert doctor.post(f"/patients/{patient.pk}/seats/{mine.pk}/end/")["Location"] == "/worklist/"
    assert doctor.get(f"/patients/{patient.pk}/").status_code == 404


def test_what_was_typed_outlives_the_session(
    client: Client, doctor: Client, patient: Patient, clinician: User
) -> None:
    mark = {"made_for": parking.made_for(clinician)}
    client.post(ADDRESS, {**KIM, **mark})
    client.post(f"/patients/{patient.pk}/invite/", {**SAM, **mark})
    assert 'value="Kim Example"' in doctor.get(ADDRESS).content.decode()
    assert 'value="Sam Example"' in doctor.get(f"/patients/{patient.pk}/invite/").content.decode()
