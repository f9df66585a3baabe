"""The access trail: what is in it, what it fails with, and the auditor's pages."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from portal import audit, seals, trail
from portal.csv_cells import cell
from portal.identity import acting_as
from portal.middleware import counted_queries
from portal.models import AuditEvent, Seal, User
from tests.portal.trail_rule import expected
from tests.tracker.diary import check_in
from tracker import people, visitors
from tracker.models import CheckIn, Message, Patient, Seat

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def rows_of(trail: Callable[..., list[AuditEvent]]) -> Callable[[Callable[[], object]], list[AuditEvent]]:
    """The rows that an act leaves."""

    def left(act: Callable[[], object]) -> list[AuditEvent]:
        before = {event.pk for event in trail()}
        act()
        return [event for event in trail() if event.pk not in before]

    return left


# What is in it


@pytest.fixture
def addresses(patient: Patient, family: User, clinician: User) -> dict[str, str]:
    """Every address that shows a record, and some that show none, by route."""
    with acting_as(family):
        entry = check_in(family, patient)
        held = Seat.objects.get(user=family)
    of_patient = ["diary", "check-in", "messages", "visitors"]
    of_patient += [
        "patient",
        "review",
        "seats",
        "invite",
        "refuse",
        "join",
        "freeze",
        "thaw",
        "state",
        "merge",
    ]
    of_entry = {name: [patient.pk, entry.pk] for name in ("saved", "amend", "mistake", "hide")}
    of_seat = {name: [patient.pk, held.pk] for name in ("renew-seat", "end-seat")}
    tracker = {**{name: [patient.pk] for name in of_patient}, **of_entry, **of_seat}
    tracker |= {"log": [], "worklist": [], "session": [], "emergencies": [], "register": []}
    tracker |= {"trail-person": [clinician.pk], "trail-patient": [patient.pk]}
    routes = {f"tracker:{name}": arguments for name, arguments in tracker.items()}
    routes |= {"trail": [], "trail-export": [], "trail-people": [], "conditions:list": []}
    routes |= {"admin:tracker_patient_changelist": [], "admin:tracker_patient_change": [patient.pk]}
    routes |= {"admin:tracker_patient_history": [patient.pk]}
    return {route: reverse(route, args=arguments) for route, arguments in routes.items()}


@pytest.mark.parametrize(
    "word", ["family", "other_family", "clinician", "colleague", "administrator", "auditor"]
)
def test_one_row_for_each_page_shown_or_refused(
    word: str, addresses: dict, sign_in: Callable, rows_of: Callable, request: pytest.FixtureRequest
) -> None:
    browser: Client = sign_in(request.getfixturevalue(word))
    wrong = {}
    for route, address in addresses.items():
        answer = None

        def ask(address: str = address) -> None:
            nonlocal answer
            answer = browser.get(address)

        actions = [event.action for event in rows_of(ask)]
        if len(actions) != expected(route, answer.status_code, word):
            wrong[route] = (answer.status_code, actions)
    assert wrong == {}


def test_a_form_that_is_shown_again_is_a_reading_too(
    patient: Patient, clinician: User, family: User, sign_in: Callable, rows_of: Callable
) -> None:
    for user, route in (
        (clinician, "review"),
        (clinician, "invite"),
        (family, "messages"),
        (family, "check-in"),
    ):
        browser, address = sign_in(user), reverse(f"tracker:{route}", args=[patient.pk])
        (event,) = rows_of(lambda browser=browser, address=address: browser.post(address, {"text": ""}))
        assert event.patient_id == patient.pk, route


def test_a_refusal_names_route_status_and_record(
    patient: Patient, colleague: User, family: User, sign_in: Callable, rows_of: Callable
) -> None:
    browser = sign_in(colleague)
    (event,) = rows_of(lambda: browser.get(f"/patients/{patient.pk}/"))
    assert (event.action, event.target) == ("refused", "tracker:patient 404")
    assert (event.patient_id, event.actor_id) == (patient.pk, colleague.pk)
    (event,) = rows_of(lambda: browser.post(f"/log/{patient.pk}/messages/", {"text": "x"}))
    assert (event.action, event.target) == ("refused", "tracker:messages 403")
    (event,) = rows_of(lambda: browser.get("/nowhere/Robin-Example/"))
    assert (event.action, event.target, event.patient_id) == ("refused", "no route 404", None)
    assert rows_of(lambda: Client().get(f"/patients/{patient.pk}/")) == []


def test_a_made_up_key_is_refused_like_a_real_one(
    colleague: User, sign_in: Callable, rows_of: Callable
) -> None:
    key = uuid4()
    (event,) = rows_of(lambda: sign_in(colleague).get(f"/patients/{key}/"))
    assert (event.action, event.patient_id) == ("refused", key)


def test_lists_name_everybody_shown(
    patient: Patient,
    register: Callable,
    administrator: User,
    clinician: User,
    sign_in: Callable,
    rows_of: Callable,
) -> None:
    shown = {patient.pk, register().pk}
    (event,) = rows_of(lambda: sign_in(administrator).get("/admin/tracker/patient/"))
    assert (event.action, set(event.patients)) == ("identities listed", shown)
    (event,) = rows_of(lambda: sign_in(clinician).get("/worklist/"))
    assert set(event.patients) == shown
    (event,) = rows_of(lambda: sign_in(clinician).post("/worklist/", {"q": "Robin"}))
    assert (event.action, event.patients) == ("patients searched", [patient.pk])
    assert "Robin" not in event.action + event.target


# What it fails with


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """A trail that takes no row."""

    def refuse(*arguments: object, **named: object) -> None:
        raise RuntimeError("the trail is full")

    monkeypatch.setattr(audit, "record", refuse)


def test_no_row_no_page(
    patient: Patient, clinician: User, family: User, colleague: User, sign_in: Callable, broken: None
) -> None:
    for user, address in (
        (clinician, f"/patients/{patient.pk}/"),
        (clinician, "/worklist/"),
        (family, f"/log/{patient.pk}/"),
        (family, f"/log/{patient.pk}/visitors/"),
        (colleague, f"/patients/{patient.pk}/"),  # not even a refusal goes unrecorded
    ):
        browser = sign_in(user)
        browser.raise_request_exception = False
        answer = browser.get(address)
        assert answer.status_code == 500, address
        assert patient.name.encode() not in answer.content


def test_no_row_nothing_written(patient: Patient, family: User, sign_in: Callable, broken: None) -> None:
    browser = sign_in(family)
    browser.raise_request_exception = False
    form = {"kind": "daily", "key": uuid4(), "r-gait": "1", "made_for": ""}
    assert browser.post(f"/log/{patient.pk}/messages/", {"text": "Hello"}).status_code == 500
    assert browser.post(f"/log/{patient.pk}/check-in/", form).status_code == 500
    with acting_as(family):
        assert (Message.objects.count(), CheckIn.objects.count()) == (0, 0)


# The auditor's pages


def recorded(user: User, number: int, action: str = "patient viewed", **facts: object) -> None:
    with acting_as(user):
        for _ in range(number):
            audit.record(user, action, "x", **facts)


def test_filters(
    patient: Patient, clinician: User, colleague: User, auditor: User, sign_in: Callable
) -> None:
    other = uuid4()
    recorded(clinician, 2, patient=patient.pk)
    recorded(colleague, 1, "refused", patient=other)
    recorded(colleague, 1, "worklist viewed", patients=[other, patient.pk])
    browser = sign_in(auditor)

    def shown(**query: object) -> list[tuple[str, int]]:
        events = browser.get("/trail/", query).context["page"].events
        return [(event.action, event.actor_id) for event in events if event.target == "x"]

    assert shown(action="worklist") == []  # not one of the choices: the form says so
    assert shown(action="worklist viewed") == [("worklist viewed", colleague.pk)]
    assert shown(refused="on") == [("refused", colleague.pk)]
    assert shown(person=clinician.pk) == [("patient viewed", clinician.pk)] * 2
    assert shown(patient=other) == [("worklist viewed", colleague.pk), ("refused", colleague.pk)]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert len(shown(since=today, until=today)) == 4
    assert shown(since="2099-01-01") == shown(until="2001-01-01") == []
    assert len(shown(since="0001-01-01", until="9999-12-31")) == 4


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"action": "Robin Example"}, "not one of the available choices"),
        ({"person": "Robin"}, "Enter a whole number"),
        ({"patient": "R1"}, "Enter a valid UUID"),
        ({"since": "soon"}, "Enter a valid date"),
        ({"since": "2026-02-02", "until": "2026-01-01"}, "before the first one"),
    ],
)
def test_a_wrong_filter_gets_a_sentence(query: dict, said: str, auditor: User, sign_in: Callable) -> None:
    for address in ("/trail/", "/trail/export.csv"):
        assert said in sign_in(auditor).get(address, query).content.decode()


def test_pages_pass_every_act_once(auditor: User, clinician: User) -> None:
    """Also acts of one instant, on which a page ends."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    with acting_as(clinician):
        AuditEvent.objects.bulk_create(
            AuditEvent(
                actor_id=clinician.pk, actor_name="x", action=str(number), at=at + timedelta(number // 4)
            )
            for number in range(25)
        )
    with acting_as(auditor):
        wanted = AuditEvent.objects.filter(actor_name="x").order_by("-at", "id")
        seen, after = [], ""
        for _ in range(9):
            shown = trail.page(wanted, after, size=3)
            seen += [event.pk for event in shown.events]
            after = shown.older
        assert after == ""
        assert seen == [event.pk for event in wanted]
        for damaged in ("x", "2026-13-01_x", f"{at}_", f"2026-01-01T00:00_{uuid4()}", "9" * 500):
            assert len(trail.page(wanted, damaged).events) == 25


def test_older_pages_keep_the_filters(clinician: User, auditor: User, sign_in: Callable) -> None:
    recorded(clinician, trail.PAGE + 5)
    browser = sign_in(auditor)
    first = browser.get("/trail/", {"person": clinician.pk})
    (address,) = re.findall(r'href="(\?[^"]*after=[^"]*)"', first.content.decode())
    second = browser.get("/trail/" + address.replace("&amp;", "&"))
    assert [event.actor_id for event in second.context["page"].events] == [clinician.pk] * 5
    assert "Newest" in second.content.decode()


@pytest.mark.parametrize("word", ["trail", "person", "patient", "visitors"])
def test_pages_cost_the_same_for_any_number(
    word: str, patient: Patient, clinician: User, family: User, auditor: User, sign_in: Callable
) -> None:
    address = {
        "trail": "/trail/",
        "person": f"/trail/people/{clinician.pk}/",
        "patient": f"/trail/patients/{patient.pk}/",
        "visitors": f"/log/{patient.pk}/visitors/",
    }[word]
    browser, asked = sign_in(family if word == "visitors" else auditor), []
    for number in (10, 190):
        recorded(clinician, number, patient=patient.pk)
        browser.get(address)
        with counted_queries() as queries:
            assert browser.get(address).status_code == 200
        asked.append(queries[0])
    assert asked[0] == asked[1] <= 45


@pytest.mark.parametrize(
    "word", ["family", "clinician", "editor", "reviewer", "administrator", "second_editor", "doctor_parent"]
)
def test_auditors_alone(
    word: str, patient: Patient, sign_in: Callable, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(word)
    browser = sign_in(user)
    for address in (
        "/trail/",
        "/trail/export.csv",
        "/trail/people/",
        f"/trail/people/{user.pk}/",
        f"/trail/patients/{patient.pk}/",
    ):
        assert browser.get(address).status_code == 403, address


def test_says_until_when_it_is_sealed(
    auditor: User, sign_in: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = sign_in(auditor)
    assert "Nothing is sealed yet" in browser.get("/trail/").content.decode()
    newest = Seal(chain="c0ffee", sealed_at=datetime(2026, 5, 4, 3, 2, tzinfo=UTC))
    monkeypatch.setattr(seals, "head", lambda: newest)
    page = browser.get("/trail/").content.decode()
    assert "2026-05-04 03:02" in page
    assert "c0ffee" in page


def lines(answer: object) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_export(
    patient: Patient, clinician: User, auditor: User, sign_in: Callable, rows_of: Callable
) -> None:
    other = uuid4()
    recorded(clinician, 1, "worklist viewed", patients=[patient.pk, other])
    recorded(clinician, 2, patient=patient.pk)
    browser = sign_in(auditor)
    answer = browser.get("/trail/export.csv", {"person": clinician.pk})
    head, *body = lines(answer)
    assert head == trail.COLUMNS
    assert [row[3] for row in body if row[4] == "x"] == ["patient viewed"] * 2 + ["worklist viewed"]
    assert f"{patient.pk} {other}" in {row[6] for row in body}
    assert answer["Content-Type"] == "text/csv"
    assert answer["Content-Disposition"] == 'attachment; filename="trail.csv"'
    assert "no-store" in answer["Cache-Control"]
    (event,) = rows_of(lambda: browser.get("/trail/export.csv", {"patient": patient.pk}))
    assert (event.action, event.patient_id) == ("trail exported", patient.pk)


def test_export_ends(
    clinician: User, auditor: User, sign_in: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "MOST_EXPORTED", 3)
    recorded(clinician, 5)
    assert len(lines(sign_in(auditor).get("/trail/export.csv"))) == 4


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"])
def test_cells_are_no_formulas(start: str) -> None:
    assert cell(f"{start}1+1") == f"'{start}1+1"
    assert cell(f"1{start}1") == f"1{start}1"


def test_cells_of_other_kinds() -> None:
    assert (cell(None), cell(7), cell(-7)) == ("", "7", "'-7")


def test_finds_people_by_post(auditor: User, clinician: User, sign_in: Callable, rows_of: Callable) -> None:
    browser = sign_in(auditor)
    for typed in ("clinici", "CLINICIAN@test"):
        answer = browser.post("/trail/people/", {"q": typed})
        assert f"/trail/people/{clinician.pk}/" in answer.content.decode()
        assert answer["Cache-Control"] == "private, no-store"
    (event,) = rows_of(lambda: browser.post("/trail/people/", {"q": "Clinician"}))
    assert (event.action, event.target, event.patient_id) == ("people searched", "people", None)
    assert "Nobody has this name" in browser.post("/trail/people/", {"q": "Zyx Unknown"}).content.decode()
    assert browser.get("/trail/people/", {"q": "Clinician"}).context["found"] is None


def test_a_persons_page(
    patient: Patient, family: User, clinician: User, auditor: User, appoint: Callable, sign_in: Callable
) -> None:
    with acting_as(clinician):
        people.end_seat(clinician, Seat.objects.get(user=family))
    appoint(family, roles=["family", "editor"])
    recorded(family, 1, "diary viewed", patient=patient.pk)
    answer = sign_in(auditor).get(f"/trail/people/{family.pk}/")
    page = answer.content.decode()
    assert "diary viewed" in page
    assert [change.act for change in answer.context["seats"]] == ["changed", "made"]
    assert {change.by for change in answer.context["seats"]} == {clinician.name, family.name}
    assert "basis: Parent" in answer.context["seats"][1].facts
    newest = answer.context["account"][0]
    assert (newest.by, newest.facts) == ("Administrator", ["roles: family → family, editor"])


def test_a_patients_page(
    patient: Patient, family: User, clinician: User, auditor: User, sign_in: Callable, rows_of: Callable
) -> None:
    recorded(family, 1, "diary viewed", patient=patient.pk)
    with acting_as(clinician):
        Patient.objects.filter(pk=patient.pk).update(name="Robin Renamed")
    browser = sign_in(auditor)
    answer = browser.get(f"/trail/patients/{patient.pk}/")
    page = answer.content.decode()
    assert "Robin Renamed" in page
    assert "diary viewed" in page
    assert "Robin" not in page.split("</title>")[0]
    assert "name: Robin Example → Robin Renamed" in answer.context["record"][0].facts
    assert {change.facts[0] for change in answer.context["seats"]} == {"user: Clinician", "user: Family"}
    (event,) = rows_of(lambda: browser.get(f"/trail/patients/{patient.pk}/"))
    assert (event.action, event.patient_id) == ("identity viewed", patient.pk)
    assert browser.get(f"/trail/patients/{uuid4()}/").status_code == 404
    assert browser.get("/trail/people/999999/").status_code == 404


# Words


def test_every_act_can_be_filtered_and_has_words_for_the_family() -> None:
    known = tuple(word for words in trail.ACTIONS.values() for word in words)
    literals = set(re.findall(r'audit\.record\([^"]{0,60}"([a-z][^"{]*)', sources()))
    assert len(literals) >= 40
    begun = {action for action in literals if any(word.startswith(action) for word in known)}
    assert {action for action in literals - begun if not action.startswith(known)} == set()
    about_patients = set(re.findall(r'audit\.record\([^"]{0,60}"([a-z][^"{]*)[^)]*\bpatients?=', sources()))
    assert {action for action in about_patients if visitors.deed(action) == visitors.UNKNOWN} == set()


def sources() -> str:
    paths = [
        path for app in ("portal", "conditions", "tracker") for path in sorted((ROOT / app).rglob("*.py"))
    ]
    return "\n".join(path.read_text() for path in paths)
