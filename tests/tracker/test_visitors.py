"""Who looked at a child's record, as the family reads it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from portal import audit
from portal.identity import acting_as
from portal.models import AuditEvent, User
from tests.tracker.diary import check_in
from tracker import emergency, records, visitors
from tracker.models import EmergencyAccess, Patient, Seat
from tracker.models.seats import Basis

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(patient: Patient, family: User, sign_in: Callable) -> Callable[..., list[visitors.Visit]]:
    """What the page says to `family`, newest first."""

    def visits(**query: str) -> list[visitors.Visit]:
        days = sign_in(family).get(f"/log/{patient.pk}/visitors/", query).context["days"]
        return [visit for _, of_day in days for visit in of_day]

    return visits


def test_an_entry_kept_from_somebody_leaves_no_trace_here(
    patient: Patient, family: User, other_family: User, clinician: User, seat: Callable, sign_in: Callable
) -> None:
    seat(patient, other_family)
    with acting_as(other_family):
        told = check_in(other_family, patient)

    def acts(user: User) -> list[str]:
        days = sign_in(user).get(f"/log/{patient.pk}/visitors/").context["days"]
        return [visit.deed for _, visits in days for visit in visits]

    assert "Made an entry" in acts(family)
    with acting_as(clinician):
        records.redact(clinician, told, family, "Asked by the other household")
    assert "Made an entry" not in acts(family)
    assert "Made an entry" in acts(other_family)


def at(user: User, patient: Patient, *instants: datetime, action: str = "patient viewed") -> None:
    """Acts of `user` at other times than now."""
    with acting_as(user):
        AuditEvent.objects.bulk_create(
            AuditEvent(
                actor_id=user.pk, actor_name=user.email, action=action, at=instant, patient_id=patient.pk
            )
            for instant in instants
        )


def test_staff_have_names_and_roles_and_the_family_has_none(
    patient: Patient,
    clinician: User,
    other_family: User,
    administrator: User,
    auditor: User,
    seat: Callable[..., Seat],
    sign_in: Callable,
    read: Callable,
) -> None:
    seat(patient, other_family, Basis.GUARDIAN)
    sign_in(clinician).get(f"/patients/{patient.pk}/")
    sign_in(clinician).get("/worklist/")
    sign_in(other_family).get(f"/log/{patient.pk}/")
    sign_in(administrator).get("/admin/tracker/patient/")
    sign_in(auditor).get(f"/trail/patients/{patient.pk}/")
    told = [(visit.who, visit.role, visit.deed) for visit in read()]
    assert told[:5] == [
        ("Auditor", "Auditor", "Looked at the name and the birth date"),
        ("Administrator", "Administrator", "Saw the name on a list"),
        ("Another person of the family", "", "Read the diary"),
        ("Clinician", "Clinician", "Saw the name on the clinic’s list"),
        ("Clinician", "Clinician", "Looked at the whole record"),
    ]
    newest = read()[0]
    assert (newest.who, newest.role, newest.deed) == ("You", "", "Looked at this page")


def test_strangers_who_were_refused_are_there(
    patient: Patient, colleague: User, other_family: User, sign_in: Callable, read: Callable
) -> None:
    sign_in(other_family).get(f"/log/{patient.pk}/")
    sign_in(colleague).get(f"/patients/{patient.pk}/")
    told = [(visit.who, visit.deed) for visit in read()[:2]]
    refused = "Tried to open the record and was not let in"
    assert told == [("Colleague", refused), ("Somebody without access", refused)]


def test_a_parent_who_works_there_is_family(
    patient: Patient, doctor_parent: User, seat: Callable, sign_in: Callable, read: Callable
) -> None:
    seat(patient, doctor_parent)
    sign_in(doctor_parent).get(f"/log/{patient.pk}/")
    assert read()[0].who == "Another person of the family"


def test_emergency_access_is_marked_with_all_that_was_done_in_it(
    patient: Patient, colleague: User, clinician: User, sign_in: Callable, read: Callable
) -> None:
    facts = {"record_number": patient.record_number, "birth_date": patient.birth_date}
    with acting_as(colleague):
        emergency.open_record(colleague, **facts, purpose="treating", reason="In the ward", site="x")
    sign_in(colleague).get(f"/patients/{patient.pk}/")
    sign_in(clinician).get(f"/patients/{patient.pk}/")
    told = [(visit.who, visit.deed, visit.emergency) for visit in read()[:3]]
    assert told == [
        ("Clinician", "Looked at the whole record", False),
        ("Colleague", "Looked at the whole record", True),
        ("Colleague", "Opened the record in an emergency", True),
    ]
    with acting_as(colleague):
        emergency.end(colleague, EmergencyAccess.objects.get())
    at(colleague, patient, datetime.now(UTC) + timedelta(hours=2))
    assert read()[0].emergency is False


def test_nobody_finds_out_here_that_an_entry_is_hidden(
    patient: Patient, clinician: User, other_family: User, family: User, seat: Callable, read: Callable
) -> None:
    seat(patient, other_family, Basis.GUARDIAN)
    with acting_as(other_family):
        entry = check_in(other_family, patient)
    with acting_as(clinician):
        records.redact(clinician, entry, family, "A reason")
        audit.record(clinician, "event noted", patient=patient.pk)
    newest = read()[0]
    assert (newest.deed, newest.times) == (visitors.WROTE, 2)


def test_days_and_hours_are_the_patients(
    patient: Patient, clinician: User, family: User, sign_in: Callable
) -> None:
    with acting_as(clinician):
        Patient.objects.filter(pk=patient.pk).update(zone="Pacific/Auckland")
    at(clinician, patient, datetime(2031, 1, 1, 13, 30, tzinfo=UTC))
    page = sign_in(family).get(f"/log/{patient.pk}/visitors/").content.decode()
    assert "Thursday 2 January 2031" in page
    assert ">02:30</time>" in page


def test_older_pages_miss_nothing(patient: Patient, clinician: User, family: User, sign_in: Callable) -> None:
    """Two acts at each instant, so that a page ends between them; alike, and unlike the next two."""
    begin = datetime(2031, 1, 1, tzinfo=UTC)
    instants = [begin + timedelta(minutes=number) for number in range(visitors.PAGE + 3)]
    for number, instant in enumerate(instants):
        at(clinician, patient, instant, instant, action=["patient viewed", "messages viewed"][number % 2])
    browser: Client = sign_in(family)
    seen, query = [], {}
    while True:
        answer = browser.get(f"/log/{patient.pk}/visitors/", query)
        visits = [visit for _, of_day in answer.context["days"] for visit in of_day]
        seen += [(visit.at, visit.times) for visit in visits if visit.at >= begin]
        if not answer.context["older"]:
            break
        query = {"before": answer.context["older"]}
    assert seen == [(instant, 2) for instant in reversed(instants)]


def test_the_same_time_after_time_is_told_once(
    patient: Patient, clinician: User, read: Callable, sign_in: Callable
) -> None:
    begin = datetime(2031, 1, 1, tzinfo=UTC)
    at(clinician, patient, *(begin + timedelta(hours=number) for number in (1, 2, 3, 25)))
    told = [(visit.at, visit.deed, visit.times) for visit in read()[:2]]
    deed = "Looked at the whole record"
    assert told == [(begin + timedelta(hours=25), deed, 1), (begin + timedelta(hours=3), deed, 3)]


@pytest.mark.parametrize("before", ["soon", "2026-13-40T00:00:00Z", "2026-01-01", "2026-01-01T00:00"])
def test_a_damaged_address_shows_the_newest(before: str, read: Callable) -> None:
    assert len(read(before=before)) >= 1


def test_other_families_and_staff_do_not_see_the_page(
    patient: Patient, other_family: User, clinician: User, sign_in: Callable
) -> None:
    address = f"/log/{patient.pk}/visitors/"
    assert sign_in(other_family).get(address).status_code == 404
    assert sign_in(clinician).get(address).status_code == 403
    assert Client().get(address).status_code == 302


def test_the_diary_leads_there(patient: Patient, family: User, sign_in: Callable) -> None:
    assert (
        f'href="/log/{patient.pk}/visitors/"' in sign_in(family).get(f"/log/{patient.pk}/").content.decode()
    )


def test_every_deed_is_plain() -> None:
    """Short sentences of short words, as for a reader of ten."""
    for sentence in {*visitors.DEEDS.values(), visitors.UNKNOWN}:
        assert len(sentence.split()) <= 10, sentence
        assert sentence[0].isupper()
        assert not sentence.endswith(".")
    assert visitors.deed("emergency access reviewed") != visitors.EMERGENCY
    assert visitors.deed("something new") == visitors.UNKNOWN
