"""What administrators keep of their own clinic, and of no other: people, posts, seats, hours."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.db import IntegrityError, ProgrammingError, connections
from django.test import Client

from portal.identity import acting_as
from portal.models import User
from tests.cast import PASSWORD
from tracker import emergency, people, records
from tracker.models import Clinic, ClinicStaff, Patient, Seat

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
PEOPLE = "/admin/portal/user/"
NEW = {"name": "Nia New", "email": "Nia@North.example", "roles": ["clinician"]}


@pytest.fixture
def desk(administrator: User, sign_in: SignIn) -> Client:
    return sign_in(administrator)


def html(browser: Client, address: str) -> str:
    return browser.get(address).content.decode()


# People


def test_somebody_begins_and_chooses_a_password(
    desk: Client, client: Client, administrator: User, trail: Callable
) -> None:
    assert f'{PEOPLE}add/"' in html(desk, PEOPLE)
    answer = desk.post(f"{PEOPLE}add/", {**NEW, "is_active": "", "password": "mine", "clinic": "2"})
    person = User.objects.get(email="nia@north.example")
    assert answer["Location"] == f"{PEOPLE}{person.pk}/change/"
    assert (person.roles, person.is_active, person.has_usable_password()) == (["clinician"], True, False)
    assert EmailAddress.objects.get(user=person).verified
    assert [post.clinic.name for post in person.clinic_posts.all()] == ["North Clinic"]
    (letter,) = mail.outbox
    assert letter.to == ["nia@north.example"]
    link = "/accounts/" + letter.body.split("/accounts/")[1].split()[0]
    there = client.get(link, follow=True).redirect_chain[-1][0]
    client.post(there, {"password1": PASSWORD, "password2": PASSWORD})
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    assert {"person added", "person changed"} <= {event.action for event in trail(actor_id=administrator.pk)}
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Type the person’s name."),
        ({"email": "nia"}, "like name@example.org"),
        ({"email": "stranger@test.example"}, "has an account already"),
        ({"roles": []}, "Choose at least one role."),
        ({"roles": ["family"]}, "Choose from these roles."),
        ({"roles": ["superuser"]}, "Choose from these roles."),
    ],
)
def test_who_cannot_begin_gets_a_sentence(desk: Client, typed: dict[str, object], sentence: str) -> None:
    before = User.objects.count()
    assert sentence in desk.post(f"{PEOPLE}add/", {**NEW, **typed}).content.decode()
    assert User.objects.count() == before


def test_the_database_gives_a_new_person_no_roles_and_no_other_clinic(administrator: User) -> None:
    with acting_as(administrator):
        facts = {"name": "X", "email": "clinician@test.example", "roles": ["editor"]}
        with pytest.raises(IntegrityError):
            people.employ(administrator, Clinic.objects.get(name="North Clinic"), **facts)
        south = Clinic.objects.get(name="South Clinic")
        with pytest.raises(ProgrammingError):
            people.employ(administrator, south, **{**facts, "email": "x@test.example"})
    assert not User.objects.filter(email="x@test.example").exists()


def test_changes_ask_who_is_at_the_keyboard(
    client: Client, administrator: User, colleague: User, patient: Patient
) -> None:
    client.force_login(administrator)
    typed = {"name": "Changed", "roles": ["clinician"], "is_active": "on"}
    pages = [f"{PEOPLE}{colleague.pk}/change/", f"{PEOPLE}add/", f"{PEOPLE}{colleague.pk}/leave/"]
    pages += [f"{PEOPLE}{colleague.pk}/sessions/end/", f"/admin/tracker/patient/{patient.pk}/change/"]
    pages += [f"/admin/tracker/patient/{patient.pk}/seats/"]
    for there in pages:
        assert client.get(there).status_code == 200
        assert client.post(there, {**NEW, **typed})["Location"].startswith("/accounts/reauthenticate/")
    colleague.refresh_from_db()
    assert colleague.name == "Colleague"


def test_an_inactive_person_is_out_at_once(desk: Client, colleague: User, sign_in: SignIn) -> None:
    browser = sign_in(colleague)
    assert browser.get("/worklist/").status_code == 200
    desk.post(f"{PEOPLE}{colleague.pk}/change/", {"name": "Colleague", "roles": ["clinician"]})
    assert browser.get("/worklist/")["Location"].startswith("/accounts/login/")


def test_sessions_are_ended(desk: Client, colleague: User, client: Client, trail: Callable) -> None:
    client.post("/accounts/login/", {"login": colleague.email, "password": PASSWORD})
    assert client.get("/worklist/").status_code == 200
    there = f"{PEOPLE}{colleague.pk}/sessions/end/"
    assert "Colleague?" in html(desk, there)
    assert client.get("/worklist/").status_code == 200
    assert desk.post(there).status_code == 302
    assert client.get("/worklist/")["Location"].startswith("/accounts/login/")
    assert trail(action="session ended")


def test_who_leaves_reaches_nothing_of_the_clinic(
    desk: Client, patient: Patient, clinician: User, colleague: User, sign_in: SignIn, trail: Callable
) -> None:
    with acting_as(clinician):
        people.join_team(clinician, patient, colleague)
    browser, there = sign_in(colleague), f"{PEOPLE}{colleague.pk}/leave/"
    post = colleague.clinic_posts.get()
    assert there in html(desk, f"{PEOPLE}{colleague.pk}/change/")
    assert browser.get(f"/patients/{patient.pk}/").status_code == 200
    assert desk.post(there, {"post": post.pk})["Location"] == PEOPLE
    assert browser.get(f"/patients/{patient.pk}/").status_code == 404
    assert not ClinicStaff.objects.filter(user=colleague).exists()
    assert trail(action="seat ended", patient_id=patient.pk)
    assert trail(action="person left the clinic", target=f"User {colleague.pk}")
    assert desk.get(there).status_code == 404


def test_the_last_of_a_team_cannot_leave(desk: Client, patient: Patient, clinician: User) -> None:
    there, post = f"{PEOPLE}{clinician.pk}/leave/", clinician.clinic_posts.get()
    shown = desk.post(there, {"post": post.pk}).content.decode()
    assert "They are the only one on the care team of: Robin Example, No. R1." in shown
    assert ClinicStaff.objects.filter(pk=post.pk).exists()


def test_a_post_of_another_clinic_or_person_is_not_offered(
    desk: Client, colleague: User, stranger: User, administrator: User
) -> None:
    there = f"{PEOPLE}{colleague.pk}/leave/"
    for post in (stranger.clinic_posts.get().pk, 0, "x", ""):
        assert desk.post(there, {"post": post}).status_code == 200
    assert ClinicStaff.objects.filter(user=stranger).exists()
    for person in (stranger, administrator):
        assert desk.post(f"{PEOPLE}{person.pk}/leave/").status_code == 404
        assert desk.post(f"{PEOPLE}{person.pk}/sessions/end/").status_code == 404


def test_only_administrators_keep_people(
    patient: Patient, clinician: User, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    record = f"/admin/tracker/patient/{patient.pk}/seats/"
    for word in ("clinician", "family", "editor", "auditor"):
        browser = sign_in(request.getfixturevalue(word))
        for there in (f"{PEOPLE}add/", f"{PEOPLE}{clinician.pk}/leave/", record, "/admin/tracker/clinic/"):
            assert browser.get(there).status_code == 403
            assert browser.post(there, NEW).status_code == 403


# Identities


def test_an_identity_that_cannot_be_gets_a_sentence(
    desk: Client, patient: Patient, register: Callable[..., Patient], administrator: User
) -> None:
    register(record_number="R2")
    there = f"/admin/tracker/patient/{patient.pk}/change/"
    good = {"name": "Robin Example", "birth_date": "2022-05-01", "record_number": "R1"}
    for typed, sentence in (
        ({"record_number": "R2"}, "already used in your clinic"),
        ({"birth_date": "2999-01-01"}, "lies in the future"),
        ({"name": ""}, "This field is required."),
    ):
        assert sentence in desk.post(there, {**good, **typed}).content.decode()
    desk.post(there, {**good, "name": "Robin", "state": "died", "frozen_reason": "x", "clinic": "2"})
    with acting_as(administrator):
        known = Patient.objects.get(pk=patient.pk)
        assert (known.name, known.state, known.clinic_id) == ("Robin", "active", patient.clinic_id)


def test_state_and_shutting_are_shown_without_the_reason(
    desk: Client, patient: Patient, clinician: User
) -> None:
    with acting_as(clinician):
        records.freeze(clinician, patient, "A worry about somebody.")
    shown = html(desk, f"/admin/tracker/patient/{patient.pk}/change/")
    assert "Frozen at" in shown
    assert "A worry" not in shown


# Seats


def test_seats_are_listed_ended_and_given(
    desk: Client, patient: Patient, clinician: User, colleague: User, family: User, sign_in: SignIn
) -> None:
    there = f"/admin/tracker/patient/{patient.pk}/seats/"
    shown = html(desk, there)
    assert there in html(desk, f"/admin/tracker/patient/{patient.pk}/change/")
    assert "Parental responsibility checked" in shown
    extra = {"basis": "parent", "user": family.pk, "ends_at": "2000-01-01"}
    assert desk.post(there, {"colleague": colleague.pk, **extra})["Location"] == there
    with acting_as(colleague):
        mine = Seat.objects.get(patient=patient, user=colleague)
        assert (mine.basis, mine.ends_at) == ("care_team", None)
        theirs = Seat.objects.get(patient=patient, user=family)
    browser = sign_in(family)
    assert browser.get(f"/log/{patient.pk}/").status_code == 200
    end = f"{there}{theirs.pk}/end/"
    assert "End the seat of Family?" in html(desk, end)
    assert desk.post(end)["Location"] == there
    assert browser.get(f"/log/{patient.pk}/").status_code == 404
    assert desk.post(end).status_code == 404


def test_an_administrator_seats_no_family_no_stranger_and_not_themselves(
    desk: Client, patient: Patient, administrator: User, stranger: User, other_family: User, appoint: Callable
) -> None:
    there = f"/admin/tracker/patient/{patient.pk}/seats/"
    for person in (administrator, stranger, other_family):
        assert (
            "Choose a clinician of this clinic" in desk.post(there, {"colleague": person.pk}).content.decode()
        )
        with acting_as(administrator), pytest.raises(ProgrammingError):
            people.join_team(administrator, patient, person)


def test_the_last_seat_of_the_team_stays(desk: Client, patient: Patient, clinician: User) -> None:
    with acting_as(clinician):
        last = Seat.objects.get(patient=patient, user=clinician)
    end = f"/admin/tracker/patient/{patient.pk}/seats/{last.pk}/end/"
    assert "has to stay" in html(desk, end)
    assert "has to stay" in desk.post(end).content.decode()
    with acting_as(clinician):
        assert Patient.objects.exists()


# The clinic


def test_hours_and_phone_are_kept_and_the_name_is_not(desk: Client, clinic: Clinic, trail: Callable) -> None:
    there = f"/admin/tracker/clinic/{clinic.pk}/change/"
    typed = {"phone": "0300 111 222", "hours": "always", "hand_over_age": "14"}
    assert desk.post(there, {**typed, "name": "Mine", "network": "all", "zone": "UTC"}).status_code == 302
    clinic.refresh_from_db()
    assert (clinic.phone, clinic.hours, clinic.hand_over_age) == ("0300 111 222", "always", 14)
    assert (clinic.name, clinic.network, clinic.zone) == ("North Clinic", "", "Europe/London")
    assert trail(action="changed phone, hours, hand_over_age")
    for wrong in ("3", "99", "", "x"):
        shown = desk.post(there, {**typed, "hand_over_age": wrong}).content.decode()
        assert "Give a whole number of years, 10 to 25." in shown


def test_another_clinic_is_not_there(
    desk: Client, stranger: User, clinic: Clinic, administrator: User
) -> None:
    south = Clinic.objects.get(name="South Clinic")
    with acting_as(stranger):
        facts = {"name": "Far Away", "birth_date": "2020-01-01", "record_number": "S1"}
        theirs = people.register(stranger, south, **facts)
    assert "South" not in html(desk, "/admin/tracker/clinic/")
    assert "Far Away" not in html(desk, "/admin/tracker/patient/")
    for there in (f"clinic/{south.pk}/change/", f"patient/{theirs.pk}/change/"):
        assert desk.get(f"/admin/tracker/{there}").status_code == 302
        assert desk.post(f"/admin/tracker/{there}", {"phone": "1"}).status_code == 302
    assert desk.get(f"/admin/tracker/patient/{theirs.pk}/seats/").status_code == 404
    assert desk.post(f"/admin/tracker/patient/{theirs.pk}/seats/1/end/").status_code == 404
    with acting_as(administrator):
        assert not Clinic.objects.filter(pk=south.pk).update(phone="1")
        assert not Seat.objects.filter(patient=theirs.pk).exists()


@pytest.mark.django_db(databases=["default", "owner"], transaction=True)
def test_emergency_access_brings_nobody_under_another_clinic(
    desk: Client, patient: Patient, stranger: User
) -> None:
    Clinic.objects.using("owner").update(network="Coast")
    connections["owner"].close()
    with acting_as(stranger):
        opened = {"record_number": "R1", "birth_date": patient.birth_date, "purpose": "treating"}
        assert emergency.open_record(stranger, **opened, reason="The child is here now.", site="/")
    assert stranger.email not in html(desk, PEOPLE)
    assert desk.get(f"{PEOPLE}{stranger.pk}/change/").status_code == 302
    assert desk.post(f"{PEOPLE}{stranger.pk}/sessions/end/").status_code == 404
