"""Blood pressure: what a family writes, a limit of the patient's own, and the call when it is passed."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as
from portal.models import User
from tests.tracker import charting, family_form
from tests.tracker.courses_by_hand import daily, day, run, sign
from tests.tracker.diary import check_in
from tests.tracker.test_flags import of, switched_on
from tracker.detector import Finding, Mark
from tracker.models import CheckIn, Flag, Measurement, Patient
from tracker.models import Mark as StoredMark

LIMIT = Mark("pressure_limit", day(0), None, 110, 70)
database = pytest.mark.django_db


def reading(number: float, upper: float, lower: float) -> object:
    return daily(number, measurements={"systolic_mmhg": upper, "diastolic_mmhg": lower})


def said(*rows: object, signs: tuple = (), marks: tuple[Mark, ...] = (LIMIT,)) -> list[Finding]:
    found = run(list(rows), signs=signs, marks=marks)
    return [one for one in found if one.rule == "blood_pressure"]


def test_two_readings_running_over_the_own_limit_are_a_call_the_same_day() -> None:
    (one,) = said(reading(1, 112, 60), reading(2, 100, 71), reading(3, 120, 80))
    assert (one.on, one.kind, one.evidence) == (day(2), "same_day", ("1", "2"))
    assert one.reason == "Blood pressure 100/71, after 112/60, over the limit of 110/70."


@pytest.mark.parametrize(
    "rows",
    [
        [reading(1, 120, 80)],
        [reading(1, 120, 80), reading(9, 120, 80)],  # not one after the other
        [reading(1, 120, 80), reading(2, 110, 70), reading(3, 120, 80)],  # at the limit is not over it
        [reading(1, 120, 80), daily(2, measurements={"systolic_mmhg": 120})],
    ],
)
def test_one_reading_is_none(rows: list) -> None:
    assert said(*rows) == []


def test_without_a_limit_of_ones_own_no_number_is_too_high() -> None:
    rows = [reading(1, 200, 120), reading(2, 200, 120)]
    assert said(*rows, marks=()) == []
    assert said(*rows, marks=(Mark("pressure_limit", day(3), None, 110, 70),)) == []
    assert said(*rows, marks=(Mark("pressure_limit", day(0), day(1), 110, 70),)) == []


def test_it_is_said_again_after_a_reading_within_the_limit() -> None:
    rows = [reading(number, 120, 80) for number in (1, 2, 3)]
    again = [reading(5, 100, 60), reading(6, 120, 80), reading(7, 120, 80)]
    assert [one.on for one in said(*rows, *again)] == [day(2), day(7)]


@pytest.mark.parametrize("on", [1, 2, 3])
def test_with_a_sign_of_the_days_around_it_is_an_emergency(on: int) -> None:
    found = said(reading(2, 120, 80), signs=(sign(on, "floppy"),))
    assert [one.kind for one in found] == ["emergency"]
    assert "with being floppy, pale or hard to wake" in found[0].reason
    assert said(reading(2, 120, 80), signs=(sign(5, "floppy"), sign(2, "new_lump"))) == []


@database
def test_a_family_writes_both_numbers_and_reads_them_back(
    patient: Patient, family: User, sign_in: Callable[[User], Client]
) -> None:
    told = {"systolic_mmhg": "112", "diastolic_mmhg": "64", **family_form.QUIET}
    answer = sign_in(family).post(family_form.address(patient), family_form.body(**told), follow=True)
    assert "112 mm Hg" in answer.content.decode()
    with acting_as(family):
        stored = {each.kind: (each.value, each.unit) for each in Measurement.objects.all()}
    assert stored["diastolic_mmhg"] == (Decimal(64), "mm[Hg]")


@database
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (("112", ""), "Write both numbers, as in 110 over 70."),
        (("", "64"), "Write both numbers, as in 110 over 70."),
        (("64", "112"), "The upper number is the larger one."),
        (("300", "64"), "Write a whole number, 40 to 260."),
        (("112", "6"), "Write a whole number, 20 to 200."),
        (("high", "64"), "Write a whole number, 40 to 260."),
    ],
)
def test_a_bad_reading_gets_a_sentence(
    typed: tuple[str, str], sentence: str, patient: Patient, family: User, sign_in: Callable
) -> None:
    told = dict(zip(("systolic_mmhg", "diastolic_mmhg"), typed, strict=True))
    page = sign_in(family).post(family_form.address(patient), family_form.body(**told)).content.decode()
    assert sentence in page
    assert all(f'value="{word}"' in page for word in typed if word)
    with acting_as(family):
        assert not CheckIn.objects.exists()


def limit(**fields: object) -> dict[str, object]:
    start = (timezone.localdate() - timedelta(days=30)).isoformat()
    return {"name": "pressure_limit", "systolic": "110", "diastolic": "70", "starts_on": start, **fields}


@database
def test_a_limit_and_two_readings_put_the_patient_on_top_of_the_worklist(
    patient: Patient, family: User, clinician: User, sign_in: Callable
) -> None:
    switched_on(clinician, patient)
    assert sign_in(clinician).post(charting.address(patient, "mark"), limit()).status_code == 302
    with acting_as(family):
        for days in (1, 0):
            measured = {"systolic_mmhg": Decimal(120), "diastolic_mmhg": Decimal(80)}
            at = timezone.now() - timedelta(days=days, hours=1)
            check_in(family, patient, kind="daily", measurements=measured, at=at)
    (flag,) = [each for each in of(clinician, patient) if each.rule == "blood_pressure"]
    assert (flag.tier, len(flag.evidence)) == (Flag.Tier.SAME_DAY, 2)
    page = sign_in(clinician).get(f"/patients/{patient.pk}/").content.decode()
    assert "over the limit of 110/70" in page
    assert "Blood pressure limit 110/70 mm Hg" in page
    assert "Blood pressure" in page


@database
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"systolic": ""}, "Write both numbers, as in 110 over 70."),
        ({"systolic": "", "diastolic": ""}, "Write both numbers, as in 110 over 70."),
        ({"diastolic": "110"}, "The upper number is the larger one."),
        ({"systolic": "1100"}, "Write a whole number, 40 to 260."),
        ({"name": "immunosuppressed"}, "Only a blood pressure limit has numbers."),
    ],
)
def test_a_bad_limit_gets_a_sentence(
    typed: dict[str, str], sentence: str, patient: Patient, clinician: User, sign_in: Callable
) -> None:
    page = sign_in(clinician).post(charting.address(patient, "mark"), limit(**typed)).content.decode()
    assert sentence in page
    with acting_as(clinician):
        assert not StoredMark.objects.exists()


@database
@pytest.mark.parametrize(
    "columns",
    [
        {"name": "pressure_limit"},
        {"name": "pressure_limit", "systolic": 110},
        {"name": "pressure_limit", "systolic": 70, "diastolic": 110},
        {"name": "pressure_limit", "systolic": 999, "diastolic": 70},
        {"name": "immunosuppressed", "systolic": 110, "diastolic": 70},
    ],
)
def test_the_database_refuses_a_bad_limit_too(
    columns: dict[str, object], patient: Patient, clinician: User
) -> None:
    row = {"starts_on": date(2026, 1, 1), "set_by": clinician, **columns}
    with acting_as(clinician), pytest.raises(DatabaseError), transaction.atomic():
        StoredMark.objects.create(patient=patient, **row)


@database
@pytest.mark.parametrize(("kind", "value"), [("systolic_mmhg", 300), ("diastolic_mmhg", 5)])
def test_the_database_refuses_a_bad_reading_too(
    kind: str, value: int, patient: Patient, family: User
) -> None:
    with acting_as(family), pytest.raises(DatabaseError), transaction.atomic():
        check_in(family, patient, kind="daily", measurements={kind: Decimal(value)})
