"""The family's form through the front door: what is stored, and every way to get it wrong."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from portal import parking
from portal.identity import acting_as
from portal.models import ParkedForm, User
from tests.cast import PASSWORD
from tests.tracker.diary import check_in
from tests.tracker.family_form import HOME, QUIET, address, body
from tracker import journal, records
from tracker.models import CheckIn, Patient
from tracker.models.seats import Basis, Reach

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture
def browser(sign_in: SignIn, family: User, patient: Patient) -> Client:
    return sign_in(family)


def stored(user: User) -> list[CheckIn]:
    with acting_as(user):
        return list(CheckIn.objects.with_details().order_by("received_at"))


def test_a_usual_day_is_stored_and_the_receipt_says_saved(
    browser: Client, patient: Patient, family: User
) -> None:
    answer = browser.post(address(patient), body(**{**QUIET, "rate_mood": "unsure"}), follow=True)
    (entry,) = stored(family)
    assert answer.redirect_chain == [(address(patient, entry, "saved"), 302)]
    assert b"Saved" in answer.content
    values = {rating.item: rating.value for rating in entry.ratings.all()}
    assert values == {"eyes": 0, "jerks": 0, "walking": 0, "hands": 0, "speech_swallow": 0, "mood": None}


def test_what_was_left_alone_is_not_asked_and_never_zero(
    browser: Client, patient: Patient, family: User
) -> None:
    browser.post(address(patient), body(rate_eyes="2"))
    (entry,) = stored(family)
    assert [(rating.item, rating.value) for rating in entry.ratings.all()] == [("eyes", 2)]
    assert entry.all_doses is None
    assert not entry.measurements.all()


def test_everything_else_is_stored_with_its_unit(browser: Client, patient: Patient, family: User) -> None:
    more = {"sleep_hours": "9,5", "wakings": "3", "temperature_c": "38.2", "falls": "0", "all_doses": "no"}
    browser.post(address(patient), body(**more, note="Tired.\r\nعربي 😀", worried="on", zone="Asia/Tokyo"))
    (entry,) = stored(family)
    numbers = {one.kind: (one.value, one.unit) for one in entry.measurements.all()}
    assert numbers["sleep_hours"] == (Decimal("9.5"), "h")
    assert numbers["temperature_c"] == (Decimal("38.2"), "Cel")
    assert (entry.all_doses, entry.worried, entry.note) == (False, True, "Tired.\nعربي 😀")
    assert entry.zone == "Asia/Tokyo"


def test_the_day_is_what_the_family_called_it(browser: Client, patient: Patient, family: User) -> None:
    browser.post(address(patient), body(**QUIET, day="2026-03-29", at="23:30", zone="Pacific/Auckland"))
    (entry,) = stored(family)
    assert entry.local_date == date(2026, 3, 29)
    assert entry.occurred_at.isoformat() == "2026-03-29T10:30:00+00:00"


def test_a_home_check_is_scored_and_a_partial_one_has_no_total(
    browser: Client, patient: Patient, family: User
) -> None:
    browser.post(address(patient), body(kind="home_check", **HOME))
    partial = {**HOME, "rate_gait": "unsure", "rate_speech": ""}
    answer = browser.post(address(patient), body(kind="home_check", **partial), follow=True)
    assert [(e.assessment.rated, e.assessment.total) for e in stored(family)] == [(6, 6), (4, None)]
    assert b"4 of 6 items" in answer.content
    assert b"of 18" not in answer.content


def test_a_double_click_stores_once_and_shows_the_same_receipt(
    browser: Client, patient: Patient, family: User
) -> None:
    told = body(**QUIET)
    first, second = browser.post(address(patient), told), browser.post(address(patient), told)
    assert first.url == second.url
    assert len(stored(family)) == 1


def test_the_same_key_with_other_words_keeps_both(browser: Client, patient: Patient, family: User) -> None:
    told = body(**QUIET)
    browser.post(address(patient), told)
    answer = browser.post(address(patient), {**told, "note": "and one more thing"})
    assert b"saved before with other words" in answer.content
    assert b"and one more thing" in answer.content
    assert len(stored(family)) == 1
    key = answer.context["form"].data["key"]
    assert key != str(told["key"])
    browser.post(address(patient), {**told, "note": "and one more thing", "key": key})
    assert len(stored(family)) == 2


TOMORROW = (timezone.now() + timedelta(days=2)).date().isoformat()
WRONG = [
    ({"day": TOMORROW}, "This day has not come yet"),
    ({"day": "other", "other_day": TOMORROW}, "This day has not come yet"),
    ({"day": "other"}, "Choose which day you mean"),
    ({"day": ""}, "Choose the day"),
    ({"day": "soon"}, "Write the day like 2026-03-30"),
    ({"day": "10000-01-01"}, "Write the day like 2026-03-30"),
    ({"day": "0001-01-01"}, "before the birth date"),
    ({"day": "2022-04-30"}, "before the birth date"),
    ({"at": "25:00"}, "Write the time like 18:30"),
    ({"at": ""}, "Write the time, like 18:30"),
    ({"rate_eyes": "4"}, "Choose one of the answers shown here"),
    ({"rate_eyes": "-1"}, "Choose one of the answers shown here"),
    ({"all_doses": "perhaps"}, "Choose one of the answers shown here"),
    ({"temperature_c": "101"}, "Write the temperature in °C"),
    ({"temperature_c": "hot"}, "Write the temperature in °C"),
    ({"temperature_c": "NaN"}, "Write the temperature in °C"),
    ({"temperature_c": "1e400"}, "Write the temperature in °C"),
    ({"sleep_hours": "25"}, "Write hours between 0 and 24"),
    ({"falls": "-1"}, "Write a whole number"),
    ({"wakings": "1.5"}, "Write a whole number"),
    ({"note": "x" * 4001}, "This is too long: 4001 letters"),
    ({"note": "a\0b"}, "Null characters are not allowed"),
    ({"key": "1"}, "Something got lost on the way"),
    ({"key": "a\0b"}, "Something got lost on the way"),
    ({"kind": "weekly"}, "Something got lost on the way"),
    ({"zone": "Mars/Olympus"}, "Something got lost on the way"),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG)
def test_bad_input_gets_a_sentence_and_stores_nothing(
    browser: Client, patient: Patient, family: User, wrong: dict[str, str], sentence: str
) -> None:
    answer = browser.post(address(patient), body(**{**QUIET, "note": "typed text", **wrong}))
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert wrong.get("note", "typed text").replace("\0", "") in answer.content.decode().replace("\0", "")
    assert stored(family) == []


def test_what_nobody_can_see_is_mended_for_the_next_try(browser: Client, patient: Patient) -> None:
    answer = browser.post(address(patient), body(**QUIET, key="1", zone="Mars/Olympus", kind="weekly"))
    fields = {name: answer.context["form"][name].value() for name in ("key", "zone", "kind")}
    assert browser.post(address(patient), body(**QUIET, **fields)).status_code == 302


def test_an_empty_form_is_not_saved(browser: Client, patient: Patient, family: User) -> None:
    answer = browser.post(address(patient), body())
    assert b"Nothing is filled in yet" in answer.content
    assert stored(family) == []


@pytest.mark.parametrize("told", [{"worried": "on"}, {"note": "hm"}, {"all_doses": "no"}, {"falls": "0"}])
def test_one_thing_is_enough(browser: Client, patient: Patient, family: User, told: dict[str, str]) -> None:
    assert browser.post(address(patient), body(**told)).status_code == 302
    assert len(stored(family)) == 1


def test_a_later_hour_of_today_is_refused(browser: Client, patient: Patient, family: User) -> None:
    now = timezone.now()
    if now.hour == 23 and now.minute == 59:  # the one minute without a later one
        pytest.skip("no later minute today")
    answer = browser.post(address(patient), body(**QUIET, day=now.date().isoformat(), at="23:59"))
    assert b"This time has not come yet" in answer.content
    assert stored(family) == []


def test_a_note_of_a_megabyte_is_given_back_whole(browser: Client, patient: Patient, family: User) -> None:
    note = "a" * 1_048_576
    answer = browser.post(address(patient), body(note=note))
    assert b"This is too long: 1048576 letters" in answer.content
    assert note in answer.content.decode()
    assert stored(family) == []


def test_another_familys_patient_is_not_there(
    sign_in: SignIn, other_family: User, patient: Patient, family: User
) -> None:
    browser = sign_in(other_family)
    assert browser.get(address(patient)).status_code == 404
    assert browser.post(address(patient), body(**QUIET)).status_code == 404
    assert browser.get(f"/log/{uuid4()}/check-in/").status_code == 404
    assert stored(family) == []


def test_a_care_team_logs_nothing_as_family(
    sign_in: SignIn, clinician: User, patient: Patient, appoint: Callable
) -> None:
    assert sign_in(clinician).get(address(patient)).status_code == 403
    appoint(clinician, roles=["clinician", "family"])
    assert sign_in(clinician).get(address(patient)).status_code == 404


def test_one_tap_answers_come_filled_in(browser: Client, patient: Patient, family: User) -> None:
    assert "same" not in browser.get(address(patient)).context
    browser.post(address(patient), body(rate_eyes="2", rate_mood="unsure", note="not this", worried="on"))
    same = browser.get(address(patient), {"same": "1"}).context["form"]
    assert (same["rate_eyes"].value(), same["rate_mood"].value()) == ("2", "unsure")
    assert (same["rate_hands"].value(), same["note"].value(), same["worried"].value()) == (None, None, None)
    quiet = browser.get(address(patient), {"quiet": "1"}).context["form"]
    assert {quiet[name].value() for name in QUIET} == {"0"}
    fresh = browser.get(address(patient)).context["form"]
    assert {fresh[name].value() for name in QUIET} == {None}


def test_the_weekly_home_check_is_offered_with_the_day_of_the_last(
    browser: Client, patient: Patient, family: User
) -> None:
    assert b"none yet" in browser.get(address(patient)).content
    with acting_as(family):
        last = check_in(family, patient)
    page = browser.get(address(patient), {"kind": "home_check"})
    assert f"{last.local_date:%a} {last.local_date.day}" in page.content.decode()
    assert b"As usual for the age" in page.content
    assert "quiet" not in page.context
    assert browser.get(address(patient), {"kind": "nonsense"}).status_code == 200


def test_a_session_that_ended_keeps_the_text_for_its_writer_alone(
    client: Client, patient: Patient, family: User, other_family: User, seat: Callable[..., object]
) -> None:
    seat(patient, other_family)
    typed = body(kind="home_check", **HOME, note="long story", made_for=parking.made_for(family))
    answer = client.post(address(patient), typed)
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")
    assert "long" not in answer.url

    client.post("/accounts/login/", {"login": other_family.email, "password": PASSWORD})
    assert b"long story" not in client.get(address(patient)).content
    client.post("/accounts/logout/")

    client.post("/accounts/login/", {"login": family.email, "password": PASSWORD})
    page = client.get(address(patient))
    assert b"What you had typed is still here" in page.content
    assert b"long story" in page.content
    form = page.context["form"]
    assert (
        client.post(address(patient), {name: form[name].value() or "" for name in form.fields}).status_code
        == 302
    )
    assert [entry.assessment.total for entry in stored(family)] == [6]
    assert b"long story" not in client.get(address(patient)).content


def test_text_older_than_half_an_hour_is_not_given_back(
    client: Client, patient: Patient, family: User
) -> None:
    client.post(address(patient), body(note="long story", made_for=parking.made_for(family)))
    ParkedForm.objects.update(parked_at=timezone.now() - timedelta(minutes=31))
    client.force_login(family)
    assert b"long story" not in client.get(address(patient)).content


def test_a_form_opened_by_another_person_waits_for_a_second_look(
    browser: Client, patient: Patient, family: User, other_family: User
) -> None:
    typed = body(**QUIET, note="whose?", made_for=parking.made_for(other_family))
    answer = browser.post(address(patient), typed)
    assert b"opened by somebody else" in answer.content
    assert b"whose?" in answer.content
    assert stored(family) == []


def test_amending_replaces_and_keeps_the_old(browser: Client, patient: Patient, family: User) -> None:
    browser.post(address(patient), body(**QUIET, sleep_hours="10", all_doses="yes", note="first"))
    (old,) = stored(family)
    form = browser.get(address(patient, old, "amend")).context["form"]
    again = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    assert (again["sleep_hours"], again["all_doses"], again["note"]) == ("10", "yes", "first")
    right = {**again, "note": "second", "worried": ""}
    first = browser.post(address(patient, old, "amend"), right)
    assert browser.post(address(patient, old, "amend"), right).url == first.url
    assert [(e.note, e.replaces_id) for e in stored(family)] == [("first", None), ("second", old.pk)]
    late = browser.post(address(patient, old, "amend"), {**right, "key": uuid4(), "note": "third"})
    assert b"changed or taken back in the meantime" in late.content
    assert b"third" in late.content
    assert len(stored(family)) == 2


def test_what_was_private_stays_private_when_amended(
    sign_in: SignIn, register: Callable[..., Patient], seat: Callable[..., object], family: User
) -> None:
    own = register()
    seat(own, family, Basis.SELF)
    with acting_as(family):
        old = check_in(family, own, audience=Reach.SELF)
    sign_in(family).post(address(own, old, "amend"), body(kind="daily", **HOME))
    newest = stored(family)[-1]
    assert (newest.audience, newest.kind, newest.replaces_id) == (Reach.SELF, "home_check", old.pk)


def test_only_own_entries_are_changed(
    browser: Client, patient: Patient, family: User, other_family: User, seat: Callable[..., object]
) -> None:
    seat(patient, other_family)
    with acting_as(other_family):
        theirs = check_in(other_family, patient)
    for name in ("amend", "mistake", "saved"):
        assert browser.get(address(patient, theirs, name)).status_code == 404
    assert browser.post(address(patient, theirs, "mistake"), {"reason": "mine"}).status_code == 404
    assert browser.post(address(patient, theirs, "amend"), body(**HOME)).status_code == 404


def test_a_mistake_is_taken_back_once_with_its_reason(
    browser: Client, patient: Patient, family: User
) -> None:
    with acting_as(family):
        entry = check_in(family, patient)
    there = address(patient, entry, "mistake")
    assert browser.get(there).status_code == 200
    assert b"Say in a few words" in browser.post(there, {"reason": " "}).content
    assert b"301 letters" in browser.post(there, {"reason": "x" * 301}).content
    for _ in range(2):
        assert browser.post(there, {"reason": "wrong child"}).status_code == 302
    with acting_as(family):
        assert [mark.error_reason for mark in CheckIn.objects.exclude(error_reason="")] == ["wrong child"]
        assert not CheckIn.objects.standing().exists()
    assert "wrong child" in browser.get(f"/log/{patient.pk}/").content.decode()


def test_a_mistake_cannot_overtake_a_correction(browser: Client, patient: Patient, family: User) -> None:
    with acting_as(family):
        old = check_in(family, patient)
        right = journal.Entry("daily", old.occurred_at, "UTC", old.local_date)
        journal.record(family, patient, uuid4(), right, replaces=old)
    answer = browser.post(address(patient, old, "mistake"), {"reason": "late"}, follow=True)
    assert b"changed or taken back in the meantime" in answer.content


def test_a_closed_diary_takes_no_entry(
    browser: Client, patient: Patient, clinician: User, family: User
) -> None:
    with acting_as(family):
        entry = check_in(family, patient)
    with acting_as(clinician):
        long_ago = timezone.localdate() - timedelta(days=9)
        records.change_state(clinician, patient, Patient.State.DISCHARGED, long_ago)
    for there in (address(patient), address(patient, entry, "amend")):
        answer = browser.post(there, body(**QUIET), follow=True)
        assert b"This diary is closed" in answer.content
    assert len(stored(family)) == 1


def test_opening_the_form_is_in_the_trail(browser: Client, patient: Patient, trail: Callable) -> None:
    browser.get(address(patient))
    assert len(trail(patient_id=patient.pk, action="check-in opened")) == 1


def test_the_session_address_gives_a_token_or_says_no(browser: Client, client: Client) -> None:
    assert browser.get("/log/session/").json()["csrf"]
    assert client.get("/log/session/", headers={"x-requested-with": "XMLHttpRequest"}).status_code == 401


@pytest.mark.parametrize("made_for", ["", "forged", "1:abc:def"])
def test_a_form_for_nobody_known_is_not_kept(client: Client, patient: Patient, made_for: str) -> None:
    assert client.post(address(patient), body(**QUIET, made_for=made_for)).status_code == 302
    assert not ParkedForm.objects.exists()


def test_the_diary_says_whether_all_medicines_were_given(browser: Client, patient: Patient) -> None:
    browser.post(address(patient), body(all_doses="no", falls="2"))
    text = browser.get(f"/log/{patient.pk}/").content.decode()
    assert "All medicines given: <strong>No" in text
    assert "Falls: <strong>2" in text
