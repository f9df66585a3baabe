"""When a patient is no longer active, and when two records are one patient's."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import ProgrammingError
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as
from portal.models import User
from tests.tracker.diary import check_in
from tests.tracker.family_form import QUIET, address, body
from tracker import diary as words
from tracker import journal, people, records
from tracker.models import CheckIn, Invitation, Patient, PatientStatus, Seat

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
State = Patient.State
SAM = {"name": "Sam", "email": "sam@home.example", "basis": "parent", "ground": "responsibility"}


@pytest.fixture
def doctor(clinician: User, sign_in: SignIn) -> Client:
    return sign_in(clinician)


@pytest.fixture
def parent(family: User, patient: Patient, sign_in: SignIn) -> Client:
    return sign_in(family)


@pytest.fixture
def twin(register: Callable[..., Patient], seat: Callable, other_family: User) -> Patient:
    """The same child, registered again, with another parent."""
    again = register(name="Robin Exampel", record_number="R2")
    seat(again, other_family)
    return again


@pytest.fixture
def close(clinician: User, patient: Patient) -> Callable[..., None]:
    """Ends the time in which the patient is active: close(State.DIED, days=5) ago."""

    def closed(state: Patient.State, days: int = 0) -> None:
        with acting_as(clinician):
            records.change_state(clinician, patient, state, timezone.localdate() - timedelta(days=days))

    return closed


def today(**fields: object) -> dict[str, object]:
    return body(**QUIET, day=timezone.now().date().isoformat(), at="00:00", **fields)


def stored(user: User) -> list[CheckIn]:
    with acting_as(user):
        return list(CheckIn.objects.order_by("received_at"))


def test_the_team_says_since_when(
    doctor: Client, patient: Patient, clinician: User, colleague: User, trail: Callable
) -> None:
    there, on = f"/patients/{patient.pk}/state/", timezone.localdate() - timedelta(days=3)
    assert "Change the patient’s state" in doctor.get(there).content.decode()
    extra = {"state_by": colleague.pk, "name": "X", "frozen_reason": "x"}
    assert doctor.post(there, {"state": "discharged", "on": on, **extra}).status_code == 302
    with acting_as(clinician):
        known = Patient.objects.get()
        assert (known.state, known.state_on, known.state_by) == ("discharged", on, clinician)
        assert known.name == patient.name
        assert not PatientStatus.objects.for_worklist().exists()
    assert "Robin" not in doctor.get("/worklist/").content.decode()
    page = doctor.get(f"/patients/{patient.pk}/").content.decode()
    assert f"Discharged since {on:%-d %b %Y}." in page
    assert "No entry yet" not in page
    assert trail(action="patient discharged", patient_id=patient.pk)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"state": ""}, "Choose one."),
        ({"state": "merged"}, "Choose one of these."),
        ({"on": ""}, "Give the day."),
        ({"on": "tomorrow"}, "year-month-day"),
        ({"on": "2999-01-01"}, "This day has not come yet."),
        ({"on": "2001-01-01"}, "The patient was born on 1 May 2022."),
    ],
)
def test_a_state_that_cannot_be_gets_a_sentence(
    doctor: Client, patient: Patient, clinician: User, typed: dict[str, str], sentence: str
) -> None:
    good = {"state": "died", "on": str(timezone.localdate())}
    answer = doctor.post(f"/patients/{patient.pk}/state/", {**good, **typed})
    assert sentence in answer.content.decode()
    with acting_as(clinician):
        assert Patient.objects.get().state == "active"


@pytest.mark.parametrize("state", [State.TRANSFERRED, State.DISCHARGED, State.DIED])
def test_a_closed_diary_is_read_and_says_why(
    state: Patient.State, parent: Client, patient: Patient, close: Callable, family: User
) -> None:
    with acting_as(family):
        check_in(family, patient, note="How it was")
    close(state)
    with acting_as(family):
        why = words.why_closed(Patient.objects.select_related("clinic").get())
    for there in (f"/log/{patient.pk}/", address(patient)):
        shown = parent.get(there).content.decode()
        assert "This diary is closed" in shown
        assert why in shown
        assert "How is Robin" not in shown
        assert "Worried today" not in shown
        assert 'name="key"' not in shown
    assert "How it was" in parent.get(f"/log/{patient.pk}/").content.decode()


def test_after_a_death_pages_speak_gently(parent: Client, patient: Patient, close: Callable) -> None:
    close(State.DIED)
    refused = parent.post(address(patient), today(note="For Robin")).content.decode()
    for shown in (parent.get(f"/log/{patient.pk}/").content.decode(), refused):
        assert "How is Robin" not in shown
        assert "died" not in shown.lower()
    assert "For Robin" in refused


def test_what_happened_later_is_refused_and_kept_in_the_form(
    parent: Client, patient: Patient, close: Callable, family: User
) -> None:
    close(State.DISCHARGED)
    answer = parent.post(address(patient), today(note="Typed with care"))
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert "takes nothing of that day any more" in shown
    assert "Typed with care" in shown
    assert not stored(family)


def test_what_happened_before_is_still_taken(
    parent: Client, patient: Patient, close: Callable, family: User
) -> None:
    close(State.DISCHARGED)
    answer = parent.post(address(patient), body(**QUIET))  # of yesterday, handed in late
    assert answer.status_code == 302
    assert len(stored(family)) == 1


def test_what_was_taken_before_is_found_again(
    parent: Client, patient: Patient, close: Callable, family: User
) -> None:
    sent = today()
    first = parent.post(address(patient), sent)
    close(State.DISCHARGED)
    assert parent.post(address(patient), sent)["Location"] == first["Location"]
    assert len(stored(family)) == 1


def test_the_journal_itself_refuses(patient: Patient, close: Callable, clinician: User) -> None:
    close(State.DIED)
    with acting_as(clinician), pytest.raises(journal.Closed):
        check_in(clinician, Patient.objects.get())


@pytest.mark.parametrize("state", [State.DIED, State.DISCHARGED])
def test_a_death_closes_invitations(
    state: Patient.State, doctor: Client, patient: Patient, close: Callable, clinician: User, client: Client
) -> None:
    with acting_as(clinician):
        offer = people.invite(clinician, patient, **SAM)
    close(state)
    died = state == State.DIED
    link = f"/invitation/{people.invitation_token(offer)}/"
    assert client.get(link).status_code == (410 if died else 200)
    answer = doctor.post(f"/patients/{patient.pk}/invite/", {**SAM, "email": "new@home.example"})
    assert ("closed to new invitations" in answer.content.decode()) is died
    with acting_as(clinician):
        assert Invitation.objects.filter(email="new@home.example").exists() is not died


def test_a_mistaken_state_is_put_right(close: Callable, parent: Client, patient: Patient) -> None:
    close(State.DIED)
    close(State.ACTIVE)
    assert parent.post(address(patient), today()).status_code == 302


# Merging


def merge(doctor: Client, duplicate: Patient, into: Patient, **extra: object) -> object:
    return doctor.post(f"/patients/{duplicate.pk}/merge/", {"other": into.pk, **extra})


def test_two_records_are_compared_before_they_are_merged(
    doctor: Client, patient: Patient, twin: Patient, family: User, trail: Callable
) -> None:
    with acting_as(family):
        check_in(family, patient)
    there = f"/patients/{patient.pk}/merge/"
    assert "Robin Exampel, born 1 May 2022, No. R2" in doctor.get(there).content.decode()
    shown = doctor.get(there, {"other": twin.pk}).content.decode()
    assert "<dd>R1</dd>" in shown
    assert "<dd>R2</dd>" in shown
    assert "<dd>1</dd>" in shown
    assert "Other Family (parent)" in shown
    assert {*trail(action="records compared")[-1].patients} == {patient.pk, twin.pk}


def test_a_merged_record_keeps_its_entries_and_both_say_so(
    doctor: Client, patient: Patient, twin: Patient, family: User, clinician: User, sign_in: SignIn
) -> None:
    with acting_as(family):
        before = check_in(family, patient, note="Before")
    assert merge(doctor, patient, twin)["Location"] == f"/patients/{twin.pk}/"
    with acting_as(clinician):
        entry = CheckIn.objects.get()
        assert (entry.pk, entry.patient_id, entry.digest) == (before.pk, patient.pk, before.digest)
        assert Seat.objects.current().filter(patient=twin, user=family).exists()
    page = doctor.get(f"/patients/{patient.pk}/").content.decode()
    assert f'This record was merged into <a href="/patients/{twin.pk}/">' in page
    page = doctor.get(f"/patients/{twin.pk}/").content.decode()
    assert f'<a href="/patients/{patient.pk}/">an earlier record' in page
    parent = sign_in(family)
    assert parent.get("/log/")["Location"] == f"/log/{twin.pk}/"  # one child, not two
    assert f"/log/{patient.pk}/" in parent.get(f"/log/{twin.pk}/").content.decode()
    assert f"/log/{twin.pk}/" in parent.get(f"/log/{patient.pk}/").content.decode()
    for rest in ("state/", "merge/"):
        shown = doctor.post(f"/patients/{patient.pk}/{rest}", {"state": "active", "on": "2026-01-01"})
        assert "This record was merged" in shown.content.decode()


def test_an_entry_for_a_merged_record_arrives_in_the_one_that_goes_on(
    doctor: Client, patient: Patient, twin: Patient, parent: Client, family: User
) -> None:
    early, late = today(), today()
    parent.post(address(patient), early)
    merge(doctor, patient, twin)
    for sent in (early, late, late):  # a device that did not hear of it, and sends twice
        assert parent.post(address(patient), sent).status_code == 302
    assert [entry.patient_id for entry in stored(family)] == [patient.pk, twin.pk]


def test_who_reaches_one_of_the_two_sees_no_link(
    doctor: Client, patient: Patient, twin: Patient, family: User, clinician: User, sign_in: SignIn
) -> None:
    merge(doctor, patient, twin)
    with acting_as(clinician):
        people.end_seat(clinician, Seat.objects.get(patient=twin, user=family))
    parent = sign_in(family)
    shown = parent.get(f"/log/{patient.pk}/").content.decode()
    assert str(twin.pk) not in shown
    assert "another diary of Robin" in shown
    assert parent.post(address(patient), today()).status_code == 409


def test_only_records_one_keeps_of_one_clinic(
    doctor: Client,
    patient: Patient,
    register: Callable[..., Patient],
    colleague: User,
    clinician: User,
) -> None:
    theirs = register(colleague)
    sentences = {
        theirs.pk: "Choose a record of the same clinic",
        patient.pk: "Choose a record of the same clinic",
        "x": "not a valid UUID",
        "": "Choose the record that goes on.",
    }
    for other, sentence in sentences.items():
        answer = doctor.post(f"/patients/{patient.pk}/merge/", {"other": other})
        assert sentence in answer.content.decode()
    with acting_as(clinician):
        assert Patient.objects.get().state == "active"
        with pytest.raises(ProgrammingError):
            records.merge(clinician, patient, theirs)


@pytest.mark.parametrize("frozen", ["duplicate", "into"])
def test_a_shut_record_is_not_opened_by_merging(
    frozen: str, doctor: Client, patient: Patient, twin: Patient, clinician: User
) -> None:
    with acting_as(clinician):
        records.freeze(clinician, patient if frozen == "duplicate" else twin, "A worry.")
    assert "Make them alike" in merge(doctor, patient, twin).content.decode()
    with acting_as(clinician):
        assert not Patient.objects.exclude(merged_into=None).exists()


def test_merging_closes_invitations_and_happens_once(
    doctor: Client, patient: Patient, twin: Patient, clinician: User, client: Client
) -> None:
    with acting_as(clinician):
        offer = people.invite(clinician, patient, **SAM)
    merge(doctor, patient, twin)
    assert client.get(f"/invitation/{people.invitation_token(offer)}/").status_code == 410
    assert "This record was merged" in merge(doctor, patient, twin).content.decode()
    assert "Choose a record" in merge(doctor, twin, patient).content.decode()
    with acting_as(clinician):
        with pytest.raises(records.Merged):
            records.change_state(clinician, patient, State.ACTIVE, date(2026, 1, 1))
        with pytest.raises(ValueError, match="merge"):
            records.change_state(clinician, twin, State.MERGED, date(2026, 1, 1))


def test_another_tap_was_faster(
    doctor: Client, patient: Patient, twin: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*arguments: object) -> None:
        raise ProgrammingError

    monkeypatch.setattr(records, "merge", refused)
    assert "was changed in the meantime" in merge(doctor, patient, twin).content.decode()


def test_after_a_death_nobody_comes_of_age_or_grows_older(
    doctor: Client, patient: Patient, close: Callable, clinician: User, family: User
) -> None:
    close(State.DIED)
    with acting_as(clinician):
        Patient.objects.update(birth_date=date(2004, 1, 1), state_on=date(2010, 1, 1))
        held = Seat.objects.get(patient=patient, user=family)
    shown = doctor.get(f"/patients/{patient.pk}/seats/").content.decode()
    assert "6 years" in shown
    assert "decides who sees the diary" not in shown
    later = timezone.localdate() + timedelta(days=700)
    answer = doctor.post(f"/patients/{patient.pk}/seats/{held.pk}/renew/", {"ends_on": later})
    assert answer.status_code == 302
