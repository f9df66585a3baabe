"""Filters and order of the worklist: in the address as opaque keys, remembered, and always counted right."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as
from portal.models import AuditEvent, User
from tests.tracker.diary import check_in
from tests.tracker.test_worklist import flag, order_of, rule
from tracker import records, treatments
from tracker.models import Clinic, Patient, PatientStatus, Tag, Tagging, Treatment
from tracker.worklist import filters, memory

pytestmark = pytest.mark.django_db
COOKIE = memory.COOKIE


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


def page(browser: Client, query: str = "") -> str:
    answer = browser.get(f"/worklist/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def names(html: str) -> list[str]:
    return re.findall(r"data-open[^>]*>([^<]+)</a>", html)


def tag(author: User, patient: Patient, name: str, *, team: bool = False) -> Tag:
    with acting_as(author):
        word, _ = Tag.objects.get_or_create(clinic=patient.clinic, name=name, team=team)
        Tagging.objects.create(patient=patient, tag=word, set_by=author)
    return word


def treat(author: User, patient: Patient, agent: str, **facts: object) -> None:
    plan = Treatment(agent=agent, form="daily", starts_on=timezone.localdate() - timedelta(days=3), **facts)
    with acting_as(author):
        treatments.plan_treatment(author, patient, plan)


def key_of(html: str, label: str) -> str:
    found = re.search(rf'<option value="([^"]+)"[^>]*>{label}</option>', html)
    assert found
    return found[1]


def test_tags_teams_and_treatments_narrow_the_list(
    doctor: Client, register: Callable[..., Patient], clinician: User
) -> None:
    one, two, three = (register(name=name) for name in ("One", "Two", "Three"))
    tag(clinician, one, "Trial")
    tag(clinician, two, "Trial")
    tag(clinician, two, "Blue team", team=True)
    treat(clinician, one, "Prednisolone")
    treat(clinician, three, "prednisolone ")
    html = page(doctor)
    keys = {label: key_of(html, label) for label in ("Trial", "Blue team")}
    keys["agent"] = key_of(html, "[Pp]rednisolone ?")
    for query, left in (
        (f"?tag={keys['Trial']}", ["One", "Two"]),
        (f"?tag={keys['Trial']}&team={keys['Blue team']}", ["Two"]),
        (f"?treatment={keys['agent']}", ["One", "Three"]),
        (f"?tag={keys['Trial']}&treatment={keys['agent']}", ["One"]),
    ):
        shown = page(doctor, query + "&sort=name")
        assert sorted(names(shown)) == left
        assert f"Showing {len(left)} of 3 patients." in shown
    with acting_as(clinician):
        Tagging.objects.filter(patient=one).update(taken_off_at=timezone.now())
    assert names(page(doctor, f"?tag={keys['Trial']}")) == ["Two"]


def test_what_never_began_is_no_treatment_to_filter_by(
    doctor: Client, register: Callable[..., Patient], clinician: User
) -> None:
    """Taken back, or changed before its first day: once that day has come, the column says none."""
    one, two = register(name="One"), register(name="Two")
    day = timezone.localdate() + timedelta(days=2)
    treat(clinician, two, "Rituximab")
    with acting_as(clinician):
        for agent in ("Rituximab", "Sirolimus"):
            plan = Treatment(agent=agent, form="daily", starts_on=day)
            treatments.take_back(clinician, treatments.plan_treatment(clinician, one, plan), "")
        statuses = PatientStatus.objects.all()
        choices = filters.choices_of([one.clinic], statuses, day)
        (agent,) = choices.by_filter["treatment"]
        assert agent.label == "Rituximab"
        asked = filters.Asked(treatment=agent.key)
        assert [row.patient for row in filters.apply(statuses, asked, choices, clinician, day)] == [two]


def test_no_name_and_no_drug_is_ever_in_an_address(
    doctor: Client, register: Callable[..., Patient], clinician: User
) -> None:
    patient = register(name="Zebedee Namely")
    tag(clinician, patient, "Palliative")
    treat(clinician, patient, "Rituximab")
    html = page(doctor)
    links = " ".join(re.findall(r'(?:href|action|value|hx-get)="([^"]*)"', html)).lower()
    for word in ("zebedee", "namely", "palliative", "rituximab", patient.record_number.lower() + "&"):
        assert word not in links
    assert key_of(html, "Rituximab")


def test_two_clinics_can_be_told_apart(
    doctor: Client, register: Callable[..., Patient], clinician: User, stranger: User
) -> None:
    here = register(name="Here")
    south = Clinic.objects.get(staff__user=stranger)
    assert 'name="clinic"' not in page(doctor)
    shown = filters.Choices(
        {"clinic": [filters.Choice(str(here.clinic_id), "A"), filters.Choice(str(south.pk), "B")]}
    )
    asked = filters.read({"clinic": str(south.pk)}, shown)
    assert asked.clinic == str(south.pk)
    assert asked.query == f"clinic={south.pk}"
    assert filters.read({"clinic": "99999"}, shown).ignored == ("clinic",)


def test_unknown_values_are_ignored_with_a_sentence(doctor: Client, patient: Patient) -> None:
    html = page(doctor, "?section=nowhere&tag=x&sort=fast&owner=yes&treatment=%F0&clinic=1%27")
    assert names(html) == [patient.name]
    assert "something that is not known here" in html
    for word in ("section", "tag", "order", "owner", "treatment", "clinic"):
        assert word in html
    assert "not known here" not in page(doctor, "?section=quiet&unheard=of")


def test_sections_count_what_they_show(
    doctor: Client,
    register: Callable[..., Patient],
    family: User,
    seat: Callable[..., object],
    clinician: User,
) -> None:
    asking = register(name="Asking")
    seat(asking, family)
    for _ in range(3):
        register()
    with acting_as(family):
        check_in(family, asking, worried=True)
    html = page(doctor)
    assert re.search(r'section=asked">Family asks for a look <span class="quiet">1<', html)
    assert re.search(r'section=quiet">Stopped reporting <span class="quiet">3<', html)
    assert names(page(doctor, "?section=asked")) == ["Asking"]
    assert "Showing 3 of 4 patients." in page(doctor, "?section=quiet")
    assert "Nobody in this section" in page(doctor, "?section=drift")


def test_an_empty_list_says_why(
    doctor: Client, register: Callable[..., Patient], colleague: User, clinician: User
) -> None:
    assert "No patient yet" in page(doctor)
    register()
    tagged = tag(clinician, register(), "Left")
    with acting_as(clinician):
        Tagging.objects.update(taken_off_at=timezone.now())
    assert "The filters leave nobody" in page(doctor, f"?tag={tagged.pk}")
    assert "Nobody in this section" in page(doctor, "?section=asked")


def test_filters_never_hide_that_somebody_is_urgent(
    doctor: Client, register: Callable[..., Patient], clinician: User, clinic: Clinic
) -> None:
    rule(clinician, clinic)
    flag(register(name="Urgent"), 4, "Trouble swallowing.")
    tagged = tag(clinician, register(name="Tagged"), "Trial")
    assert "outside of what is shown" not in page(doctor)
    assert "outside of what is shown" not in page(doctor, "?section=urgent")
    assert "1 urgent report is outside of what is shown." in page(doctor, f"?tag={tagged.pk}")
    assert "1 urgent report is outside of what is shown." in page(doctor, "?section=quiet")


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["Anna", "Bela", "Cleo"]),
        ("age", ["Bela", "Cleo", "Anna"]),
        ("entry", ["Cleo", "Anna", "Bela"]),
        ("worst", ["Anna", "Bela", "Cleo"]),
    ],
)
def test_orders(
    doctor: Client,
    register: Callable[..., Patient],
    seat: Callable[..., object],
    family: User,
    sort: str,
    order: list[str],
) -> None:
    born = {"Anna": date(2015, 1, 1), "Bela": date(2023, 1, 1), "Cleo": date(2020, 1, 1)}
    known = {name: register(name=name, birth_date=day) for name, day in born.items()}
    for name, days in (("Anna", 2), ("Cleo", 1)):
        seat(known[name], family)
        at = timezone.now() - timedelta(days=days)
        with acting_as(family):
            check_in(family, known[name], at=at, received_at=at, worried=name == "Anna")
    assert order_of(page(doctor, f"?sort={sort}" if sort != "worst" else "?"), list(born)) == order


def test_a_form_is_answered_by_its_short_address(doctor: Client, patient: Patient) -> None:
    answer = doctor.get("/worklist/?section=quiet&team=&tag=&treatment=&sort=worst&owner=me")
    assert answer.headers["Location"] == "/worklist/?section=quiet&owner=me"
    assert doctor.get("/worklist/?team=&sort=worst").headers["Location"] == "/worklist/?reset=1"


def test_the_last_filters_are_remembered_for_this_person_alone(
    doctor: Client, patient: Patient, colleague: User, sign_in: Callable[[User], Client]
) -> None:
    assert COOKIE not in doctor.get("/worklist/").cookies
    kept = doctor.get("/worklist/?section=quiet&sort=name&page=1").cookies[COOKIE]
    assert (kept["path"], kept["httponly"], kept["samesite"]) == ("/", True, "Lax")
    assert patient.name not in kept.value
    again = doctor.get("/worklist/")
    assert again.status_code == 302
    place = urlsplit(again.headers["Location"])
    assert (place.path, parse_qs(place.query)) == ("/worklist/", {"section": ["quiet"], "sort": ["name"]})
    other = sign_in(colleague)
    other.cookies[COOKIE] = kept.value
    assert other.get("/worklist/").status_code == 200
    reset = doctor.get("/worklist/?reset=1")
    assert reset.headers["Location"] == "/worklist/"
    assert doctor.get("/worklist/").status_code == 200


def test_a_forged_or_damaged_memory_is_no_memory(doctor: Client, patient: Patient, clinician: User) -> None:
    good = signing.dumps([clinician.pk, "section=quiet"], salt=memory.SALT)
    for value in (
        "",
        "x",
        good[:-2],
        signing.dumps([clinician.pk, "a=b"], salt="other"),
        signing.dumps(3, salt=memory.SALT),
    ):
        doctor.cookies[COOKIE] = value
        assert doctor.get("/worklist/").status_code == 200
    doctor.cookies[COOKIE] = good
    assert doctor.get("/worklist/").status_code == 302


def test_signing_in_leads_back_to_the_filters(client: Client) -> None:
    answer = client.get("/worklist/?section=quiet&owner=me")
    assert answer.headers["Location"] == "/accounts/login/?next=/worklist/%3Fsection%3Dquiet%26owner%3Dme"


def test_taking_rows_along(
    doctor: Client,
    register: Callable[..., Patient],
    stranger: User,
    trail: Callable[..., list[AuditEvent]],
    family: User,
    seat: Callable[..., object],
    clinician: User,
) -> None:
    """CSV and text hold the ticked rows of one's own patients, and the trail says of whom."""
    risky, plain, unticked = (
        register(name="=cmd|' /C calc'!A0"),
        register(name="Plain"),
        register(name="Unticked"),
    )
    seat(plain, family)
    with acting_as(family):
        check_in(family, plain)
    ticked = {"patient": [str(risky.pk), str(plain.pk), "no key", str(plain.pk)]}
    answer = doctor.post("/worklist/export.csv", ticked)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="worklist.csv"'
    lines = answer.content.decode().splitlines()
    assert len(lines) == 3
    assert "\"'=cmd|' /C calc'!A0\"" in answer.content.decode()
    assert unticked.name not in answer.content.decode()
    told = doctor.post("/worklist/text/", ticked).content.decode()
    assert "Plain, born 1 May 2022" in told
    assert "Home check by the family (0 to 18): 2, too few to compare." in told
    for act in ("worklist exported", "worklist copied"):
        (entry,) = trail(action=act)
        assert set(entry.patients) == {risky.pk, plain.pk}


@pytest.mark.parametrize("state", ["died", "discharged"])
def test_who_is_no_longer_active_stands_in_no_section(
    doctor: Client, patient: Patient, clinician: User, state: str
) -> None:
    """Nobody asks why somebody who died stopped reporting."""
    ticked = {"patient": [str(patient.pk)]}

    def found() -> list[str]:
        search = doctor.post("/worklist/", {"q": patient.name})
        taken = [doctor.post(f"/worklist/{way}", ticked) for way in ("export.csv", "text/")]
        return [answer.content.decode() for answer in (search, *taken)]

    assert all("Stopped reporting" in told for told in found())
    with acting_as(clinician):
        records.change_state(clinician, patient, Patient.State(state), timezone.localdate())
    for told in found():
        assert "Stopped reporting" not in told
        assert Patient.State(state).label in told


def test_nobody_elses_patients_are_taken_along(
    patient: Patient,
    stranger: User,
    sign_in: Callable[[User], Client],
    trail: Callable[..., list[AuditEvent]],
) -> None:
    browser = sign_in(stranger)
    for address in ("/worklist/export.csv", "/worklist/text/"):
        answer = browser.post(address, {"patient": [str(patient.pk)]})
        assert answer.headers["Location"] == "/worklist/"
    assert "Tick the patients" in browser.get("/worklist/").content.decode()
    assert trail(action="worklist exported") == []


def test_taking_along_needs_a_fresh_sign_in(client: Client, patient: Patient, clinician: User) -> None:
    client.force_login(clinician)
    answer = client.post("/worklist/export.csv", {"patient": [str(patient.pk)]})
    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
