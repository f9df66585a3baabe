"""One patient beside the list: who, why, what changed, and the sign-off that leads back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as
from portal.middleware import counted_queries
from portal.models import AuditEvent, User
from tests.tracker.diary import check_in, weeks_of_checks
from tests.tracker.test_worklist import flag, rule
from tracker import journal, pace, people, reviews
from tracker.models import Clinic, Patient, Review
from tracker.reviews import Verdict

pytestmark = pytest.mark.django_db
FROM_LIST = {"HX-Request": "true", "HX-Current-URL": "http://testserver/worklist/?section=asked&page=2"}


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


def glance(browser: Client, patient: Patient, **more: object) -> str:
    answer = browser.get(f"/patients/{patient.pk}/glance/", **more)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_it_says_who_why_and_what_changed(
    doctor: Client, patient: Patient, family: User, clinician: User, clinic: Clinic,
    trail: Callable[..., list[AuditEvent]],
) -> None:  # fmt: skip
    rule(clinician, clinic)
    with acting_as(family):
        weeks_of_checks(family, patient, [2, 2, 2, 2])
    with acting_as(clinician):
        reviews.sign_off(clinician, patient, Verdict("watch"), covers_until=timezone.now())
    with acting_as(family):
        check_in(
            family,
            patient,
            ratings=dict.fromkeys(("stance", "gait", "hands", "opsoclonus", "mood", "speech"), 1),
        )
    flag(patient, 2, "A slow rise over six weeks.")
    html = glance(doctor, patient)
    for words in (
        "Robin Example",
        "born",
        "No. R1",
        "A slow rise over six weeks.",
        "Since your review of",
        "1 new entry.",
        "by Clinician (seen, watching).",
        "Home check was 2 on",
        ": 4 points up.",
        "Last home checks, oldest first, of 18: 2, 2, 2, 2, 6.",
        "Treatment now",
        "Sign off",
    ):
        assert words in html
    assert "<html" not in html
    (entry,) = trail(action="patient viewed")
    assert entry.patient_id == patient.pk


def test_it_counts_from_the_readers_own_review_as_the_patient_page_does(
    doctor: Client, patient: Patient, family: User, clinician: User, colleague: User
) -> None:
    """A colleague's look in between takes nothing away from what the reader has not seen."""
    with acting_as(family):
        weeks_of_checks(family, patient, [2, 2, 6])
    with acting_as(clinician):
        start = timezone.now() - timedelta(days=10)
        reviews.sign_off(clinician, patient, Verdict("noted"), covers_until=start, at=start)
        people.join_team(clinician, patient, colleague)
    with acting_as(colleague):
        reviews.sign_off(colleague, patient, Verdict("noted"), covers_until=timezone.now())
    told = ("2 new entries.", "Home check was 2 on")
    page = doctor.get(patient.get_absolute_url()).content.decode()
    html = glance(doctor, patient)
    for words in told:
        assert words in page
        assert words in html
    assert f"by {colleague} (" in html, "who looked last is said too"


def test_the_sign_off_leads_back_to_the_list_as_it_was(
    doctor: Client, patient: Patient, family: User, clinician: User
) -> None:
    with acting_as(family):
        check_in(family, patient, worried=True)
    html = glance(doctor, patient, headers=FROM_LIST)
    assert 'name="next" value="/worklist/?section=asked&amp;page=2"' in html
    covers = html.split('name="covers_until" value="')[1].split('"')[0]
    sent = {"outcome": "contacted", "covers_until": covers, "next": "/worklist/?section=asked&page=2"}
    answer = doctor.post(f"/patients/{patient.pk}/review/", sent)
    assert answer.headers["Location"] == "/worklist/?section=asked&page=2"
    with acting_as(clinician):
        assert Review.objects.get().outcome == "contacted"


@pytest.mark.parametrize(
    "where", ["http://evil.example/worklist/", "http://testserver/patients/", "nonsense"]
)
def test_it_leads_nowhere_else(doctor: Client, patient: Patient, family: User, where: str) -> None:
    with acting_as(family):
        check_in(family, patient)
    html = glance(doctor, patient, headers={**FROM_LIST, "HX-Current-URL": where})
    assert 'name="next" value="/worklist/"' in html


def test_a_diary_that_has_not_begun(doctor: Client, patient: Patient) -> None:
    html = glance(doctor, patient)
    assert "You have not reviewed this diary yet." in html
    assert "Nobody has reviewed this diary yet." in html
    assert 'name="covers_until"' in html


def test_what_the_family_wrote_moves_the_patient_and_is_shown_on_top(
    doctor: Client, patient: Patient, family: User, sign_in: Callable[[User], Client]
) -> None:
    """A message alone, without an entry: in the list, the panel and the page, until somebody signs off."""
    in_list = "/worklist/?section=asked"
    assert f">{patient.name}</a>" not in doctor.get(in_list).content.decode()
    sign_in(family).post(f"/log/{patient.pk}/messages/", {"text": "He vomits everything."})
    assert "The family sent a message on" in doctor.get(in_list).content.decode()
    html = glance(doctor, patient)
    page = doctor.get(patient.get_absolute_url()).content.decode()
    for whole, below in ((html, 'id="glance-changes"'), (page, 'id="course"')):
        assert "He vomits everything." in whole.split(below)[0]
    covers = html.split('name="covers_until" value="')[1].split('"')[0]
    sign_in(family).post(f"/log/{patient.pk}/messages/", {"text": "Now he sleeps."})
    doctor.post(f"/patients/{patient.pk}/review/", {"outcome": "contacted", "covers_until": covers})
    html = glance(doctor, patient)
    assert "Now he sleeps." in html, "what came after the page was opened is not covered"
    assert "He vomits everything." not in html
    assert "<li>The family sent a message.</li>" in html
    covers = html.split('name="covers_until" value="')[1].split('"')[0]
    typed = {"outcome": "noted", "covers_until": covers, "message": "Thank you.", "knows": knows(html)}
    doctor.post(f"/patients/{patient.pk}/review/", typed)
    assert "The family wrote" not in glance(doctor, patient), "nor is the clinic's own message new"
    assert f">{patient.name}</a>" not in doctor.get(in_list).content.decode()


def knows(html: str) -> str:
    """The newest review that the form was made with."""
    return html.split('name="knows" value="')[1].split('"')[0]


def test_many_messages_unfold(doctor: Client, patient: Patient, family: User) -> None:
    with acting_as(family):
        for number in range(5):
            journal.send_message(family, patient, f"Letter {number}")
    html = glance(doctor, patient)
    assert "2 earlier, not reviewed either" in html
    shown, folded = html.split("2 earlier, not reviewed either")
    assert "Letter 4" in shown
    assert "Letter 0" in folded
    assert "The family sent 5 messages since" in html


def test_not_for_others(
    patient: Patient, colleague: User, family: User, stranger: User, sign_in: Callable[[User], Client]
) -> None:
    address = f"/patients/{patient.pk}/glance/"
    assert [sign_in(user).get(address).status_code for user in (colleague, stranger, family)] == [
        404,
        404,
        403,
    ]


def test_opening_very_many_is_stopped_here_too(
    doctor: Client, patient: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "LIMIT", 0)
    assert doctor.get(f"/patients/{patient.pk}/glance/").status_code == 429


def test_it_costs_the_same_for_a_long_diary(doctor: Client, patient: Patient, family: User) -> None:
    def queries() -> int:
        with counted_queries() as count:
            glance(doctor, patient)
        return count[0]

    with acting_as(family):
        weeks_of_checks(family, patient, [1, 2])
    glance(doctor, patient)
    few = queries()
    with acting_as(family):
        for days in range(1, 30):
            at = timezone.now() - timedelta(days=days)
            check_in(family, patient, at=at, received_at=at, kind="daily")
    assert queries() == few
