"""Emergency access: who gets it, what it opens, who is told, and how it ends."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.core import mail
from django.core.cache import cache
from django.db import DatabaseError, connections, transaction
from django.test import Client
from django.utils import timezone

from portal import parking
from portal.identity import acting_as
from portal.middleware import counted_queries
from portal.models import AuditEvent, User
from portal.roles import GRANTS, Role
from tests import database
from tests.tracker.diary import check_in
from tests.tracker.test_races import at_once
from tracker import emergency, reviews
from tracker.models import CheckIn, Clinic, EmergencyAccess, Patient, PatientStatus, Redaction, Seat
from tracker.models.seats import Basis
from tracker.reviews import Verdict

pytestmark = pytest.mark.django_db
ADDRESS = "/break-glass/"
WHY = "Seizure in our emergency room, parents not here."
FINDING = "Asked the clinician and the ward: it was right."
ASKED = {"record_number": "R1", "birth_date": "2022-05-01", "purpose": "treating", "reason": WHY}
SignIn = Callable[[User], Client]
Trail = Callable[..., list[AuditEvent]]


@pytest.fixture
def helper(colleague: User, patient: Patient, sign_in: SignIn) -> Iterator[Client]:
    """The browser of a clinician of the clinic without a seat; `patient` is there to be opened."""
    cache.clear()
    yield sign_in(colleague)
    cache.clear()


@pytest.fixture
def opened(helper: Client, colleague: User) -> EmergencyAccess:
    """What `helper` has just opened."""
    assert helper.post(ADDRESS, ASKED).status_code == 302
    with acting_as(colleague):
        return EmergencyAccess.objects.get()


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


# Getting it


def test_the_exact_number_and_birth_date_open_the_record(
    helper: Client, patient: Patient, colleague: User, trail: Trail
) -> None:
    page = f"/patients/{patient.pk}/"
    assert helper.get(page).status_code == 404
    assert "60 minutes" in text(helper, ADDRESS)
    assert helper.post(ADDRESS, ASKED)["Location"] == page
    assert "Robin Example" in text(helper, page)
    with acting_as(colleague):
        access = EmergencyAccess.objects.select_related("seat").get()
    assert (access.clinician, access.purpose, access.reason) == (colleague, "treating", WHY)
    assert access.seat.ends_at - access.seat.starts_at == timedelta(minutes=60)
    (act,) = trail(action="emergency access")
    assert (act.actor_id, act.patient_id) == (colleague.pk, patient.pk)


WRONG = [
    {"record_number": "R2"},
    {"record_number": "r1"},
    {"birth_date": "2022-05-02"},
    {"record_number": "ZZ", "birth_date": "2001-01-01"},
]


def bare(answer: Any) -> tuple[int, int, str]:
    """Status, length and sentences of an answer without what was typed and what is random."""
    html = re.sub(r' value="[^"]*"', "", answer.content.decode())
    return answer.status_code, len(html), html


def test_whatever_was_wrong_the_answer_is_the_same(
    helper: Client, stranger: User, patient: Patient, sign_in: SignIn, trail: Trail
) -> None:
    answers = [bare(helper.post(ADDRESS, {**ASKED, **wrong})) for wrong in WRONG]
    others = sign_in(stranger)  # of another network, with the right number and date
    answers.append(bare(others.post(ADDRESS, ASKED)))
    assert len({length for _, length, _ in answers[:-1]}) == 1
    assert {status for status, _, _ in answers} == {200}
    assert all(
        "No record that you can open has this number and date of birth" in html for *_, html in answers
    )
    missing = bare(others.post(ADDRESS, {**ASKED, "record_number": "R9"}))
    assert missing == answers[-1]
    assert len(trail(action="emergency access: no such record")) == 6
    assert 'value="R9"' in others.post(ADDRESS, {**ASKED, "record_number": "R9"}).content.decode()
    assert mail.outbox == []
    assert helper.get(f"/patients/{patient.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"record_number": ""}, "Give the record number."),
        ({"record_number": "n" * 41}, "40"),
        ({"birth_date": "31 May"}, "year-month-day"),
        ({"birth_date": ""}, "Give the date of birth."),
        ({"purpose": ""}, "Choose why you need it."),
        ({"purpose": "curious"}, "Choose one of these reasons."),
        ({"reason": ""}, "Write what happened"),
        ({"reason": "urgent"}, "at least 20 letters"),
        ({"reason": "x" * 1001}, "Shorten it to 1000"),
    ],
)
def test_bad_input_gets_a_sentence_and_counts_as_nothing(
    helper: Client, colleague: User, typed: dict[str, str], sentence: str
) -> None:
    answer = helper.post(ADDRESS, {**ASKED, **typed})
    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert not cache.get(f"emergency:{colleague.pk}")
    with acting_as(colleague):
        assert not EmergencyAccess.objects.exists()


def test_ten_attempts_an_hour(
    helper: Client, colleague: User, trail: Trail, monkeypatch: pytest.MonkeyPatch, patient: Patient
) -> None:
    for _ in range(10):
        assert "No record" in helper.post(ADDRESS, {**ASKED, "record_number": "R9"}).content.decode()
    answer = helper.post(ADDRESS, ASKED)
    assert answer.status_code == 200
    assert "ten times within an hour" in answer.content.decode()
    assert helper.get(f"/patients/{patient.pk}/").status_code == 404
    (act,) = trail(action="emergency access: too many attempts")
    assert act.actor_id == colleague.pk
    monkeypatch.setattr(emergency, "WITHIN", timedelta(0))
    assert helper.post(ADDRESS, ASKED).status_code == 302


def test_a_proof_of_who_one_is_must_be_fresh(colleague: User, patient: Patient) -> None:
    browser = Client()
    browser.force_login(colleague)  # without a record of when they proved themselves
    for answer in (browser.get(ADDRESS), browser.post(ADDRESS, ASKED)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/reauthenticate/")
    with acting_as(colleague):
        assert not Patient.objects.exists()


@pytest.mark.parametrize("word", ["family", "editor", "reviewer", "administrator", "auditor"])
def test_nobody_but_clinicians(
    word: str, patient: Patient, sign_in: SignIn, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(word)
    browser = sign_in(user)
    assert browser.get(ADDRESS).status_code == 403
    assert browser.post(ADDRESS, ASKED).status_code == 403
    with pytest.raises(DatabaseError), acting_as(user), transaction.atomic():
        emergency.open_record(user, **ASKED, site="x")
    assert {role for role, rights in GRANTS.items() if "tracker.break_glass" in rights} == {Role.CLINICIAN}


def test_who_reaches_the_record_opens_nothing(
    patient: Patient, clinician: User, sign_in: SignIn, trail: Trail
) -> None:
    browser = sign_in(clinician)
    answer = browser.post(ADDRESS, ASKED, follow=True).content.decode()
    assert "You reach this record already" in answer
    assert "until" not in answer.partition("<header")[0]
    with acting_as(clinician):
        assert not EmergencyAccess.objects.exists()
    assert mail.outbox == []
    assert len(trail(action="emergency access: not needed")) == 1


def test_what_was_typed_outlives_the_session(client: Client, helper: Client, colleague: User) -> None:
    client.post(ADDRESS, {**ASKED, "made_for": parking.made_for(colleague)})
    assert WHY in text(helper, ADDRESS)


def test_the_worklist_leads_there_quietly(helper: Client) -> None:
    for page in (text(helper, "/worklist/"), helper.post("/worklist/", {"q": "nobody"}).content.decode()):
        assert f'href="{ADDRESS}"' in page


# While it lasts


def test_a_banner_on_every_page(
    helper: Client, opened: EmergencyAccess, patient: Patient, clinician: User, sign_in: SignIn
) -> None:
    pages = ["/worklist/", f"/patients/{patient.pk}/", ADDRESS, "/conditions/", "/patients/register/"]
    for page in [*pages, "/accounts/sessions/", "/accounts/password/change/"]:
        html = text(helper, page)
        assert "emergency-banner" in html, page
        assert f"/break-glass/{opened.pk}/end/" in html
        assert "Robin" not in html.partition("<header")[0]
    missing = helper.get("/patients/00000000-0000-0000-0000-000000000000/")
    assert (missing.status_code, b"emergency-banner" in missing.content) == (404, True)
    assert helper.get("/trail/").content.count(b"emergency-banner-one") == 1
    assert "emergency-banner" not in text(sign_in(clinician), "/worklist/")
    assert "emergency-banner" not in text(Client(), "/conditions/")


def test_the_banner_costs_one_query_and_clinicians_alone_pay_it(
    helper: Client, colleague: User, family: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked(browser: Client) -> int:
        browser.get("/conditions/")
        with counted_queries() as queries:
            browser.get("/conditions/")
        return queries[0]

    parent = sign_in(family)
    with_banner, as_family = asked(helper), asked(parent)
    helper.post(ADDRESS, ASKED)
    assert asked(helper) == with_banner
    monkeypatch.setattr("tracker.banner.open_seats", lambda user: [])
    assert (asked(helper), asked(parent)) == (with_banner - 1, as_family)


def test_it_reads_and_treats_as_the_care_team_does(
    helper: Client, patient: Patient, family: User, clinician: User, colleague: User
) -> None:
    with acting_as(clinician):
        reviews.sign_off(
            clinician, patient, Verdict("noted", private_note="A quiet word"), covers_until=timezone.now()
        )
    with acting_as(family):
        check_in(family, patient, note="Wobbly since noon")
    helper.post(ADDRESS, ASKED)
    html = text(helper, f"/patients/{patient.pk}/")
    assert "A quiet word" in html
    assert "Wobbly since noon" in html
    with acting_as(clinician):
        knows = str(patient.reviews.get().pk)  # as the page's form says
    typed = {"outcome": "noted", "covers_until": timezone.now().isoformat(), "message": "Seen in the night."}
    answer = helper.post(f"/patients/{patient.pk}/review/", {**typed, "knows": knows})
    assert answer.status_code == 302
    with acting_as(family):
        assert [row.reviewer for row in patient.reviews.all()][:1] == [colleague]


def test_it_decides_nothing(
    helper: Client, opened: EmergencyAccess, patient: Patient, family: User, colleague: User
) -> None:
    with acting_as(colleague):
        theirs = Seat.objects.get(user=family)
    page = f"/patients/{patient.pk}/"
    assert "/invite/" not in text(helper, page)
    for address in (f"{page}invite/", f"{page}seats/{theirs.pk}/end/"):
        assert helper.get(address).status_code == 404
        assert helper.post(address, {}).status_code == 404
    now = timezone.now()
    with acting_as(colleague):
        assert not Patient.objects.kept_by(colleague).exists()
        assert Seat.objects.filter(pk=theirs.pk).update(ends_at=now) == 0
        assert Patient.objects.update(state="discharged") == 0
        assert Patient.objects.update(frozen_at=now, frozen_by=colleague, frozen_reason="x") == 0


@pytest.mark.parametrize("roles", [["clinician"], ["clinician", "administrator"], ["clinician", "editor"]])
def test_it_hides_nothing_whatever_other_roles_there_are(
    roles: list[str], patient: Patient, family: User, helper: Client, colleague: User, appoint: Callable
) -> None:
    with acting_as(family):
        entry = check_in(family, patient)
    appoint(colleague, roles=roles)
    helper.post(ADDRESS, ASKED)
    facts = {
        "patient": patient,
        "check_in": entry,
        "hidden_from": family,
        "reason": "x",
        "decided_by": colleague,
    }
    with acting_as(colleague):
        assert CheckIn.objects.count() == 1
        with pytest.raises(DatabaseError), transaction.atomic():
            Redaction.objects.create(**facts)
        assert not Patient.objects.kept_by(colleague).exists()


def test_the_care_team_still_hides_an_entry(patient: Patient, family: User, clinician: User) -> None:
    with acting_as(family):
        entry = check_in(family, patient)
    facts = {
        "patient": patient,
        "check_in": entry,
        "hidden_from": family,
        "reason": "x",
        "decided_by": clinician,
    }
    with acting_as(clinician):
        row = Redaction.objects.create(**facts)
        assert Redaction.objects.filter(pk=row.pk).update(lifted_at=timezone.now()) == 1


def test_it_raises_no_role_right(helper: Client, opened: EmergencyAccess, colleague: User) -> None:
    for address in ("/admin/", "/trail/", "/trail/emergencies/", "/log/"):
        assert helper.get(address).status_code in (302, 403), address
    assert not colleague.has_perm("tracker.change_patient")


def test_on_the_worklist_while_it_lasts(
    helper: Client,
    opened: EmergencyAccess,
    patient: Patient,
    colleague: User,
    clinician: User,
    sign_in: SignIn,
) -> None:
    row = re.compile(r"Emergency access</span><br>\s*<a href=\"/patients/")
    assert row.search(text(helper, "/worklist/"))
    assert not row.search(text(sign_in(clinician), "/worklist/"))
    helper.post(f"/break-glass/{opened.pk}/end/")
    assert "Robin" not in text(helper, "/worklist/")
    with acting_as(colleague):
        assert not PatientStatus.objects.visible_to(colleague).exists()


# How it ends


def test_it_can_be_ended_at_once(
    helper: Client, opened: EmergencyAccess, patient: Patient, trail: Trail
) -> None:
    address = f"/break-glass/{opened.pk}/end/"
    assert helper.get(address)["Location"] == "/worklist/"
    assert helper.get(f"/patients/{patient.pk}/").status_code == 200
    assert "is over" in helper.post(address, follow=True).content.decode()
    assert helper.get(f"/patients/{patient.pk}/").status_code == 404
    assert "emergency-banner" not in text(helper, "/worklist/")
    assert helper.post(address).status_code == 302
    assert len(trail(action="emergency access ended")) == 1


def test_nobody_ends_it_for_another(
    helper: Client,
    opened: EmergencyAccess,
    patient: Patient,
    sign_in: SignIn,
    stranger: User,
    clinician: User,
) -> None:
    for user in (stranger, clinician):
        assert sign_in(user).post(f"/break-glass/{opened.pk}/end/").status_code == 404
    assert helper.get(f"/patients/{patient.pk}/").status_code == 200


def test_it_is_not_made_longer(opened: EmergencyAccess, colleague: User) -> None:
    for at in (timezone.now() + timedelta(minutes=30), timezone.now() + timedelta(days=1)):
        with pytest.raises(DatabaseError), acting_as(colleague), transaction.atomic():
            Seat.objects.filter(pk=opened.pk).update(ends_at=at)


def test_it_can_be_had_again(helper: Client, opened: EmergencyAccess, colleague: User) -> None:
    helper.post(f"/break-glass/{opened.pk}/end/")
    assert helper.post(ADDRESS, ASKED).status_code == 302
    with acting_as(colleague):
        assert EmergencyAccess.objects.count() == 2
    assert text(helper, "/worklist/").count("emergency-banner-one") == 1


# Who is told


def test_the_family_gets_a_mail_that_names_nobody(
    helper: Client, patient: Patient, seat: Callable, family: User, other_family: User, colleague: User
) -> None:
    seat(patient, other_family, Basis.SELF)
    helper.post(ADDRESS, ASKED)
    assert sorted(letter.to for letter in mail.outbox) == [[family.email], [other_family.email]]
    for letter in mail.outbox:
        said = f"{letter.subject}\n{letter.body}"
        for secret in ("Robin", "R1", "2022", colleague.name, "North", str(patient.pk), "Seizure", "treat"):
            assert secret not in said
        assert "http://testserver/" in said
    assert helper.post(ADDRESS, ASKED).status_code == 302
    assert len(mail.outbox) == 2, "open already: nobody is told twice"


def test_a_frozen_record_sends_no_mail(
    helper: Client, patient: Patient, clinician: User, family: User, sign_in: SignIn
) -> None:
    with acting_as(clinician):
        Patient.objects.update(frozen_at=timezone.now(), frozen_by=clinician, frozen_reason="Looked into")
    assert helper.post(ADDRESS, ASKED).status_code == 302
    assert mail.outbox == []
    assert sign_in(family).get(f"/log/{patient.pk}/").status_code == 404


def test_who_lost_the_seat_or_the_account_gets_no_mail(
    helper: Client, patient: Patient, family: User, other_family: User, seat: Callable, appoint: Callable
) -> None:
    seat(patient, other_family, Basis.GUARDIAN)
    appoint(family, active=False)
    helper.post(ADDRESS, ASKED)
    assert [letter.to for letter in mail.outbox] == [[other_family.email]]


@pytest.mark.parametrize(
    ("purpose", "words"),
    [
        ("treating", "They said they were treating Robin right then."),
        ("advice", "asked for advice about Robin"),
        ("safety", "to keep Robin safe"),
        ("other", "They gave another reason."),
    ],
)
def test_the_family_reads_who_and_when_and_the_choice(
    purpose: str, words: str, helper: Client, patient: Patient, family: User, sign_in: SignIn
) -> None:
    browser, address = sign_in(family), f"/log/{patient.pk}/"
    assert "Emergency access" not in text(browser, address)
    helper.post(ADDRESS, {**ASKED, "purpose": purpose})
    html = text(browser, address)
    assert re.search(r"Colleague</strong> from North Clinic\s+opened this diary", html)
    assert words in html
    assert "Seizure" not in html


def test_after_thirty_days_the_notices_go(
    opened: EmergencyAccess,
    patient: Patient,
    family: User,
    clinician: User,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parent, doctor = sign_in(family), sign_in(clinician)
    page = text(doctor, f"/patients/{patient.pk}/")
    assert "Emergency access in the last 30 days" in page
    assert "Colleague, North Clinic" in page
    monkeypatch.setattr("tracker.models.emergency.SHOWN_FOR", timedelta(0))
    assert "Emergency access" not in text(parent, f"/log/{patient.pk}/")
    assert "in the last 30 days" not in text(doctor, f"/patients/{patient.pk}/")


# The auditor


def test_the_auditor_sees_it_until_it_is_reviewed(
    helper: Client, opened: EmergencyAccess, patient: Patient, auditor: User, sign_in: SignIn, trail: Trail
) -> None:
    helper.get(f"/patients/{patient.pk}/")
    browser, one = sign_in(auditor), f"/trail/emergencies/{opened.pk}/"
    assert "1 waiting for a review" in text(browser, "/trail/")
    listed = text(browser, "/trail/emergencies/")
    assert "Waiting for a review" in listed
    assert WHY in listed
    assert str(patient.pk) in listed
    assert "Robin" not in listed
    page = text(browser, one)
    assert "Robin Example" in page
    assert "patient viewed" in page
    for typed, sentence in (("", "Write what you found."), ("ok", "at least 20 letters")):
        assert sentence in browser.post(one, {"finding": typed}).content.decode()
    assert browser.post(one, {"finding": FINDING})["Location"] == "/trail/emergencies/"
    assert "0 waiting" in text(browser, "/trail/")
    assert "Everything is reviewed." in text(browser, "/trail/emergencies/")
    page = text(browser, one)
    assert FINDING in page
    assert "<textarea" not in page
    again = browser.post(one, {"finding": "Something else altogether."}, follow=True).content.decode()
    assert "each is reviewed once" in again
    assert FINDING in again
    for action in ("identity viewed", "emergency access listed", "emergency access reviewed"):
        assert trail(action=action, actor_id=auditor.pk), action


def test_nobody_reviews_their_own(
    helper: Client, opened: EmergencyAccess, colleague: User, appoint: Callable, sign_in: SignIn, trail: Trail
) -> None:
    appoint(colleague, roles=["clinician", "auditor"])
    colleague.refresh_from_db()
    browser, one = sign_in(colleague), f"/trail/emergencies/{opened.pk}/"
    assert "This was you" in text(browser, one)
    assert "nobody reviews their own" in browser.post(one, {"finding": FINDING}, follow=True).content.decode()
    with acting_as(colleague):
        own = EmergencyAccess.objects.filter(pk=opened.pk)
        assert own.update(reviewed_by=colleague, reviewed_at=timezone.now(), finding=FINDING) == 0
        assert own.waiting().exists()
    assert len(trail(action="emergency access: review refused")) == 1


def test_the_list_is_the_auditors(
    opened: EmergencyAccess, helper: Client, family: User, sign_in: SignIn
) -> None:
    for browser in (helper, sign_in(family)):
        for address in ("/trail/emergencies/", f"/trail/emergencies/{opened.pk}/"):
            assert browser.get(address).status_code == 403
            assert browser.post(address, {"finding": FINDING}).status_code in (403, 405)
    assert "Nobody has used" not in text(helper, "/worklist/")


def test_an_empty_list_says_so(auditor: User, sign_in: SignIn) -> None:
    assert "Nobody has used emergency access yet." in text(sign_in(auditor), "/trail/emergencies/")


def test_others_learn_nobodys_identity(opened: EmergencyAccess, patient: Patient, colleague: User) -> None:
    with acting_as(colleague):
        assert emergency.identity(colleague, patient.pk) is None


# What only a committed database shows

committed = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@committed
def test_after_the_hour_the_next_request_finds_nothing(
    helper: Client, opened: EmergencyAccess, patient: Patient, colleague: User
) -> None:
    page = f"/patients/{patient.pk}/"
    assert helper.get(page).status_code == 200
    hour = timedelta(minutes=61)
    begun = opened.opened_at - hour
    theirs = Seat.objects.using("owner").filter(pk=opened.pk)
    assert theirs.update(starts_at=begun, ends_at=begun + timedelta(minutes=60)) == 1
    assert helper.get(page).status_code == 404
    assert "emergency-banner" not in text(helper, "/worklist/")
    assert helper.post(ADDRESS, ASKED).status_code == 302
    assert helper.get(page).status_code == 200
    with acting_as(colleague):
        assert EmergencyAccess.objects.count() == 2
    connections["owner"].close()


@committed
def test_two_at_once_open_one(patient: Patient, family: User, colleague: User, sign_in: SignIn) -> None:
    browsers = [sign_in(colleague) for _ in range(4)]
    answers = at_once(4, lambda: browsers.pop().post(ADDRESS, ASKED).status_code)
    assert answers == [302] * 4
    with acting_as(colleague):
        assert EmergencyAccess.objects.count() == 1
        assert Seat.objects.filter(basis=Basis.BREAK_GLASS).count() == 1
    assert [letter.to for letter in mail.outbox] == [[family.email]]


@committed
def test_a_clinic_of_the_network_helps_out(
    patient: Patient, stranger: User, family: User, sign_in: SignIn
) -> None:
    browser = sign_in(stranger)
    assert browser.post(ADDRESS, ASKED).status_code == 200
    Clinic.objects.using("owner").update(network="Coast")
    connections["owner"].close()
    assert browser.post(ADDRESS, ASKED).status_code == 302
    assert "from South Clinic" in text(sign_in(family), f"/log/{patient.pk}/")


@committed
def test_the_table_takes_no_longer_hour(patient: Patient, colleague: User) -> None:
    """Asked as a superuser, whom no policy holds back."""
    add = (
        "INSERT INTO tracker_seat (patient_id, user_id, basis, ground, decided_by_id, starts_at, ends_at)"
        " VALUES (%s, %s, 'break_glass', 'emergency', %s, now(), now() + make_interval(mins => %s))"
    )
    facts = [patient.pk, colleague.pk, colleague.pk]
    with database.SERVER.connect(database.NAME) as superuser:
        with pytest.raises(psycopg.errors.CheckViolation, match="seat_emergency_lasts_an_hour"):
            superuser.execute(add, [*facts, 61])
        superuser.execute(add, [*facts, 60])
        with pytest.raises(psycopg.errors.ExclusionViolation, match="seat_once_at_a_time"):
            superuser.execute(add, [*facts, 60])
