"""Who reaches a record: seats, invitations, refusals, shutting it, hiding one entry."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connections, transaction
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as
from portal.models import User
from tests.tracker.diary import check_in
from tracker import people, records
from tracker.models import CheckIn, Invitation, Patient, PrivateNote, Redaction, Refusal, Seat
from tracker.models.seats import Basis, Ground

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
SAM = {"name": "Sam", "email": "sam@home.example", "basis": "parent", "ground": "responsibility"}
REFUSED = {"name": "Lee", "basis": "parent", "reason": "No proof."}


@pytest.fixture
def doctor(clinician: User, sign_in: SignIn) -> Client:
    return sign_in(clinician)


@pytest.fixture
def parent(family: User, patient: Patient, sign_in: SignIn) -> Client:
    return sign_in(family)


@pytest.fixture
def held(clinician: User, patient: Patient, family: User) -> Seat:
    with acting_as(clinician):
        return Seat.objects.select_related("patient").get(patient=patient, user=family)


@pytest.fixture
def entry(patient: Patient, family: User) -> CheckIn:
    with acting_as(family):
        return check_in(family, patient, note="Said in confidence")


@pytest.fixture
def offer(clinician: User, patient: Patient) -> Invitation:
    with acting_as(clinician):
        return people.invite(clinician, patient, **SAM)


def page(patient: Patient, rest: str = "seats/") -> str:
    return f"/patients/{patient.pk}/{rest}"


def html(browser: Client, address: str) -> str:
    return browser.get(address).content.decode()


def saved(user: User, question: Callable[[], object]) -> object:
    with acting_as(user):
        return question()


# The overview


def test_the_page_says_who_why_until_when_and_by_whom(doctor: Client, patient: Patient, held: Seat) -> None:
    shown = html(doctor, page(patient))
    assert "Parental responsibility checked. Until 1 May 2038. Given by Clinician" in shown
    assert "On 1 May 2038 Robin turns 16 and decides who sees the diary" in shown
    assert "Except:" not in shown
    assert f"/seats/{held.pk}/renew/" in shown


def test_a_seat_that_outlasts_the_hand_over_is_named(
    doctor: Client, patient: Patient, clinician: User, other_family: User
) -> None:
    with acting_as(clinician):
        facts = {**SAM, "email": other_family.email, "ground": Ground.COURT, "ends_on": date(2039, 1, 1)}
        offer = people.invite(clinician, patient, **facts)
    people.accept(other_family, offer.key)
    assert "Except: Other Family, until 1 January 2039." in html(doctor, page(patient))


def test_of_age_the_patient_decides(doctor: Client, register: Callable[..., Patient]) -> None:
    grown = register(birth_date=date(2000, 2, 29))
    assert "is of age since 29 February 2016 and decides" in html(doctor, page(grown))


@pytest.mark.parametrize("rest", ["seats/", "seats/join/", "seats/refuse/", "freeze/", "state/", "merge/"])
def test_others_reach_none_of_the_pages(
    rest: str, patient: Patient, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    codes = {"colleague": 404, "stranger": 404, "family": 403, "administrator": 403, "auditor": 403}
    for word, code in codes.items():
        browser = sign_in(request.getfixturevalue(word))
        assert (browser.get(page(patient, rest)).status_code, word) == (code, word)
        posted = browser.post(page(patient, rest), {"reason": "x"}).status_code
        assert (posted, word) == (405 if rest == "seats/" else code, word)


def test_changes_ask_who_is_at_the_keyboard(patient: Patient, clinician: User, client: Client) -> None:
    client.force_login(clinician)  # long ago, as far as anybody knows
    assert client.get(page(patient, "invite/")).status_code == 200
    for rest, typed in (("invite/", SAM), ("seats/refuse/", REFUSED), ("freeze/", {"reason": "x"})):
        answer = client.post(page(patient, rest), typed)
        assert answer["Location"].startswith("/accounts/reauthenticate/")
    with acting_as(clinician):
        assert not Invitation.objects.filter(accepted_at=None).exists()
        assert not Refusal.objects.exists()
        assert Patient.objects.get().frozen_at is None


# Invitations


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"ends_on": "2038-05-02"}, "From 1 May 2038 on Robin decides. Choose that day"),
        ({"ends_on": "2020-01-01"}, "Choose a day in the future."),
        ({"ends_on": "soon"}, "year-month-day"),
        ({"ends_on": "2060-01-01", "ground": "court"}, "Choose a day up to 1 May 2038"),
        ({"basis": "self"}, "rests on their being able to decide"),
        ({"email": "clinician@test.example"}, "You cannot invite yourself."),
        ({"ground": "care"}, "care is not one of"),
        ({"ground": ""}, "Choose what the decision rests on."),
    ],
)
def test_an_invitation_needs_a_ground_that_carries_it(
    doctor: Client, patient: Patient, clinician: User, typed: dict[str, str], sentence: str
) -> None:
    answer = doctor.post(page(patient, "invite/"), {**SAM, **typed})
    assert sentence in answer.content.decode()
    assert not saved(clinician, Invitation.objects.filter(accepted_at=None).exists)


def test_parental_responsibility_ends_with_childhood(
    doctor: Client, register: Callable[..., Patient]
) -> None:
    grown = register(name="Ash Grown", birth_date=date(2000, 5, 1))
    answer = doctor.post(page(grown, "invite/"), SAM)
    assert "From 1 May 2016 on Ash decides. Parental responsibility carries" in answer.content.decode()
    answer = doctor.post(page(grown, "invite/"), {**SAM, "ground": "best_interests"})
    assert answer.status_code == 302


def test_an_invitation_is_withdrawn_after_a_question(
    doctor: Client, patient: Patient, offer: Invitation, client: Client
) -> None:
    address = page(patient, f"invite/{offer.pk}/withdraw/")
    link = f"/invitation/{people.invitation_token(offer)}/"
    assert "Withdraw the invitation of Sam?" in html(doctor, address)
    assert client.get(link).status_code == 200
    assert doctor.post(address)["Location"] == page(patient)
    assert client.get(link).status_code == 410
    assert doctor.post(address).status_code == 404


def test_an_invitation_of_another_patient_is_not_there(
    doctor: Client, offer: Invitation, register: Callable[..., Patient]
) -> None:
    assert doctor.post(page(register(), f"invite/{offer.pk}/withdraw/")).status_code == 404


def test_extra_fields_change_nothing(
    doctor: Client, patient: Patient, clinician: User, colleague: User
) -> None:
    extra = {
        "accepted_at": "2020-01-01",
        "expires_at": "2099-01-01",
        "invited_by": colleague.pk,
        "patient": "x",
    }
    doctor.post(page(patient, "invite/"), {**SAM, **extra})
    with acting_as(clinician):
        offer = Invitation.objects.get(email=SAM["email"])
        assert (offer.invited_by, offer.patient, offer.accepted_at) == (clinician, patient, None)
        assert offer.expires_at < timezone.now() + timedelta(days=8)


# Refusals


def test_a_refusal_is_kept_with_its_reason(
    doctor: Client, patient: Patient, clinician: User, colleague: User, trail: Callable
) -> None:
    typed = {**REFUSED, "decided_by": colleague.pk, "at": "2001-01-01"}
    assert doctor.post(page(patient, "seats/refuse/"), typed)["Location"] == page(patient)
    assert "No proof. (Clinician," in html(doctor, page(patient))
    with acting_as(clinician):
        kept = Refusal.objects.get()
        assert (kept.decided_by, kept.at.date()) == (clinician, timezone.now().date())
    assert trail(action="seat refused", patient_id=patient.pk)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "Type the name of who asked."),
        ({"basis": "care_team"}, "care_team is not one of"),
        ({"reason": ""}, "Write why, in a sentence."),
        ({"reason": "x" * 301}, "301 letters. Shorten it to 300"),
    ],
)
def test_a_refusal_says_who_and_why(
    doctor: Client, patient: Patient, clinician: User, typed: dict[str, str], sentence: str
) -> None:
    answer = doctor.post(page(patient, "seats/refuse/"), {**REFUSED, **typed})
    assert sentence in answer.content.decode()
    assert not saved(clinician, Refusal.objects.exists)


# Seats


def test_a_colleague_joins_the_team(
    doctor: Client, patient: Patient, colleague: User, sign_in: SignIn, stranger: User
) -> None:
    address, theirs = page(patient, "seats/join/"), sign_in(colleague)
    assert theirs.get(page(patient, "")).status_code == 404
    for somebody in (stranger, 999_999, "x", ""):
        answer = doctor.post(address, {"colleague": getattr(somebody, "pk", somebody)})
        assert "colleague" in answer.content.decode()
        assert answer.status_code == 200
    assert doctor.post(address, {"colleague": colleague.pk})["Location"] == page(patient)
    assert theirs.get(page(patient, "")).status_code == 200
    assert "care team yet" in doctor.post(address, {"colleague": colleague.pk}).content.decode()


def test_nobody_is_left_to_join(
    doctor: Client, patient: Patient, clinician: User, request: pytest.FixtureRequest
) -> None:
    with acting_as(clinician):
        for word in ("colleague", "doctor_parent"):
            people.join_team(clinician, patient, request.getfixturevalue(word))
    assert "Every other clinician" in html(doctor, page(patient, "seats/join/"))


def test_an_ended_seat_shuts_out_at_once(
    doctor: Client, patient: Patient, held: Seat, parent: Client
) -> None:
    assert parent.get(f"/log/{patient.pk}/").status_code == 200
    doctor.post(page(patient, f"seats/{held.pk}/end/"))
    assert parent.get(f"/log/{patient.pk}/").status_code == 404
    assert parent.post(f"/log/{patient.pk}/check-in/", {}).status_code == 404


def test_a_role_taken_away_shuts_out_at_once(
    patient: Patient, colleague: User, clinician: User, sign_in: SignIn, appoint: Callable
) -> None:
    with acting_as(clinician):
        people.join_team(clinician, patient, colleague)
    browser = sign_in(colleague)
    assert browser.get(page(patient)).status_code == 200
    appoint(colleague, roles=["editor"])
    assert browser.get(page(patient)).status_code == 403
    with acting_as(colleague):
        assert not Patient.objects.exists()


def test_who_lost_the_role_does_not_keep_a_team_alive(
    doctor: Client, patient: Patient, clinician: User, colleague: User, appoint: Callable
) -> None:
    with acting_as(clinician):
        people.join_team(clinician, patient, colleague)
        mine = Seat.objects.get(patient=patient, user=clinician)
    appoint(colleague, roles=["editor"])
    assert "has to stay" in doctor.post(page(patient, f"seats/{mine.pk}/end/")).content.decode()
    with acting_as(clinician), pytest.raises(people.LastSeat):
        people.end_seat(clinician, mine)


def test_a_seat_is_renewed_within_its_ground(
    doctor: Client, patient: Patient, held: Seat, clinician: User, trail: Callable
) -> None:
    address = page(patient, f"seats/{held.pk}/renew/")
    assert "Ends on 1 May 2038 now." in html(doctor, address)
    for typed, sentence in (
        ("", "Give the day on which the seat ends."),
        ("2038-05-02", "From 1 May 2038 on Robin decides."),
        (str(timezone.localdate()), "Choose a day in the future."),
    ):
        assert sentence in doctor.post(address, {"ends_on": typed}).content.decode()
    doctor.post(address, {"ends_on": "2030-02-03", "basis": "self", "user": clinician.pk})
    with acting_as(clinician):
        now = Seat.objects.get(pk=held.pk)
        assert timezone.localtime(now.ends_at).date() == date(2030, 2, 3)
        assert (now.basis, now.user_id) == (held.basis, held.user_id)
    assert trail(action="seat renewed", patient_id=patient.pk)


def test_a_team_seat_has_nothing_to_renew(doctor: Client, patient: Patient, clinician: User) -> None:
    with acting_as(clinician):
        mine = Seat.objects.get(patient=patient, user=clinician)
    assert doctor.get(page(patient, f"seats/{mine.pk}/renew/")).status_code == 404


def test_the_family_is_told_before_a_seat_ends(
    parent: Client, patient: Patient, held: Seat, clinician: User
) -> None:
    address = f"/log/{patient.pk}/"
    assert "Your access ends" not in html(parent, address)
    soon = timezone.localdate() + timedelta(days=59)
    with acting_as(clinician):
        people.renew(clinician, held, soon)
    assert f"Your access ends on {soon:%-d %B %Y}. Ask the clinic to renew it." in html(parent, address)
    with acting_as(clinician):
        people.renew(clinician, held, soon + timedelta(days=9))
    assert "Your access ends" not in html(parent, address)


def test_at_the_hand_over_the_family_is_told_why(
    register: Callable[..., Patient], seat: Callable, family: User, sign_in: SignIn
) -> None:
    soon = timezone.localdate() + timedelta(days=20)
    child = register(name="Ash Teen", birth_date=date(soon.year - 16, soon.month, min(soon.day, 28)))
    seat(child, family)
    assert "Ash turns 16 and decides who sees this diary" in html(sign_in(family), f"/log/{child.pk}/")


# Shutting a record


def test_a_shut_record_is_closed_to_the_family_alone(
    doctor: Client, patient: Patient, parent: Client, clinician: User, held: Seat, trail: Callable
) -> None:
    assert "Shut this record" in html(doctor, page(patient, "freeze/"))
    assert "Write why" in doctor.post(page(patient, "freeze/"), {"reason": " "}).content.decode()
    assert parent.get(f"/log/{patient.pk}/").status_code == 200
    typed = {"reason": "A worry.", "frozen_by": held.user_id, "state": "died"}
    doctor.post(page(patient, "freeze/"), typed)
    assert parent.get(f"/log/{patient.pk}/").status_code == 404
    assert "Robin" not in html(parent, "/log/")
    with acting_as(clinician):
        known = Patient.objects.get()
        assert (known.frozen_by, known.state) == (clinician, "active")
    shown = html(doctor, page(patient))
    assert "Shut to the family" in shown
    assert "A worry." in shown
    assert f"/seats/{held.pk}/end/" in shown  # seats are kept, and can be ended meanwhile
    assert doctor.get(page(patient, "freeze/"))["Location"] == page(patient)
    assert len(trail(action="record frozen")) == 1


def test_opened_again_with_a_reason_for_colleagues(
    doctor: Client, patient: Patient, parent: Client, clinician: User
) -> None:
    assert doctor.get(page(patient, "open-again/"))["Location"] == page(patient)
    with acting_as(clinician):
        records.freeze(clinician, patient, "A worry.")
        records.freeze(clinician, patient, "Again.")
        assert Patient.objects.get().frozen_reason == "A worry."
    assert parent.get(f"/log/{patient.pk}/").status_code == 404
    assert "Write why" in doctor.post(page(patient, "open-again/"), {}).content.decode()
    doctor.post(page(patient, "open-again/"), {"reason": "It was nothing."})
    assert parent.get(f"/log/{patient.pk}/").status_code == 200
    assert saved(clinician, PrivateNote.objects.get).text == "Opened to the family again: It was nothing."
    assert "It was nothing" not in html(parent, f"/log/{patient.pk}/")


# Hiding one entry


def test_a_hidden_entry_is_gone_for_one_person_at_once(
    doctor: Client,
    patient: Patient,
    entry: CheckIn,
    parent: Client,
    family: User,
    other_family: User,
    seat: Callable,
    sign_in: SignIn,
    clinician: User,
) -> None:
    seat(patient, other_family, Basis.SELF)
    address = page(patient, f"entries/{entry.pk}/hide/")
    assert address in html(doctor, page(patient, ""))
    assert "Said in confidence" in html(parent, f"/log/{patient.pk}/")
    doctor.post(address, {"hidden_from": family.pk, "reason": "Safety", "decided_by": family.pk})
    assert "Said in confidence" not in html(parent, f"/log/{patient.pk}/")
    assert "Said in confidence" in html(sign_in(other_family), f"/log/{patient.pk}/")
    again = doctor.post(address, {"hidden_from": family.pk, "reason": "Safety"})
    assert "It is hidden from Family already." in again.content.decode()
    redaction = saved(clinician, Redaction.objects.select_related("decided_by").get)
    assert redaction.decided_by == clinician
    shown_again = page(patient, f"hidden/{redaction.pk}/show/")
    assert shown_again in html(doctor, page(patient))
    assert "Show this entry to Family again?" in html(doctor, shown_again)
    doctor.post(shown_again)
    assert "Said in confidence" in html(parent, f"/log/{patient.pk}/")
    assert doctor.post(shown_again).status_code == 404


def test_every_version_of_an_entry_is_hidden_once(
    doctor: Client, patient: Patient, entry: CheckIn, family: User, parent: Client, clinician: User
) -> None:
    with acting_as(family):
        right = check_in(family, patient, replaces=entry, note="Put right")
    for version in (right, entry):
        typed = {"hidden_from": family.pk, "reason": "Safety"}
        doctor.post(page(patient, f"entries/{version.pk}/hide/"), typed)
    assert saved(clinician, Redaction.objects.get).check_in_id == entry.pk
    shown = html(parent, f"/log/{patient.pk}/")
    assert "Said in confidence" not in shown
    assert "Put right" not in shown


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"hidden_from": ""}, "Choose from whom."),
        ({"hidden_from": "clinician"}, "somebody of the family"),
        ({"reason": ""}, "Write why, in a sentence."),
    ],
)
def test_hiding_needs_a_person_of_the_family_and_a_reason(
    doctor: Client,
    patient: Patient,
    entry: CheckIn,
    family: User,
    clinician: User,
    typed: dict[str, str],
    sentence: str,
) -> None:
    told = {"hidden_from": family.pk, "reason": "Safety", **typed}
    if told["hidden_from"] == "clinician":
        told["hidden_from"] = clinician.pk
    answer = doctor.post(page(patient, f"entries/{entry.pk}/hide/"), told)
    assert sentence in answer.content.decode()
    assert not saved(clinician, Redaction.objects.exists)


def test_without_a_family_nobody_is_there_to_hide_it_from(
    doctor: Client, register: Callable[..., Patient], clinician: User
) -> None:
    alone = register()
    with acting_as(clinician):
        told = check_in(clinician, alone)
    assert "Nobody of the family has a seat." in html(doctor, page(alone, f"entries/{told.pk}/hide/"))
    assert doctor.get(page(alone, f"entries/{alone.pk}/hide/")).status_code == 404


# What the database says without the pages


def insert_seat(row: dict[str, object]) -> None:
    """As the role of the definer functions, which row-level security lets pass."""
    columns, places = ", ".join(row), ", ".join(["%s"] * len(row))
    with connections["owner"].cursor() as cursor, transaction.atomic("owner"):
        cursor.execute("SET LOCAL ROLE steady_policy")
        cursor.execute(f"INSERT INTO tracker_seat ({columns}) VALUES ({places})", [*row.values()])


@pytest.mark.django_db(databases=["default", "owner"])
def test_no_seat_without_ground_decider_and_end(other_family: User, clinician: User) -> None:
    now = timezone.now()
    good = {
        "patient_id": uuid4(),  # its existence is asked at the end of a transaction that never ends
        "user_id": other_family.pk,
        "basis": "parent",
        "ground": "court",
        "decided_by_id": clinician.pk,
        "starts_at": now,
        "ends_at": now + timedelta(days=9),
    }
    with transaction.atomic("owner"):
        insert_seat(good)
        transaction.set_rollback(True, "owner")
    for wrong in (
        {"ground": None},
        {"ground": "kindness"},
        {"ends_at": None},
        {"ends_at": now - timedelta(days=1)},
        {"decided_by_id": None},
        {"basis": "friend"},
    ):
        with pytest.raises(DatabaseError, match="constraint"):
            insert_seat({**good, **wrong})
