"""The family's diary: whose it is, what it shows, what it never shows."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from portal import parking
from portal.identity import acting_as
from portal.middleware import counted_queries
from portal.models import User
from tests.tracker.diary import STEADY, check_in
from tracker import journal, reviews
from tracker.models import Message, Patient
from tracker.reviews import Verdict

pytestmark = pytest.mark.django_db

SignIn = Callable[[User], Client]


@pytest.fixture
def browser(sign_in: SignIn, family: User, patient: Patient) -> Client:
    return sign_in(family)


def page(browser: Client, patient: Patient, part: str = "", **query: object) -> str:
    answer = browser.get(f"/log/{patient.pk}/{part}", query)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return answer.content.decode()


def test_one_child_opens_at_once(browser: Client, patient: Patient) -> None:
    assert browser.get("/log/").url == f"/log/{patient.pk}/"


def test_two_children_are_a_choice(
    browser: Client,
    patient: Patient,
    register: Callable[..., Patient],
    seat: Callable[..., object],
    family: User,
    trail: Callable,
) -> None:
    second = register(name="Sasha Example")
    seat(second, family)
    answer = browser.get("/log/").content.decode()
    assert patient.name in answer
    assert second.name in answer
    assert "Other child" in page(browser, patient)
    assert [set(act.patients) for act in trail(action="diaries listed")] == [{patient.pk, second.pk}]


def test_nobody_yet_is_told_what_to_do(sign_in: SignIn, other_family: User) -> None:
    assert b"Ask the clinic to send you an invitation" in sign_in(other_family).get("/log/").content


def test_strangers_get_nothing(
    client: Client, sign_in: SignIn, other_family: User, clinician: User, patient: Patient
) -> None:
    there = f"/log/{patient.pk}/"
    assert client.get(there).url.startswith("/accounts/login/")
    assert sign_in(clinician).get(there).status_code == 403
    for part in ("", "messages/", "check-in/"):
        assert sign_in(other_family).get(there + part).status_code == 404
    assert sign_in(other_family).get(f"/log/{uuid4()}/").status_code == 404


def test_an_empty_diary_says_what_to_do_and_that_nobody_watches(browser: Client, patient: Patient) -> None:
    text = page(browser, patient)
    assert "Tap “Check in”" in text
    assert "Nobody reads it day and night" in text
    assert text.index("Emergency:") < text.index("0300 000 000")
    assert "weekdays 9 to 5" in text
    assert "has not looked at this diary yet" in text


def test_the_name_is_on_the_page_and_not_in_its_title(browser: Client, patient: Patient) -> None:
    for part in ("", "check-in/", "messages/"):
        text = page(browser, patient, part)
        assert patient.name in text
        title = text[text.index("<title>") : text.index("</title>")]
        assert patient.name.split()[0] not in title


def test_ratings_are_words_and_a_partial_check_has_no_total(
    browser: Client, patient: Patient, family: User
) -> None:
    with acting_as(family):
        check_in(
            family, patient, ratings={**STEADY, "gait": 2, "speech": None}, worried=True, note="<b>hm</b>"
        )
    text = page(browser, patient)
    assert "5 of 6 items" in text
    assert "of 18" not in text
    assert "Walks with help:</strong> Walking" in text
    assert "Can’t tell:</strong> Talking" in text
    assert "&lt;b&gt;hm" in text
    with acting_as(family):
        check_in(family, patient)
    assert "2 of 18" in page(browser, patient)


def test_a_receipt_names_who_saw_the_entry_first(
    browser: Client, patient: Patient, family: User, clinician: User
) -> None:
    now = timezone.now()
    with acting_as(family):
        for days in (9, 5, 1):
            at = now - timedelta(days=days)
            check_in(family, patient, at=at, received_at=at)
    with acting_as(clinician):
        for days in (8, 4):
            at = now - timedelta(days=days)
            reviews.sign_off(
                clinician, patient, Verdict("noted", private_note="hush"), covers_until=at, at=at
            )
    text = page(browser, patient)
    assert text.count("Seen by Clinician on") == 2
    assert text.count("Not seen by the clinic yet") == 1
    assert f"{now - timedelta(days=8):%Y}" in text
    assert "hush" not in text


def test_corrections_stay_in_sight(browser: Client, patient: Patient, family: User) -> None:
    with acting_as(family):
        old = check_in(family, patient, note="before")
        right = journal.Entry("home_check", old.occurred_at, old.zone, old.local_date, STEADY, note="after")
        journal.record(family, patient, uuid4(), right, replaces=old)
    text = page(browser, patient)
    assert "put right on" in text
    assert "before" in text
    assert "after" in text


def test_queries_are_the_same_for_ten_and_two_hundred(
    browser: Client, patient: Patient, family: User
) -> None:
    def write(number: int) -> int:
        with acting_as(family):
            for _ in range(number):
                check_in(family, patient, at=timezone.now() - timedelta(hours=2))
        with counted_queries() as queries:
            page(browser, patient)
        return queries[0]

    assert write(10) == write(190)
    text = page(browser, patient)
    assert "Page 1 of 10" in text
    assert text.count('class="entry"') == 20
    assert 'rel="prev"' in page(browser, patient, page=2)
    assert "Page 10 of 10" in page(browser, patient, page=999999999999999999999)


def test_reading_is_in_the_trail(browser: Client, patient: Patient, family: User, trail: Callable) -> None:
    page(browser, patient)
    page(browser, patient, "messages/")
    seen = trail(patient_id=patient.pk, actor_id=family.pk)
    assert {"diary viewed", "messages viewed"} <= {act.action for act in seen}


def test_messages_go_both_ways(browser: Client, patient: Patient, family: User, clinician: User) -> None:
    with acting_as(clinician):
        reviews.sign_off(
            clinician, patient, Verdict("noted", message="Come on Tuesday"), covers_until=timezone.now()
        )
    assert "Come on Tuesday" in page(browser, patient)
    for _ in range(2):  # a double click
        answer = browser.post(f"/log/{patient.pk}/messages/", {"text": "We will be there"}, follow=True)
    assert b"Sent." in answer.content
    with acting_as(family):
        assert Message.objects.filter(author=family).count() == 1
    text = page(browser, patient, "messages/")
    assert text.index("We will be there") < text.index("Come on Tuesday")
    assert "from</span>" not in text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("", "Write your message first"), ("a\0b", "Null characters"), ("x" * 4001, "4001 letters")],
)
def test_a_message_that_cannot_be_sent_is_explained(
    browser: Client, patient: Patient, family: User, text: str, sentence: str
) -> None:
    assert sentence in browser.post(f"/log/{patient.pk}/messages/", {"text": text}).content.decode()
    with acting_as(family):
        assert not Message.objects.exists()


def test_a_message_survives_the_end_of_its_session(client: Client, patient: Patient, family: User) -> None:
    there = f"/log/{patient.pk}/messages/"
    client.post(there, {"text": "typed with care", "made_for": parking.made_for(family)})
    client.force_login(family)
    answer = client.get(there).content
    assert b"typed with care" in answer
    assert b"still here" in answer
