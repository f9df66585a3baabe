"""Doses: insert-only, once under their key, and entered by phone for the family; signs of an entry."""

import hashlib
import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as
from portal.models import User
from tests.tracker.charting import address
from tests.tracker.diary import check_in, entry
from tracker import doses, records, taps, treatments
from tracker.models import CheckIn, Dose, Patient, Treatment

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


@pytest.fixture
def daily(patient: Patient, clinician: User) -> Treatment:
    with acting_as(clinician):
        made = Treatment(
            agent="Prednisolone", form="daily", starts_on=date(2026, 3, 2), unit="mg", amount=Decimal(5)
        )
        return treatments.plan_treatment(clinician, patient, made)


def sent(**fields: object) -> dict[str, object]:
    yesterday = timezone.localdate() - timedelta(days=1)
    return {"key": uuid4(), "outcome": "missed", "on": yesterday, "at": "", "reason": "Forgot", **fields}


def test_a_missed_dose_by_phone(
    doctor: Client, patient: Patient, daily: Treatment, clinician: User, family: User, trail: Callable
) -> None:
    there = address(patient, "dose", daily.pk)
    assert "A dose of Prednisolone" in doctor.get(there).content.decode()
    told = sent()
    assert doctor.post(there, told).status_code == 302
    assert doctor.post(there, told).status_code == 302, "a second tap"
    with acting_as(family):
        row = Dose.objects.get()
        assert (row.status, row.author, row.local_date, row.reason) == (
            "missed",
            clinician,
            told["on"],
            "Forgot",
        )
        assert row.zone == patient.zone
    assert len(trail(action="dose recorded", patient_id=patient.pk)) == 1
    page = doctor.post(there, {**told, "outcome": "held"}).content.decode()
    assert "Something else was saved under this form already." in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"outcome": ""}, "Choose what became of the dose."),
        ({"outcome": "taken"}, "Choose what became of the dose."),
        ({"on": ""}, "Give the day of the dose."),
        ({"on": "2999-01-01"}, "This day has not come yet."),
        ({"on": "2026-03-01"}, "The treatment is not planned on this day."),
        ({"at": "25:00"}, "Write the time like 18:30."),
        ({"reason": "x" * 301}, "Shorten it to 300"),
    ],
)
def test_a_bad_value_gets_a_sentence_and_the_text_is_kept(
    typed: dict[str, str], sentence: str, doctor: Client, patient: Patient, daily: Treatment, clinician: User
) -> None:
    told = sent(**typed)
    page = doctor.post(address(patient, "dose", daily.pk), told).content.decode()
    assert sentence in page
    assert str(told["reason"]) in page
    with acting_as(clinician):
        assert not Dose.objects.exists()


def test_no_dose_is_missed_after_the_last_one(doctor: Client, patient: Patient, clinician: User) -> None:
    made = Treatment(agent="Prednisolone", form="taper", starts_on=date(2026, 3, 2), unit="mg")
    made.amount = Decimal(5)
    with acting_as(clinician):
        treatments.plan_treatment(clinician, patient, made, [(date(2026, 3, 9), Decimal(0), "mg")])
    there = address(patient, "dose", made.pk)
    page = doctor.post(there, sent(on=date(2026, 3, 9))).content.decode()
    assert "The treatment is not planned on this day." in page
    assert doctor.post(there, sent(on=date(2026, 3, 8))).status_code == 302


def test_a_closed_diary_takes_the_time_before(
    doctor: Client, patient: Patient, daily: Treatment, clinician: User
) -> None:
    with acting_as(clinician):
        records.change_state(
            clinician, patient, Patient.State.DISCHARGED, timezone.localdate() - timedelta(days=2)
        )
    page = doctor.post(address(patient, "dose", daily.pk), sent()).content.decode()
    assert "The diary takes nothing of that day any more." in page
    before = sent(on=timezone.localdate() - timedelta(days=3))
    assert doctor.post(address(patient, "dose", daily.pk), before).status_code == 302


def given(**fields: object) -> doses.Given:
    now = timezone.now() - timedelta(hours=1)
    return doses.Given(now, "Europe/London", now.date(), **fields)


def test_a_family_records_and_corrects(patient: Patient, daily: Treatment, family: User) -> None:
    with acting_as(family):
        first = doses.record_dose(
            family, patient, daily, uuid4(), "taken", given(amount=Decimal("2.5"), unit="mg")
        )
        later = doses.record_dose(family, patient, daily, uuid4(), "vomited", given(), replaces=first)
        assert list(Dose.objects.standing()) == [later]
        with pytest.raises(taps.Superseded):
            doses.record_dose(family, patient, daily, uuid4(), "missed", given(), replaces=first)
        with pytest.raises(ValidationError):
            doses.record_dose(family, patient, daily, uuid4(), "missed", given(amount=Decimal(1), unit="IU"))


def test_no_family_takes_back_what_the_clinic_recorded(
    patient: Patient, daily: Treatment, family: User, clinician: User
) -> None:
    with acting_as(clinician):
        told = doses.record_dose(clinician, patient, daily, uuid4(), "missed", given())
    row = {"status": "missed", "key": uuid4(), "received_at": timezone.now(), **vars(given())}
    undone = {**row, "replaces": told, "error_reason": "not so"}
    with acting_as(family), pytest.raises(DatabaseError), transaction.atomic():
        Dose.objects.create(patient=patient, treatment=daily, author=family, **undone)
    with acting_as(clinician):
        assert list(Dose.objects.standing()) == [told]


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "lost"},
        {"amount": 1, "unit": ""},
        {"amount": 1, "unit": "IU"},
        {"amount": -1, "unit": "mg"},
    ],
)
def test_the_database_refuses_it_too(
    columns: dict[str, object], patient: Patient, daily: Treatment, family: User
) -> None:
    row = {"status": "missed", "key": uuid4(), "received_at": timezone.now(), **vars(given()), **columns}
    with acting_as(family), pytest.raises(DatabaseError), transaction.atomic():
        Dose.objects.create(patient=patient, treatment=daily, author=family, **row)


def test_strangers_stay_out(
    patient: Patient, daily: Treatment, family: User, colleague: User, sign_in: Callable
) -> None:
    there = address(patient, "dose", daily.pk)
    assert sign_in(family).get(there).status_code == 403
    assert sign_in(colleague).post(there, sent()).status_code == 404


# Signs


def test_signs_are_stored_with_the_entry(patient: Patient, family: User) -> None:
    with acting_as(family):
        check_in(family, patient, signs=("floppy", "vomiting_doses", "floppy"))
        told = CheckIn.objects.with_details().get()
        assert sorted(str(sign) for sign in told.signs.all()) == ["floppy", "vomiting_doses"]
        with pytest.raises(ValueError, match="no sign"):
            check_in(family, patient, signs=("hiccups",))


def test_an_entry_without_signs_keeps_its_digest() -> None:
    """What a device sends again must be known again, also after signs came."""
    plain = entry()
    told = {name: value for name, value in vars(plain).items() if name != "signs"}
    before = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()
    assert plain.digest() == before
    assert plain.digest() != entry(signs=("floppy",)).digest()
    assert (
        entry(at=plain.occurred_at, signs=("floppy", "seizure")).digest()
        == entry(at=plain.occurred_at, signs=("seizure", "floppy")).digest()
    )
