"""What is due: of one patient, of all patients, done, repeated, dropped; and notes pinned to a day."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.identity import acting_as
from portal.models import User
from tests.tracker.charting import address
from tracker import plan, records
from tracker.models import DueItem, Patient, PatientStatus, PrivateNote

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


def day(days: int) -> str:
    """So many days from today."""
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def sent(**fields: object) -> dict[str, object]:
    return {"kind": "scan", "text": "Typed with care", "due_on": day(5), "every_weeks": "", **fields}


def stored(user: User) -> list[DueItem]:
    with acting_as(user):
        return list(DueItem.objects.order_by("due_on", "pk"))


def test_it_is_added_once_and_listed(
    doctor: Client, patient: Patient, clinician: User, family: User, trail: Callable
) -> None:
    there = address(patient, "due")
    assert "Nothing is due." in doctor.get(there).content.decode()
    for _ in range(2):
        assert doctor.post(there, sent(due_on=day(-3))).status_code == 302
    (item,) = stored(family)
    assert (item.kind, item.text, item.set_by_id) == ("scan", "Typed with care", clinician.pk)
    page = doctor.get(there).content.decode()
    assert "3 days overdue" in page
    assert trail(action="due item added", patient_id=patient.pk)


@pytest.mark.parametrize(
    ("weeks", "way", "typed", "next_in"),
    [
        ("", "due-done", {"on": day(0)}, None),
        ("12", "due-done", {"on": day(0)}, 84),
        ("12", "due-drop", {"reason": "Not needed"}, None),
    ],
)
def test_what_is_overdue_moves_the_patient_by_name(
    doctor: Client, patient: Patient, clinician: User, weeks: str, way: str, typed: dict, next_in: int | None
) -> None:
    def in_list() -> bool:
        return f">{patient.name}</a>" in doctor.get("/worklist/?section=overdue").content.decode()

    there = address(patient, "due")
    doctor.post(there, sent(due_on=day(0), kind="bloods", text="Bloods of today"))
    assert not in_list()
    doctor.post(there, sent(due_on=day(-3), every_weeks=weeks))
    page = doctor.get("/worklist/?section=overdue").content.decode()
    assert "<p>Typed with care overdue for 3 days.</p>" in page
    assert "Bloods of today" not in page
    assert "Typed with care overdue for 3 days." in doctor.get(patient.get_absolute_url()).content.decode()
    late, today, *_ = stored(clinician)
    assert doctor.post(address(patient, way, late.pk), typed).status_code == 302
    assert not in_list()
    doctor.post(address(patient, "due-drop", today.pk), {"reason": "Not needed"})
    with acting_as(clinician):
        expected = timezone.localdate() + timedelta(days=next_in) if next_in else None
        assert PatientStatus.objects.get(patient=patient).due_on == expected


def test_done_and_due_again(doctor: Client, patient: Patient, clinician: User, trail: Callable) -> None:
    doctor.post(address(patient, "due"), sent(every_weeks="12"))
    there = address(patient, "due-done", stored(clinician)[0].pk)
    assert "It is due every 12 weeks." in doctor.get(there).content.decode()
    assert "has not come yet" in doctor.post(there, {"on": day(1)}).content.decode()
    assert doctor.post(there, {"on": day(-1)}).status_code == 302
    done, again = stored(clinician)
    assert done.done_on.isoformat() == day(-1)
    assert (again.due_on.isoformat(), again.every_weeks, again.done_on) == (day(-1 + 84), 12, None)
    again_tapped = doctor.post(there, {"on": day(-1)}, follow=True)
    assert again_tapped.redirect_chain == [(address(patient, "due"), 302)]
    assert "This was saved already." in again_tapped.content.decode()
    assert "Somebody changed this in the meantime." in doctor.post(there, {"on": day(0)}).content.decode()
    assert len(stored(clinician)) == 2
    assert trail(action="due item done")


def test_dropped_with_a_reason(doctor: Client, patient: Patient, clinician: User) -> None:
    doctor.post(address(patient, "due"), sent())
    there = address(patient, "due-drop", stored(clinician)[0].pk)
    assert "Write why, in a sentence." in doctor.post(there, {"reason": ""}).content.decode()
    for words in ("Dropped. It stays in the list", "This was saved already."):
        assert words in doctor.post(there, {"reason": "Done elsewhere"}, follow=True).content.decode()
    assert "Dropped: Done elsewhere" in doctor.get(address(patient, "due")).content.decode()
    with acting_as(clinician), pytest.raises(plan.Known):
        plan.drop_due(clinician, stored(clinician)[0], "Again")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"kind": ""}, "Choose one of these."),
        ({"kind": "other", "text": ""}, "Write what is due."),
        ({"due_on": ""}, "Give the day by which it is due."),
        ({"due_on": "2001-01-01"}, "The patient was born on 1 May 2022."),
        ({"due_on": "2999-01-01"}, "Check the year."),
        ({"every_weeks": "0"}, "Write a whole number of weeks from 1 to 260"),
        ({"every_weeks": "261"}, "Write a whole number of weeks from 1 to 260"),
        ({"text": "x" * 201}, "at most 200"),
    ],
)
def test_a_bad_value_gets_a_sentence_and_the_text_is_kept(
    typed: dict[str, str], sentence: str, doctor: Client, patient: Patient, clinician: User
) -> None:
    told = sent(**typed)
    page = doctor.post(address(patient, "due"), told).content.decode()
    assert sentence in page
    assert str(told["text"]) in page
    assert not stored(clinician)


@pytest.mark.parametrize(
    "columns", [{"every_weeks": 261}, {"kind": "other"}, {"done_on": day(0), "dropped_reason": "x"}]
)
def test_the_database_refuses_it_too(columns: dict[str, object], patient: Patient, clinician: User) -> None:
    row = {"kind": "scan", "due_on": timezone.localdate(), "set_by": clinician, **columns}
    with acting_as(clinician), pytest.raises(DatabaseError), transaction.atomic():
        DueItem.objects.create(patient=patient, **row)


def test_nothing_is_due_of_who_is_not_active(doctor: Client, patient: Patient, clinician: User) -> None:
    doctor.post(address(patient, "due"), sent())
    with acting_as(clinician):
        records.change_state(clinician, patient, Patient.State.DISCHARGED, timezone.localdate())
    assert "Typed with care" not in doctor.get("/due/").content.decode()
    page = doctor.get(address(patient, "due")).content.decode()
    assert "Nothing is due of a patient who is not active." in page
    assert "Nothing is due of a patient" in doctor.post(address(patient, "due"), sent()).content.decode()
    with acting_as(clinician):
        records.change_state(clinician, patient, Patient.State.ACTIVE, timezone.localdate())
    assert "Typed with care" in doctor.get("/due/").content.decode(), "it was only silent"


# All patients


def test_the_clinics_list_shows_four_weeks_overdue_first(
    doctor: Client,
    patient: Patient,
    register: Callable[..., Patient],
    clinician: User,
    colleague: User,
    trail: Callable,
) -> None:
    other, theirs = register(), register(colleague)
    with acting_as(colleague):
        plan.add_due(colleague, theirs, due_item("Not mine", 1))
    with acting_as(clinician):
        plan.add_due(clinician, patient, due_item("Soon", 28))
        plan.add_due(clinician, other, due_item("Late", -9))
        plan.add_due(clinician, other, due_item("Far", 29))
    page = doctor.get("/due/").content.decode()
    assert page.index("Late") < page.index("Soon")
    assert "9 days overdue" in page
    assert "Far" not in page
    assert "Not mine" not in page
    assert {*trail(action="due list viewed")[-1].patients} == {patient.pk, other.pk}


def due_item(text: str, days: int) -> DueItem:
    return DueItem(kind="bloods", text=text, due_on=timezone.localdate() + timedelta(days=days))


def test_it_is_paged_and_asks_the_same_number_of_questions(
    doctor: Client, patient: Patient, register: Callable[..., Patient], clinician: User
) -> None:
    with acting_as(clinician):
        plan.add_due(clinician, patient, due_item("First", 0))
    doctor.get("/due/")
    with CaptureQueriesContext(connection) as few:
        doctor.get("/due/")
    other = register()
    with acting_as(clinician):
        for number in range(55):
            plan.add_due(clinician, other, due_item(f"Item {number}", number % 20))
    with CaptureQueriesContext(connection) as many:
        page = doctor.get("/due/").content.decode()
    assert len(many) == len(few)
    assert "Page 1 of 2" in page
    assert "Page 2 of 2" in doctor.get("/due/?page=2").content.decode()


def test_an_empty_list_says_what_to_do(doctor: Client, family: User, sign_in: Callable) -> None:
    assert "Nothing is due" in doctor.get("/due/").content.decode()
    assert sign_in(family).get("/due/").status_code == 403


# Notes


def test_a_note_is_pinned_to_a_day(
    doctor: Client, patient: Patient, clinician: User, family: User, trail: Callable
) -> None:
    there = address(patient, "pin")
    assert 'value="2026-03-30"' in doctor.get(there, {"on": "2026-03-30"}).content.decode()
    for damaged in ("x", "2026-02-31"):
        assert day(0) in doctor.get(there, {"on": damaged}).content.decode()
    for _ in range(2):
        assert doctor.post(there, {"on": "2026-03-30", "text": "A video came"}).status_code == 302
    with acting_as(clinician):
        note = PrivateNote.objects.get()
        assert (note.pinned_on.isoformat(), note.author, note.text) == (
            "2026-03-30",
            clinician,
            "A video came",
        )
    with acting_as(family):
        assert not PrivateNote.objects.exists()
    assert len(trail(action="private note pinned", patient_id=patient.pk)) == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"on": ""}, "Give the day to which the note belongs."),
        ({"on": "2001-01-01"}, "The patient was born on 1 May 2022."),
        ({"text": ""}, "Write the note."),
        ({"text": "x" * 4001}, "Shorten it to 4000"),
    ],
)
def test_a_note_without_day_or_words_gets_a_sentence(
    typed: dict[str, str], sentence: str, doctor: Client, patient: Patient, clinician: User
) -> None:
    told = {"on": "2026-03-30", "text": "Typed with care", **typed}
    page = doctor.post(address(patient, "pin"), told).content.decode()
    assert sentence in page
    assert told["text"] in page
    with acting_as(clinician):
        assert not PrivateNote.objects.exists()
