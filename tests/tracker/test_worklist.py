"""Who stands where on the worklist, why, and what the page costs."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as
from portal.middleware import counted_queries
from portal.models import AuditEvent, User
from tests.tracker.diary import check_in, weeks_of_checks
from tracker import journal, worklist
from tracker.models import Patient, PatientStatus
from tracker.worklist import SECTIONS, Row

TODAY = date(2026, 11, 21)
NOW = timezone.now()


def row(today: date = TODAY, **fields: object) -> Row:
    patient = Patient(name="Kim", birth_date=date(2022, 5, 1), record_number="1", state_on=TODAY)
    return Row(PatientStatus(patient=patient, **fields), today)


def waiting(**fields: object) -> Row:
    known = {"unreviewed": 1, "unreviewed_since": NOW, "last_received_at": NOW, "last_local_date": TODAY}
    return row(**{**known, **fields})


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"items": 6, "rated": 6, "total": 7, "baseline": Decimal(2), "rise": Decimal(5)},
         "Home check 7, usually 2: 5 points up. Possible change."),
        ({"items": 6, "rated": 6, "total": 3, "baseline": Decimal(2), "rise": Decimal(1)},
         "Home check 3, usually 2: 1 point up."),
        ({"items": 6, "rated": 6, "total": 1, "baseline": Decimal("2.5"), "rise": Decimal("-1.5")},
         "Home check 1, usually 2.5: 1.5 points down."),
        ({"items": 6, "rated": 6, "total": 2, "baseline": Decimal(2), "rise": Decimal(0)},
         "Home check 2, usually 2."),
        ({"items": 6, "rated": 6, "total": 2}, "Home check 2; too few earlier ones to say what is usual."),
        ({"items": 6, "rated": 4}, "Home check: 4 of 6 items, no total."),
        ({}, "No home check yet."),
        ({"worried": True, "items": 6, "rated": 4},
         "The family asks for a look. Home check: 4 of 6 items, no total."),
    ],
)  # fmt: skip
def test_the_reason_is_a_sentence(fields: dict[str, object], reason: str) -> None:
    assert waiting(**fields).reason == reason
    assert "relapse" not in waiting(**fields).reason.lower()


def test_a_check_that_is_not_the_newest_entry_says_its_day() -> None:
    told = {"items": 6, "rated": 4, "checked_on": TODAY - timedelta(days=3)}
    assert waiting(**told).reason == "Home check: 4 of 6 items, no total. Checked on 18 Nov 2026."
    assert waiting(**{**told, "checked_on": TODAY}).reason == "Home check: 4 of 6 items, no total."


@pytest.mark.parametrize(
    ("fields", "section"),
    [
        ({"unreviewed": 1, "worried": True}, "look"),
        ({"unreviewed": 1, "rise": Decimal(2)}, "look"),
        ({"unreviewed": 1, "rise": Decimal("1.5")}, "new"),
        ({"unreviewed": 0, "rise": Decimal(9), "last_local_date": TODAY - timedelta(days=15)}, "quiet"),
        ({"unreviewed": 0, "last_local_date": None}, "quiet"),
        ({"unreviewed": 0, "last_local_date": TODAY - timedelta(days=14)}, "seen"),
    ],
)
def test_the_section_follows_its_written_threshold(fields: dict[str, object], section: str) -> None:
    assert row(**fields).section.key == section


def test_silence_is_derived_from_today() -> None:
    assert row(last_local_date=TODAY - timedelta(days=15)).quiet == "No entry for 15 days."
    assert row(last_local_date=TODAY - timedelta(days=14)).quiet == ""
    assert row().quiet == "No entry yet."
    assert row().reason == "No entry yet."


@pytest.mark.parametrize(
    ("born", "words"),
    [
        (date(2026, 11, 1), "under 1 month"),
        (date(2026, 10, 21), "1 month"),
        (date(2022, 4, 22), "4 years 6 months"),
        (date(2025, 11, 21), "1 year"),
        (date(2003, 1, 1), "23 years"),
        (date(2026, 11, 30), "under 1 month"),
    ],
)
def test_age_in_words(born: date, words: str) -> None:
    assert worklist.age_words(born, TODAY) == words


def test_waiting_and_state_in_words() -> None:
    today = NOW.date()
    assert waiting(today=today).waiting == "since today"
    assert waiting(today=today + timedelta(days=1)).waiting == "1 day"
    assert waiting(today=today + timedelta(days=9)).waiting == "9 days"
    assert row().waiting == ""
    assert row().state == ""
    left = row()
    left.patient.state = Patient.State.DISCHARGED
    assert left.state == "Discharged since 21 Nov 2026."


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


@pytest.mark.django_db
def test_the_worse_come_first_and_say_why(
    doctor: Client,
    register: Callable[..., Patient],
    seat: Callable[..., object],
    family: User,
    clinician: User,
    auditor: User,
) -> None:
    courses = {"Steady": [2, 2, 2, 2], "Worse": [2, 2, 2, 7], "Partial": [2, 2, 2, None], "Bad": [2, 2, 2, 5]}
    for name, totals in courses.items():
        patient = register(name=name)
        seat(patient, family)
        with acting_as(family):
            weeks_of_checks(family, patient, totals)
    silent = register(name="Silent")
    page = doctor.get("/worklist/").content.decode()
    order = sorted([*courses, silent.name], key=lambda name: page.index(f">{name}</a>"))
    assert order[:2] == ["Worse", "Bad"]
    assert order[-1] == "Silent"
    assert "Home check 7, usually 2: 5 points up. Possible change." in page
    assert "Home check: 4 of 6 items, no total." in page
    assert "relapse" not in page.lower()
    assert "not watched day and night" in page
    assert "weekdays 9 to 5" in page
    with acting_as(auditor):
        entry = AuditEvent.objects.get(action="worklist viewed")
    assert entry.actor_id == clinician.pk
    assert len(entry.patients) == 5


@pytest.mark.django_db
def test_a_look_moves_the_patient_to_seen(
    doctor: Client, patient: Patient, family: User, clinician: User
) -> None:
    with acting_as(family):
        check_in(family, patient, worried=True, kind="daily")
    page = doctor.get("/worklist/?show=look").content.decode()
    assert "The family asks for a look." in page
    with acting_as(clinician):
        journal.sign_off(clinician, patient, outcome="noted", covers_until=timezone.now())
    page = doctor.get("/worklist/?show=seen").content.decode()
    assert patient.name in page
    assert "asks for a look" not in page.replace(SECTIONS[0].rule, "")
    assert "Nobody at the moment." in doctor.get("/worklist/?show=new").content.decode()


@pytest.mark.django_db
def test_the_page_costs_the_same_for_ten_and_two_hundred(
    doctor: Client, register: Callable[..., Patient]
) -> None:
    def queries() -> int:
        with counted_queries() as count:
            assert doctor.get("/worklist/").status_code == 200
        return count[0]

    for _ in range(10):
        register()
    few = queries()
    for _ in range(190):
        register()
    assert queries() == few
    page = doctor.get("/worklist/?page=4&show=quiet").content.decode()
    assert "Page 4 of 4" in page
    assert "?show=quiet&amp;page=3" in page
    assert doctor.get("/worklist/?page=nonsense").status_code == 200
    assert "Page 4 of 4" in doctor.get("/worklist/?page=99").content.decode()


@pytest.mark.django_db
def test_without_patients_the_page_says_what_to_do(doctor: Client) -> None:
    page = doctor.get("/worklist/").content.decode()
    assert "No patient yet" in page
    assert "/patients/register/" in page


@pytest.mark.django_db
def test_search_is_a_post_and_finds_by_name_or_number(
    doctor: Client, register: Callable[..., Patient], stranger: User, sign_in: Callable[[User], Client]
) -> None:
    register(name="Ánna Örn", record_number="X-77")
    register(name="Somebody")
    for words in ("örn", "x-7"):
        page = doctor.post("/worklist/", {"q": words}).content.decode()
        assert "Ánna Örn" in page
        assert "Somebody" not in page
    assert "Nobody found" in sign_in(stranger).post("/worklist/", {"q": "örn"}).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["", "a" * 300, "a\0b"])
def test_a_bad_search_gets_a_sentence(doctor: Client, words: str) -> None:
    page = doctor.post("/worklist/", {"q": words})
    assert page.status_code == 200
    assert "invalid-feedback" in page.content.decode()


@pytest.mark.django_db
def test_only_clinicians_see_it(
    client: Client, family: User, editor: User, administrator: User, sign_in: Callable[[User], Client]
) -> None:
    assert client.get("/worklist/").status_code == 302
    for user in (family, editor, administrator):
        assert sign_in(user).get("/worklist/").status_code == 403
