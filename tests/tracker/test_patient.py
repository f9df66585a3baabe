"""The patient page and its sign-off, through the front door."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portal import parking
from portal.identity import acting_as
from portal.middleware import counted_queries
from portal.models import AuditEvent, User
from tests.tracker.diary import STEADY, check_in, entry, weeks_of_checks
from tracker import events, journal, reviews, treatments
from tracker.models import (
    CheckIn,
    ClinicalEvent,
    Message,
    Patient,
    PatientStatus,
    PrivateNote,
    Review,
    Treatment,
)
from tracker.reviews import Verdict

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


@pytest.fixture
def noted(patient: Patient, family: User) -> Patient:
    with acting_as(family):
        weeks_of_checks(family, patient, [2, 2, 2, 7])
    return patient


def page(client: Client, patient: Patient, query: str = "") -> str:
    answer = client.get(f"/patients/{patient.pk}/{query}")
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    return str(answer.content.decode())


def covers(html: str) -> str:
    found = re.search(r'name="covers_until" value="([^"]+)"', html)
    assert found
    return found[1]


def sign(client: Client, patient: Patient, **typed: str) -> object:
    told = {"outcome": "watch", "covers_until": covers(page(client, patient)), **typed}
    return client.post(f"/patients/{patient.pk}/review/", told)


def test_the_page_says_who_why_and_what(doctor: Client, noted: Patient, auditor: User) -> None:
    html = page(doctor, noted)
    title = re.search("<title>(.*?)</title>", html)
    assert title
    assert "Robin" not in title[1]
    for words in (
        "Robin Example",
        "born <time",
        "No. R1",
        "Home check 7, usually 2: 5 points up.",
        "not watched day and night",
        "Home check 7 of 18",
        "Not reviewed yet.",
    ):
        assert words in html
    # The word is a clinician's alone: nothing that is computed says it.
    assert "relapse" not in html.replace("An episode is a relapse or flare, set by a clinician.", "").lower()
    assert "style=" not in html
    assert "<style" not in html
    with acting_as(auditor):
        assert AuditEvent.objects.get(action="patient viewed").patient_id == noted.pk


def test_who_may_open_it(
    client: Client,
    noted: Patient,
    family: User,
    editor: User,
    administrator: User,
    auditor: User,
    stranger: User,
    colleague: User,
    sign_in: Callable[[User], Client],
) -> None:
    for address in (f"/patients/{noted.pk}/", f"/patients/{noted.pk}/review/"):
        assert client.get(address).status_code == 302
        for user in (family, editor, administrator, auditor):
            assert sign_in(user).get(address).status_code == 403
        for user in (stranger, colleague):  # right, but no seat
            assert sign_in(user).get(address).status_code == 404


def test_a_parent_who_is_a_clinician_reads_their_own_child_as_a_parent(
    noted: Patient, colleague: User, seat: Callable[..., object], sign_in: Callable[[User], Client]
) -> None:
    seat(noted, colleague)  # the right, and a seat, but not on the care team
    assert sign_in(colleague).get(f"/patients/{noted.pk}/").status_code == 404
    assert "Robin Example" not in sign_in(colleague).get("/worklist/").content.decode()


def test_a_partial_check_has_no_total_anywhere(doctor: Client, patient: Patient, family: User) -> None:
    with acting_as(family):
        check_in(family, patient, ratings={**STEADY, "speech": None, "gait": None})
    html = page(doctor, patient)
    assert "Home check: 4 of 6 items, no total." in html  # why
    assert "Home check 4 of 6 items, no total" in html  # picture and list
    assert "<td>4 of 6 items, no total</td>" in html  # table
    assert ">4 of 6</text>" in html  # label
    assert not re.search(r"\d+ of 18(?!, up)", html)
    assert 'class="chart-line" d="M' not in html.split('class="legend"')[0]


def test_every_period_is_drawn_and_an_unknown_one_is_half_a_year(doctor: Client, noted: Patient) -> None:
    for days, chosen in (
        ("30", "30 days"),
        ("90", "90 days"),
        ("365", "1 year"),
        ("all", "Everything"),
        ("180", "6 months"),
    ):
        assert re.search(f'aria-current="true">{chosen}<', page(doctor, noted, f"?days={days}"))
    assert page(doctor, noted, "?days=-1e9").count('<svg class="chart"') == 2


def test_treatment_and_events_are_on_the_page(doctor: Client, noted: Patient, clinician: User) -> None:
    today = timezone.localdate()
    with acting_as(clinician):
        steps = [(today + timedelta(days=3), Decimal(5), "[iU]/m2")]
        drug = Treatment(agent="corticotropin", form="taper", starts_on=today - timedelta(days=9))
        drug.amount, drug.unit, drug.doses_per_day = Decimal("7.5"), "[iU]/m2", 2
        treatments.plan_treatment(clinician, noted, drug, steps)
        event = ClinicalEvent(kind="hospital", on=today - timedelta(days=9), until=today, text="Admitted <b>")
        events.note_event(clinician, noted, event)
    html = page(doctor, noted)
    assert "7.5 int. units/m² per dose, 2 doses a day (15 int. units/m² a day)" in html
    assert "Next step" in html
    assert "Admitted &lt;b&gt;" in html
    assert "Admitted <b>" not in html


def test_a_sign_off_covers_what_was_shown_and_nothing_later(
    doctor: Client, noted: Patient, family: User, clinician: User
) -> None:
    html = page(doctor, noted)
    with acting_as(family):
        newest = max(row.received_at for row in CheckIn.objects.all())
        assert covers(html) == newest.isoformat()
        check_in(family, noted, worried=True, kind="daily")
    typed = {
        "outcome": "watch",
        "covers_until": covers(html),
        "message": "Seen, thank you.",
        "private_note": "Hm.",
    }
    answer = doctor.post(f"/patients/{noted.pk}/review/", typed)
    assert answer.status_code == 302
    assert answer["Location"] == f"/patients/{noted.pk}/"
    with acting_as(clinician):
        status = PatientStatus.objects.get(patient=noted)
        assert (status.unreviewed, status.worried) == (1, True)
    html = page(doctor, noted)
    for words in ("Signed off.", "Seen, watching", "Seen, thank you.", "Hm.", "Family asks for a look"):
        assert words in html
    with acting_as(family):
        assert Message.objects.get().text == "Seen, thank you."
        assert not PrivateNote.objects.exists()
        assert Review.objects.get().get_outcome_display() == "Seen, watching"


def test_when_nothing_is_new_a_look_can_still_be_signed(doctor: Client, noted: Patient) -> None:
    sign(doctor, noted)
    html = page(doctor, noted)
    assert "Nothing new." in html
    assert "covers_until" in html


def test_without_entries_the_page_says_what_to_do(doctor: Client, patient: Patient) -> None:
    html = page(doctor, patient)
    assert "No entry has come yet" in html
    assert f"/patients/{patient.pk}/invite/" in html
    assert 'name="covers_until"' in html, "a patient who never began can still be written to and signed off"


def test_a_second_tap_signs_once_and_loses_nothing(doctor: Client, noted: Patient, clinician: User) -> None:
    until = covers(page(doctor, noted))
    typed = {"outcome": "noted", "covers_until": until, "message": "Seen."}
    for _ in range(2):
        assert doctor.post(f"/patients/{noted.pk}/review/", typed).status_code == 302
    assert "You signed this off already at" in page(doctor, noted)
    other = doctor.post(f"/patients/{noted.pk}/review/", {**typed, "private_note": "Do call."})
    assert other.status_code == 200
    assert "is not saved yet. Sign off again to add it." in other.content.decode()
    assert "Do call." in other.content.decode()
    with acting_as(clinician):
        assert Review.objects.count() == Message.objects.count() == 1
        assert not PrivateNote.objects.exists()


def test_two_clinicians_may_both_sign(noted: Patient, clinician: User, doctor: Client) -> None:
    sign(doctor, noted)
    with acting_as(clinician), pytest.raises(reviews.AlreadySigned) as said:
        reviews.sign_off(clinician, noted, Verdict("noted"), covers_until=Review.objects.get().covers_until)
    assert said.value.review.outcome == "watch"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"outcome": ""}, "Choose what came of the look."),
        ({"outcome": "cured"}, "cured"),
        ({"private_note": "x" * 4001}, "4000"),
        ({"message": "a\0b"}, "Null"),
        ({"covers_until": ""}, "no longer knows what it covers"),
        ({"covers_until": "yesterday"}, "no longer knows what it covers"),
        ({"covers_until": "2999-01-01T00:00:00+00:00"}, "covers the past"),
    ],
)
def test_bad_input_gets_a_sentence_and_keeps_what_was_typed(
    doctor: Client, noted: Patient, clinician: User, typed: dict[str, str], sentence: str
) -> None:
    answer = sign(doctor, noted, **{"private_note": "Keep this.", **typed})
    html = answer.content.decode()
    assert sentence in html
    assert "Keep this." in html or "private_note" in typed
    assert "Robin Example" in html
    with acting_as(clinician):
        assert not Review.objects.exists()


def test_what_was_typed_outlives_the_session(
    client: Client, doctor: Client, noted: Patient, clinician: User
) -> None:
    address = reverse("tracker:review", args=[noted.pk])
    typed = {
        "outcome": "watch",
        "covers_until": covers(page(doctor, noted)),
        "private_note": "Long thoughts.",
    }
    client.post(address, {**typed, "made_for": parking.made_for(clinician)})
    html = doctor.get(address).content.decode()
    assert "Long thoughts." in html
    assert "it is not saved yet" in html
    assert covers(html) == typed["covers_until"]
    doctor.post(address, typed)
    assert doctor.get(address).status_code == 302  # sent, so forgotten: back to the page


def test_corrections_and_mistakes_are_shown(doctor: Client, noted: Patient, family: User) -> None:
    with acting_as(family):
        first = check_in(family, noted, kind="daily", note="First words.")
        correction = entry(kind="daily", note="Second words.", ratings={"eyes": 1})
        journal.record(family, noted, first.pk, correction, replaces=first)
        wrong = check_in(family, noted, kind="daily", note="Of the brother.")
        journal.mark_in_error(family, wrong, "wrong child")
    html = page(doctor, noted)
    for words in (
        "Corrected by a later entry",
        "First words.",
        "Second words.",
        "Marked as a mistake: wrong child",
        "Of the brother.",
    ):
        assert words in html


def test_ten_and_two_hundred_entries_cost_the_same(
    doctor: Client, patient: Patient, family: User, clinician: User
) -> None:
    def note(number: int) -> None:
        now = timezone.now()
        with acting_as(family):
            for place in range(number):
                at = now - timedelta(hours=place + 1, seconds=number)
                kind = "home_check" if place % 2 else "daily"
                check_in(family, patient, kind=kind, at=at, measurements={"falls": Decimal(1)})

    def queries() -> int:
        with counted_queries() as count:
            page(doctor, patient)
        return count[0]

    note(10)
    few = queries()
    note(190)
    assert queries() == few
    assert few <= 48  # who asks, the trail, and one for each thing the page tells of


def test_the_period_does_not_hide_what_is_not_reviewed(
    doctor: Client, patient: Patient, family: User
) -> None:
    old = timezone.now() - timedelta(days=400)
    with acting_as(family):
        check_in(family, patient, kind="daily", at=old, note="Long ago.")
    assert "Long ago." in page(doctor, patient, "?days=30")
    sign(doctor, patient)
    assert "Long ago." not in page(doctor, patient, "?days=30")
    assert patient.birth_date == date(2022, 5, 1)
