"""Who stands where on the worklist, why, and what the page costs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.identity import acting_as, acting_for
from portal.middleware import counted_queries
from portal.models import AuditEvent, User
from tests.tracker.diary import check_in, weeks_of_checks
from tracker import leads, people, reviews, status, treatments, worklist
from tracker.models import Clinic, Flag, Patient, PatientStatus, Rules, Seat, Treatment
from tracker.reviews import Verdict
from tracker.timeline import day_words
from tracker.worklist import SECTIONS, Reason, Row, Terms
from tracker.worklist.rows import Beside
from tracker.worklist.sections import numbered
from tracker.worklist.terms import Book, terms_of

TODAY = date(2026, 11, 21)
NOW = timezone.now()
DAY = timedelta(days=1)
FLAGS = Terms(flags=True)


def row(today: date = TODAY, terms: Terms = FLAGS, **fields: object) -> Row:
    patient = Patient(name="Kim", birth_date=date(2022, 5, 1), record_number="1", state_on=TODAY)
    return Row(
        PatientStatus(patient=patient, **{"course": [], "steps": [], "flag_tier": 0, "letters": 0, **fields}),
        today,
        terms,
    )


def waiting(**fields: object) -> Row:
    known = {"unreviewed": 1, "unreviewed_since": NOW, "last_received_at": NOW, "last_local_date": TODAY}
    return row(**{**known, **fields})


def texts(of: Row) -> list[str]:
    return [reason.text for reason in of.reasons]


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"items": 6, "rated": 6, "total": 7, "baseline": Decimal(2), "rise": Decimal(5)},
         "Home check 7, usually 2: 5 points up."),
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
        ({"flag_tier": 5, "worried": True}, "urgent"),
        ({"flag_tier": 4, "episode_since": TODAY}, "urgent"),
        ({"flag_tier": 3, "steps": [TODAY]}, "change"),
        ({"flag_tier": 2, "worried": True}, "drift"),
        ({"flag_tier": 1, "episode_since": TODAY - 9 * DAY, "worried": True}, "episode"),
        ({"steps": [TODAY - 2 * DAY], "worried": True}, "step"),
        ({"steps": [TODAY + 3 * DAY]}, "step"),
        ({"steps": [TODAY - 3 * DAY, TODAY + 4 * DAY]}, "steady"),
        ({"worried": True, "review_due_on": TODAY - DAY}, "asked"),
        ({"letters": 1, "review_due_on": TODAY - DAY}, "asked"),
        ({"review_due_on": TODAY - DAY, "last_local_date": None}, "overdue"),
        ({"review_due_on": TODAY}, "steady"),
        ({"due_on": TODAY - DAY, "last_local_date": None}, "overdue"),
        ({"due_on": TODAY}, "steady"),
        ({"last_local_date": TODAY - 15 * DAY}, "quiet"),
        ({"last_local_date": None}, "quiet"),
        ({"last_local_date": TODAY - 14 * DAY}, "steady"),
        ({"flag_tier": 1}, "steady"),
    ],
)
def test_the_section_follows_its_written_threshold(fields: dict[str, object], section: str) -> None:
    assert row(**{"last_local_date": TODAY, **fields}).section.key == section


def test_a_step_names_its_drug(doctor: Client, patient: Patient, clinician: User) -> None:
    """One reason a day, the next one first; what will not be given is not among them."""
    today = timezone.localdate(timezone=ZoneInfo(patient.clinic.zone))
    mg = {"amount": Decimal(20), "unit": "mg"}
    tomorrow, after, ago = today + DAY, today + 2 * DAY, today - 2 * DAY
    planned = [
        ("Prednisolone", "taper", today - 9 * DAY, None, mg, [(ago, 15), (tomorrow, 10), (after, 5)]),
        ("Clonazepam", "daily", today - 9 * DAY, None, {}, []),
        ("Dexamethasone", "taper", today - 9 * DAY, ago, mg, [(ago, 0), (tomorrow, 5)]),
        ("IVIG", "infusion", tomorrow, tomorrow, {"amount": Decimal(1), "unit": "g/kg"}, []),
    ]
    with acting_as(clinician):
        for agent, form, first, last, dose, steps in planned:
            plan = Treatment(agent=agent, form=form, starts_on=first, ends_on=last, **dose)
            told = [(on, Decimal(amount), "mg") for on, amount in steps]
            treatments.plan_treatment(clinician, patient, plan, told)
    for there in ("/worklist/", f"/patients/{patient.pk}/glance/"):
        page = doctor.get(there).content.decode()
        reasons = [
            f"Due tomorrow ({day_words(tomorrow)}): IVIG infusion, Prednisolone 15 to 10 mg.",
            f"Due in 2 days ({day_words(after)}): Prednisolone 10 to 5 mg.",
            f"Was due 2 days ago ({day_words(ago)}): Prednisolone 20 to 15 mg, Dexamethasone 20 to 0 mg.",
        ]
        assert [page.count(words) for words in reasons] == [1, 1, 1]
        assert page.index(reasons[0]) < page.index(reasons[1]) < page.index(reasons[2])
        assert "A treatment step or infusion" not in page


def test_all_reasons_are_told_although_the_section_is_one() -> None:
    told = row(
        flag_tier=3,
        flagged_at=datetime(2026, 11, 12, 9, tzinfo=ZoneInfo("UTC")),
        episode_since=TODAY - 3 * DAY,
        steps=[TODAY + DAY],
        worried=True,
        letters=2,
        letter_since=datetime(2026, 11, 3, 9, tzinfo=ZoneInfo("UTC")),
        review_due_on=TODAY - 5 * DAY,
        last_local_date=TODAY - 20 * DAY,
    )
    assert told.section.key == "change"
    assert texts(told) == [
        "Possible change.",
        "Episode open since 18 Nov 2026.",
        "A treatment step or infusion is due tomorrow (22 Nov 2026).",
        "The family asks for a look.",
        "The family sent 2 messages since 3 Nov 2026.",
        "Review overdue for 5 days.",
        "No entry for 20 days.",
    ]
    assert told.reasons[0] == Reason("Possible change.", "waiting 9 days, escalated", late=True)
    assert told.late


def test_what_is_overdue_is_told_by_name_and_of_many_how_many_more() -> None:
    late = row(due_on=TODAY - 12 * DAY, last_local_date=TODAY)
    names = [("Tumour scan", 12), ("Bloods", 1), ("MIBG", 0)]
    told = replace(late, beside=Beside(due=[(name, TODAY - days * DAY) for name, days in names]))
    assert texts(told) == ["Tumour scan overdue for 12 days.", "Bloods overdue for 1 day."]
    assert texts(late) == ["Something due is overdue for 12 days."]
    many = replace(late, beside=Beside(due=[("Bloods", TODAY - 3 * DAY)] * 5))
    assert texts(many)[2:] == ["Bloods overdue for 3 days.", "2 more overdue."]


@pytest.mark.parametrize(
    ("tier", "days", "waits", "late"),
    [
        (5, 0, "raised today", False),
        (4, 1, "waiting 1 day", False),
        (4, 2, "waiting 2 days, escalated", True),
        (3, 7, "waiting 7 days", False),
        (2, 8, "waiting 8 days, escalated", True),
    ],
)
def test_a_flag_that_nobody_looks_at_ages(tier: int, days: int, waits: str, late: bool) -> None:
    raised = datetime(2026, 11, 21, 12, tzinfo=ZoneInfo("UTC")) - days * DAY
    told = row(flag_tier=tier, flagged_at=raised, last_local_date=TODAY).reasons[0]
    assert (told.waits, told.late) == (waits, late)


def test_where_only_a_diary_is_kept_no_flag_counts() -> None:
    told = row(terms=Terms(), flag_tier=5, flagged_at=NOW, last_local_date=TODAY)
    assert (told.section.key, told.reasons) == ("steady", [])


@pytest.mark.parametrize(
    ("rules", "terms"),
    [
        (None, Terms()),
        (Rules(mode="diary"), Terms()),
        (Rules(mode="flags", worklist={"quiet_after_days": 21}), Terms(flags=True, quiet_after=21)),
        (Rules(mode="alerts", worklist={"step_before_days": 0, "step_after_days": 9}),
         Terms(flags=True, step_before=0, step_after=9)),
        (Rules(mode="flags", worklist={"quiet_after_days": "x", "flag_waits_days": True}), FLAGS),
        (Rules(mode="flags", worklist={"step_after_days": -1, "unknown": 3}), FLAGS),
        (Rules(mode="flags", worklist=[1]), FLAGS),
    ],
)  # fmt: skip
def test_thresholds_are_the_clinics_own(rules: Rules | None, terms: Terms) -> None:
    assert terms_of(rules) == terms


def test_the_thresholds_are_written_out() -> None:
    quiet = next(section for section in SECTIONS if section.key == "quiet")
    assert quiet.told([Terms()]) == "No entry for more than 14 days, or none yet."
    assert "14 to 21 days" in quiet.told([Terms(quiet_after=21), Terms()])


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


def test_the_small_line_has_a_fixed_scale_and_leaves_gaps() -> None:
    told = row(course=[0, 18, None, 9]).spark
    assert told is not None
    assert told.words == "Last home checks, oldest first, of 18: 0, 18, partial, 9."
    assert len(told.lines) == 1  # nothing joins over the gap
    assert told.dots == [(48, 31), (59, 4)]  # zero is drawn, 18 is the top
    assert told.last == (81, 17.5)
    assert row().spark is None
    partial = row(course=[4, None]).spark
    assert partial is not None
    assert partial.last is None


DAYS = st.dates(TODAY - 40 * DAY, TODAY + 40 * DAY)
FACTS = st.fixed_dictionaries(
    {
        "flag_tier": st.integers(0, 5),
        "episode_since": st.none() | DAYS,
        "steps": st.lists(DAYS, max_size=3).map(sorted),
        "worried": st.booleans(),
        "letters": st.integers(0, 2),
        "review_due_on": st.none() | DAYS,
        "due_on": st.none() | DAYS,
        "last_local_date": st.none() | DAYS,
    }
)
TERMS = st.builds(Terms, st.booleans(), st.integers(0, 30), st.integers(0, 9), st.integers(0, 9))


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_sql_and_python_put_everybody_in_the_same_section(
    register: Callable[..., Patient], clinician: User, clinic: Clinic
) -> None:
    """Facts, thresholds and clocks by chance; two clinics with terms of their own in one list."""
    known = [register().pk for _ in range(4)]

    @settings(max_examples=40, deadline=None)
    @given(st.lists(FACTS, min_size=4, max_size=4), TERMS, DAYS)
    def agree(facts: list[dict], terms: Terms, today: date) -> None:
        book = Book({clinic.pk: terms, clinic.pk + 999: Terms()}, {clinic.pk: today, clinic.pk + 999: TODAY})
        for key, told in zip(known, facts, strict=True):
            since = NOW if told["letters"] else None
            PatientStatus.objects.using("owner").filter(pk=key).update(**told, letter_since=since)
        with acting_as(clinician):
            for each in numbered(PatientStatus.objects.select_related("patient"), book):
                assert SECTIONS[each.section] is Row(each, today, terms).section

    agree()


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


@pytest.fixture
def flags_on(clinician: User, clinic: Clinic) -> None:
    rule(clinician, clinic)


def rule(author: User, clinic: Clinic, mode: str = "flags", **thresholds: int) -> None:
    with acting_as(author):
        Rules.objects.create(
            clinic=clinic,
            mode=mode,
            worklist=thresholds,
            author=author,
            safety_officer="S.O.",
            reason="Tests",
        )


def flag(patient: Patient, tier: int, reason: str, age: timedelta = timedelta()) -> None:
    at = timezone.now() - age
    with acting_for(patient.pk):
        Flag.objects.create(
            patient=patient, kind="possible_change", tier=tier, rule=f"r{tier}", version="1",
            on=at.date(), raised_at=at, reason=reason, evidence=[],
        )  # fmt: skip
        status.refresh(patient)


def order_of(page: str, names: list[str]) -> list[str]:
    return sorted(names, key=lambda name: page.index(f">{name}</a>"))


@pytest.mark.django_db
@pytest.mark.usefixtures("flags_on")
def test_the_worse_come_first_and_say_why(
    doctor: Client,
    register: Callable[..., Patient],
    seat: Callable[..., object],
    family: User,
    clinician: User,
    trail: Callable[..., list[AuditEvent]],
) -> None:
    known = {
        name: register(name=name) for name in ("Silent", "Asking", "Drifting", "Changed", "Sooner", "Latest")
    }
    for patient in known.values():
        seat(patient, family)
    with acting_as(family):
        for name in ("Drifting", "Changed", "Sooner", "Latest"):
            weeks_of_checks(family, known[name], [2, 2, 2, 2])
        check_in(family, known["Asking"], worried=True, kind="daily")
    flag(known["Changed"], 3, "Two checks in a row are 5 points above the usual. Possible change.", 9 * DAY)
    flag(known["Drifting"], 2, "A slow rise over six weeks.")
    flag(known["Sooner"], 4, "Trouble swallowing.", 3 * DAY)
    flag(known["Latest"], 4, "Fever of 39.2 under steroids.")
    page = doctor.get("/worklist/").content.decode()
    order = ["Sooner", "Latest", "Changed", "Drifting", "Asking", "Silent"]
    assert order_of(page, list(known)) == order
    for words in (
        "Two checks in a row are 5 points above the usual. Possible change.",
        "waiting 9 days, escalated",
        "waiting 3 days, escalated",
        "raised today",
        "as usual (2)",
        "Last home checks, oldest first, of 18: 2, 2, 2, 2.",
        "not watched day and night",
        "weekdays 9 to 5",
        "Showing 6 of 6 patients.",
    ):
        assert words in page
    assert "relapse" not in page.lower()
    assert "keeps a diary only" not in page
    (entry,) = trail(action="worklist viewed")
    assert entry.actor_id == clinician.pk
    assert set(entry.patients) == {patient.pk for patient in known.values()}


@pytest.mark.django_db
@pytest.mark.usefixtures("flags_on")
def test_the_urgent_stand_by_how_long_their_most_urgent_flag_waits(
    doctor: Client, register: Callable[..., Patient], clinician: User
) -> None:
    known = {name: register(name=name) for name in ("Noted", "Waiting", "Waiting longer")}
    flag(known["Noted"], 1, "A note of three weeks ago.", 21 * DAY)
    for name, age in (("Noted", timedelta()), ("Waiting", DAY), ("Waiting longer", 2 * DAY)):
        flag(known[name], 4, "Trouble swallowing.", age)
    page = doctor.get("/worklist/?section=urgent").content.decode()
    assert order_of(page, list(known)) == ["Waiting longer", "Waiting", "Noted"]
    with acting_as(clinician):
        raised = Flag.objects.get(patient=known["Noted"], tier=4).raised_at
        assert PatientStatus.objects.get(patient=known["Noted"]).flagged_at == raised


@pytest.mark.django_db
def test_a_clinic_that_keeps_a_diary_only_is_told_so(
    doctor: Client, patient: Patient, clinician: User, clinic: Clinic
) -> None:
    flag(patient, 4, "Trouble swallowing.")
    page = doctor.get("/worklist/").content.decode()
    assert "North Clinic keeps a diary only" in page
    assert "Trouble swallowing." not in page
    rule(clinician, clinic)
    assert "Trouble swallowing." in doctor.get("/worklist/?section=urgent").content.decode()


@pytest.mark.django_db
def test_thresholds_change_the_list_at_once(
    doctor: Client, patient: Patient, family: User, clinician: User, clinic: Clinic
) -> None:
    at = timezone.now() - 15 * DAY
    with acting_as(family):
        check_in(family, patient, at=at, received_at=at)
    assert "No entry for 15 days." in doctor.get("/worklist/?section=quiet").content.decode()
    rule(clinician, clinic, "diary", quiet_after_days=30)
    page = doctor.get("/worklist/?section=steady").content.decode()
    assert patient.name in page
    assert "No entry for 15 days." not in page


@pytest.mark.django_db
@pytest.mark.usefixtures("flags_on")
def test_a_look_closes_the_flag_and_can_be_undone(
    doctor: Client, patient: Patient, family: User, clinician: User
) -> None:
    with acting_as(family):
        check_in(family, patient, worried=True, kind="daily")
    flag(patient, 3, "Possible change.")
    page = doctor.get("/worklist/?section=change").content.decode()
    assert "The family asks for a look." in page
    assert "data-undo" not in page
    with acting_as(clinician):
        signed = reviews.sign_off(clinician, patient, Verdict("visit"), covers_until=timezone.now())
    page = doctor.get("/worklist/?section=steady").content.decode()
    assert "asks for a look.</p>" not in page
    assert f"{clinician.name}: Needs a visit" in page
    address = f"/patients/{patient.pk}/review/{signed.pk}/undo/"
    assert address in page
    answer = doctor.post(address, {"next": "/worklist/?section=change"})
    assert answer.headers["Location"] == "/worklist/?section=change"
    page = doctor.get("/worklist/?section=change").content.decode()
    assert "Possible change.</" in page or "Possible change. <" in page
    assert "data-undo" not in page


@pytest.mark.django_db
def test_the_owner_is_the_lead_while_on_the_team(
    doctor: Client, patient: Patient, clinician: User, colleague: User, sign_in: Callable[[User], Client]
) -> None:
    with acting_as(clinician):
        leads.lead(clinician, patient, colleague)
    page = doctor.get("/worklist/").content.decode()
    assert f'data-label="Owner">{colleague}</td>' in page
    assert "The filters leave nobody" in doctor.get("/worklist/?owner=me").content.decode()
    assert patient.name in sign_in(colleague).get("/worklist/?owner=me").content.decode()
    with acting_as(clinician):
        people.end_seat(clinician, Seat.objects.get(patient=patient, user=colleague))
    assert 'worklist-escalated">nobody' in doctor.get("/worklist/?sort=name").content.decode()


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
    page = doctor.get("/worklist/?page=4&section=quiet").content.decode()
    assert "Page 4 of 4" in page
    assert "?section=quiet&amp;page=3" in page
    assert doctor.get("/worklist/?page=nonsense").status_code == 200
    assert "Page 4 of 4" in doctor.get("/worklist/?page=99").content.decode()


@pytest.mark.django_db
def test_without_patients_the_page_says_what_to_do(doctor: Client) -> None:
    page = doctor.get("/worklist/").content.decode()
    assert "No patient yet" in page
    assert "/patients/register/" in page


@pytest.mark.django_db
def test_search_is_a_post_and_finds_by_name_number_or_birth_date(
    doctor: Client, register: Callable[..., Patient], stranger: User, sign_in: Callable[[User], Client]
) -> None:
    register(name="Ánna Örn", record_number="X-77", birth_date=date(2019, 5, 31))
    register(name="Somebody")
    for words in ("örn", "x-7", "2019-05-31", "31.5.2019", "31/05/2019", "31 May 2019", " 31-5-2019 "):
        page = doctor.post("/worklist/", {"q": words}).content.decode()
        assert "Ánna Örn" in page
        assert "Somebody" not in page
    assert "Nobody found" in doctor.post("/worklist/", {"q": "2019-31-05"}).content.decode()
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
