"""The list of entries, one entry with its history, the flowsheet: through the front door."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as, acting_for
from portal.middleware import counted_queries
from portal.models import AuditEvent, User
from tests.tracker import course
from tests.tracker.diary import check_in, entry, weeks_of_checks
from tracker import journal, reviews
from tracker.models import CheckIn, Flag, Mark, Patient
from tracker.models.seats import Reach
from tracker.reviews import Verdict
from tracker.views.entries import opaque

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    html = str(answer.content.decode())
    assert "style=" not in html
    return html


def flag(patient: Patient, evidence: list[CheckIn], **fields: object) -> None:
    with acting_for(patient.pk):
        Flag.objects.create(
            patient=patient,
            kind="possible_change",
            tier=3,
            rule="change",
            version="1",
            on=timezone.localdate(),
            raised_at=timezone.now(),
            reason="Home check 7 against a usual 2.",
            evidence=[one.pk for one in evidence],
            **fields,
        )


# One entry


def test_an_entry_shows_its_whole_history_and_the_flags_that_rest_on_it(
    doctor: Client, patient: Patient, family: User, trail: Callable[..., list[AuditEvent]]
) -> None:
    with acting_as(family):
        first = check_in(family, patient, note="First words.")
        second = journal.record(family, patient, uuid4(), entry(note="Second words."), replaces=first)
        third = journal.record(family, patient, uuid4(), entry(note="Third words."), replaces=second)
        journal.mark_in_error(family, third, "wrong child")
        other = check_in(family, patient, kind="daily", note="Of another day.")
    flag(patient, [first])
    flags = "Home check 7 against a usual 2."
    for version in (first, second, third):
        html = page(doctor, f"/patients/{patient.pk}/entries/{version.pk}/")
        for words in (
            "First words.",
            "Second words.",
            "Third words.",
            "wrong child",
            flags,
            "version 1",
            "Open",
        ):
            assert words in html
        assert "Of another day." not in html
    alone = page(doctor, f"/patients/{patient.pk}/entries/{other.pk}/")
    assert "It was never changed." in alone
    assert flags not in alone
    assert len(trail(action="check-in viewed", patient_id=patient.pk)) == 4


def test_a_correction_costs_no_query(doctor: Client, patient: Patient, family: User) -> None:
    with acting_as(family):
        chain = [check_in(family, patient)]

    def queries() -> int:
        with counted_queries() as count:
            page(doctor, f"/patients/{patient.pk}/entries/{chain[0].pk}/")
        return count[0]

    queries()
    few = queries()
    with acting_as(family):
        for _ in range(8):
            chain.append(check_in(family, patient, replaces=chain[-1], ratings={"gait": 2}))
    assert queries() <= few
    assert few <= 24


def test_who_may_read_an_entry(
    client: Client,
    patient: Patient,
    family: User,
    auditor: User,
    colleague: User,
    stranger: User,
    clinician: User,
    sign_in: Callable[[User], Client],
    register: Callable[..., Patient],
) -> None:
    with acting_as(family):
        told = check_in(family, patient)
    other = register(record_number="R2")
    for address in (f"entries/{told.pk}/", "entries/", "flowsheet/"):
        assert client.get(f"/patients/{patient.pk}/{address}").status_code == 302
        for user in (family, auditor):
            assert sign_in(user).get(f"/patients/{patient.pk}/{address}").status_code == 403
        for user in (colleague, stranger):
            assert sign_in(user).get(f"/patients/{patient.pk}/{address}").status_code == 404
        assert sign_in(clinician).post(f"/patients/{patient.pk}/{address}").status_code == 405
    for address in (f"/patients/{other.pk}/entries/{told.pk}/", f"/patients/{patient.pk}/entries/{uuid4()}/"):
        assert sign_in(clinician).get(address).status_code == 404


# The list


@pytest.fixture
def noted(
    patient: Patient, family: User, other_family: User, seat: Callable[..., object], clinician: User
) -> Patient:
    now = timezone.now()
    seat(patient, other_family)
    with acting_as(family):
        check_in(family, patient, kind="daily", note="Plain one.")
        check_in(family, patient, kind="daily", note="Late one.", at=now - timedelta(days=9), received_at=now)
        check_in(family, patient, kind="daily", note="Worried one.", worried=True)
        wrong = check_in(
            family,
            patient,
            note="Wrong one.",
            at=now - timedelta(days=40),
            received_at=now - timedelta(days=40),
        )
        check_in(
            family,
            patient,
            note="Right one.",
            replaces=wrong,
            at=now - timedelta(days=40),
            received_at=now - timedelta(days=39),
        )
    with acting_as(other_family):
        check_in(other_family, patient, kind="daily", note="From the other.")
    return patient


NOTES = {"Plain", "Late", "Worried", "Wrong", "Right", "From the other"}


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", NOTES),
        ("?kind=daily", {"Plain", "Late", "Worried", "From the other"}),
        ("?kind=home_check", {"Wrong", "Right"}),
        ("?late=1", {"Late"}),
        ("?amended=1", {"Wrong", "Right"}),
        ("?worried=1", {"Worried"}),
        ("?days=30", NOTES - {"Wrong", "Right"}),
        ("?days=all", NOTES),
        ("?kind=daily&late=1&days=14", {"Late"}),
        ("?kind=poison&by=nobody&late=yes&page=-9&from=1&days=x", NOTES),
    ],
)
def test_filters(doctor: Client, noted: Patient, query: str, shown: set[str]) -> None:
    html = page(doctor, f"/patients/{noted.pk}/entries/{query}")
    assert {note for note in NOTES if f"{note} one." in html or f"{note}." in html} == shown


def test_the_author_is_an_opaque_word(doctor: Client, noted: Patient, other_family: User) -> None:
    word = opaque(noted, other_family.pk)
    html = page(doctor, f"/patients/{noted.pk}/entries/?by={word}")
    assert "From the other." in html
    assert "Plain one." not in html
    assert f'value="{other_family.pk}"' not in html
    first = page(doctor, f"/patients/{noted.pk}/entries/?from=2000-01-01&days=9")
    assert "No entry fits." in first
    assert 'value="2000-01-01"' in first


def test_an_entry_that_a_review_missed_is_late(
    doctor: Client, patient: Patient, family: User, clinician: User
) -> None:
    now = timezone.now()
    with acting_as(family):
        old = now - timedelta(days=6)
        check_in(family, patient, at=old, received_at=old)
    with acting_as(clinician):
        reviewed = now - timedelta(hours=20)
        reviews.sign_off(clinician, patient, Verdict("watch"), covers_until=reviewed, at=reviewed)
    with acting_as(family):
        before = now - timedelta(days=2)
        check_in(family, patient, kind="daily", note="Missed.", at=before, received_at=now)
    words = f"arrived after the review of {reviewed.day} {reviewed:%b %Y}"
    assert words in page(doctor, f"/patients/{patient.pk}/entries/?late=1")
    html = page(doctor, f"/patients/{patient.pk}/?days=14")
    assert words in html
    assert "chart-missed-review" in html.split('class="legend"')[0]


def test_pages_keep_the_filters_and_cost_the_same(doctor: Client, patient: Patient, family: User) -> None:
    def queries() -> int:
        with counted_queries() as count:
            page(doctor, f"/patients/{patient.pk}/entries/?kind=daily&late=1")
            page(doctor, f"/patients/{patient.pk}/entries/?kind=daily")
        return count[0]

    course.diary(family, patient, 30)
    queries()
    few = queries()
    course.diary(family, patient, 70)
    assert queries() == few
    html = page(doctor, f"/patients/{patient.pk}/entries/?kind=daily")
    assert "Page 1 of 2" in html
    assert "?kind=daily&amp;page=2" in html
    assert (
        len(re.findall(r"entry-head", page(doctor, f"/patients/{patient.pk}/entries/?kind=daily&page=2")))
        > 10
    )


# The flowsheet


def test_the_flowsheet_tells_zero_from_silence_and_leads_to_the_trend(
    doctor: Client, patient: Patient, family: User, clinician: User
) -> None:
    with acting_as(family):
        weeks_of_checks(family, patient, [2, 2, 7])
        check_in(
            family,
            patient,
            kind="daily",
            ratings={"eyes": 0, "mood": None},
            measurements={"falls": Decimal(0)},
        )
    with acting_as(clinician):
        course._rate(clinician, patient, timezone.localdate(), 9, False)
    html = page(doctor, f"/patients/{patient.pk}/flowsheet/")
    for words in (
        ">today<",
        "Clinician: Mitchell-Pike rating, version 1",
        "Empty: no entry",
        ">?<",
        ">0<",
        ">–<",
    ):
        assert words in html
    link = f"/patients/{patient.pk}/flowsheet/?days=90&feature=home_check"
    one = page(doctor, link)
    assert "chart-trend" in one
    assert "days=90&amp;by=week&amp;feature=home_check" in one
    assert "?days=30&amp;feature=home_check" in one
    assert "chart-trend" not in page(doctor, f"/patients/{patient.pk}/flowsheet/?feature=nonsense&by=never")
    for by in ("day", "week", "month", "visit"):
        assert "Features by days" in page(doctor, f"/patients/{patient.pk}/flowsheet/?days=90&by={by}")


def test_an_empty_flowsheet_says_so(doctor: Client, patient: Patient) -> None:
    assert "No entry in this period." in page(doctor, f"/patients/{patient.pk}/flowsheet/")
    assert "No entry has come yet." in page(doctor, f"/patients/{patient.pk}/entries/")
    assert "No entry in this period." in page(doctor, f"/patients/{patient.pk}/flowsheet/?feature=home_check")


# The patient page with everything on it


def test_everything_is_on_the_page_at_the_same_cost(
    doctor: Client,
    patient: Patient,
    family: User,
    other_family: User,
    clinician: User,
    seat: Callable[..., object],
) -> None:
    def queries(query: str) -> int:
        with counted_queries() as count:
            page(doctor, f"/patients/{patient.pk}/{query}")
        return count[0]

    seat(patient, other_family)
    course.diary(family, patient, 20, other=other_family)
    course.besides(clinician, family, patient, 40)
    queries("?days=14")
    few = queries("?days=14")
    with acting_as(clinician):
        earlier = timezone.now() - timedelta(days=12)
        reviews.sign_off(clinician, patient, Verdict("watch"), covers_until=earlier, at=earlier)
    course.diary(family, patient, 420, a_day=2, other=other_family)
    for query in ("?days=14", "?days=180", "?days=all", "?from=2024-01-01&days=30"):
        assert queries(query) <= few + 5  # since my own review four more, one whether it is as it was shown
    html = page(doctor, f"/patients/{patient.pk}/?days=30")
    for words in (
        "Open flags",
        "Home check 7 against a usual 2, still so after 3 days; eyes rose.",
        "Change, version 1",
        "Since your review of",
        "Next step",
        "until further notice",
        "Steroid-exposed: not recorded",
        "Episode open",
        "Tumour scan",
        "Phoned: sleeps badly since the step.",
        "vomited (after breakfast)",
        "Clinician rating",
    ):
        assert words in html, words
    assert "weeks: median and range" in page(doctor, f"/patients/{patient.pk}/?days=365")
    assert "months: median and range" in page(doctor, f"/patients/{patient.pk}/?days=3650")


def test_marks_say_who_set_them_and_until_when(doctor: Client, patient: Patient, clinician: User) -> None:
    today = timezone.localdate()
    html = page(doctor, f"/patients/{patient.pk}/")
    assert "Immunosuppressed: not recorded" in html
    with acting_as(clinician):
        ended = {"starts_on": today - timedelta(days=9), "ends_on": today - timedelta(days=2)}
        Mark.objects.create(patient=patient, name="immunosuppressed", set_by=clinician, **ended)
        soon = {"starts_on": today + timedelta(days=2)}
        Mark.objects.create(patient=patient, name="steroid_exposed", set_by=clinician, **soon)
    html = page(doctor, f"/patients/{patient.pk}/")
    assert "Immunosuppressed: ended on" in html
    assert "Steroid-exposed: from" in html
    with acting_as(clinician):
        until = {"starts_on": today, "ends_on": today + timedelta(days=30)}
        Mark.objects.create(patient=patient, name="immunosuppressed", set_by=clinician, **until)
    assert re.search(
        r"until \d+ \w+ \d{4}, since .*?, set by " + str(clinician), page(doctor, f"/patients/{patient.pk}/")
    )


def test_private_entries_stay_with_the_patient_and_the_team(
    doctor: Client, patient: Patient, clinician: User, seat: Callable[..., object], other_family: User
) -> None:
    seat(patient, other_family, "self")
    with acting_as(other_family):
        told = check_in(other_family, patient, kind="daily", note="For you alone.", audience=Reach.SELF)
    html = page(doctor, f"/patients/{patient.pk}/entries/{told.pk}/")
    assert "the patient and the care team only" in html


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles"])
def test_an_entry_keeps_its_own_day_whatever_the_zone(
    doctor: Client, patient: Patient, family: User, zone: str
) -> None:
    day = timezone.localdate() - timedelta(days=3)
    told = journal.Entry("daily", timezone.now() - timedelta(days=3), zone, day, {"eyes": 1})
    with acting_as(family):
        row = journal.record(family, patient, uuid4(), told)
    html = page(doctor, f"/patients/{patient.pk}/?days=14")
    assert f"entries/{row.pk}/" in html
    assert f"{day:%a} {day.day} {day:%b %Y}" in html
