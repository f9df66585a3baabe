"""Every list page asks the same number of questions of the database for 10 rows and for 200."""

from collections.abc import Callable
from itertools import count

import pytest
from django.test import Client

from conditions.models import Condition, Feedback, Release, Section, Source, Statement
from portal import audit
from portal.identity import acting_as
from portal.middleware import counted_queries
from portal.models import User
from tests.identities import parts_of
from tests.tiers import sample
from tests.tracker.diary import check_in
from tests.writing_parts import PARTS
from tracker import emergency, journal
from tracker.models import Patient, Rules
from tracker.models.seats import Basis

pytestmark = pytest.mark.django_db
numbers = count(1)


class Rows:
    """Makes rows of each kind, `number` more at a time."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self.fixture = request.getfixturevalue

    def patients(self, number: int) -> None:
        for _ in range(number):
            self.fixture("seat")(self.fixture("register")(), self.fixture("family"))

    def people(self, number: int) -> None:
        patient = self.fixture("patient")
        for _ in range(number):
            user = User.objects.create_user(f"p{next(numbers)}@test.example", name="P", roles=["family"])
            self.fixture("seat")(patient, user, Basis.GUARDIAN)

    def entries(self, number: int) -> None:
        with acting_as(self.fixture("family")):
            for _ in range(number):
                check_in(self.fixture("family"), self.fixture("patient"))

    def letters(self, number: int) -> None:
        with acting_as(self.fixture("family")):
            for _ in range(number):
                journal.send_message(
                    self.fixture("family"), self.fixture("patient"), f"Letter {next(numbers)}"
                )

    def emergencies(self, number: int) -> None:
        colleague = self.fixture("colleague")
        for _ in range(number):
            known = self.fixture("register")()
            facts = {"record_number": known.record_number, "birth_date": known.birth_date}
            with acting_as(colleague):
                emergency.open_record(colleague, **facts, purpose="other", reason="For tests.", site="x")

    def decisions(self, number: int) -> None:
        clinic, author = self.fixture("clinic"), self.fixture("clinician")
        with acting_as(author):
            for _ in range(number):
                Rules(clinic=clinic, reason="For tests.", author=author).save(force_insert=True)

    def acts(self, number: int) -> None:
        for _ in range(number):
            audit.record(self.fixture("auditor"), "looked", "nothing")

    def content(self, number: int) -> None:
        """Conditions, each with a release, a section, a source and a statement."""
        for word in [f"c{next(numbers)}" for _ in range(number)]:
            condition = Condition.objects.create(slug=word, name=word, summary=word)
            section = Section.objects.create(condition=condition, key="s", title="S")
            Statement.objects.create(section=section, key=word, text=word)
            Source.objects.create(condition=condition, key="s", kind="review", title="T", read="part")
            parts_of(Statement.objects.get(key=word), Source.objects.get(condition=condition))
            release = Release.objects.create(condition=condition, snapshot={}, digest=word)
            asked = {"kind": "question", "text": word, "due_on": "2030-01-01"}
            Feedback.objects.bulk_create([Feedback(condition=condition, release=release, **asked)])


LISTS = [
    # who, address (of the patient where it has a place for one), which rows
    ("clinician", "/worklist/", Rows.patients),
    ("clinician", "/worklist/?section=quiet", Rows.patients),
    ("clinician", "/hand-over/", Rows.patients),
    ("clinician", "/rules/{clinic}/", Rows.patients),
    ("clinician", "/rules/{clinic}/", Rows.decisions),
    ("family", "/log/", Rows.patients),
    ("administrator", "/admin/tracker/patient/", Rows.patients),
    ("clinician", "/patients/{}/", Rows.entries),
    ("family", "/log/{}/", Rows.entries),
    ("family", "/log/{}/messages/", Rows.letters),
    ("clinician", "/patients/{}/seats/", Rows.people),
    ("clinician", "/patients/{}/merge/", Rows.patients),
    ("administrator", "/admin/portal/user/", Rows.people),
    ("administrator", "/admin/tracker/patient/{}/seats/", Rows.people),
    ("auditor", "/trail/", Rows.acts),
    ("auditor", "/trail/emergencies/", Rows.emergencies),
    ("editor", "/admin/", Rows.content),
    ("editor", "/admin/conditions/statement/search/?q=c", Rows.content),
    ("editor", "/admin/conditions/condition/", Rows.content),
    ("editor", "/admin/conditions/feedback/", Rows.content),
    ("editor", "/admin/conditions/section/", Rows.content),
    ("editor", "/admin/conditions/source/", Rows.content),
    ("editor", "/admin/conditions/statement/", Rows.content),
    ("reviewer", "/admin/conditions/release/", Rows.content),
    *(("editor", f"/admin/conditions/{word}/", Rows.content) for word in PARTS),
]


@pytest.mark.parametrize(
    ("word", "address", "more"), sample(LISTS, 3), ids=lambda value: getattr(value, "__name__", value)
)
def test_queries_do_not_grow(
    word: str,
    address: str,
    more: Callable,
    patient: Patient,
    sign_in: Callable,
    request: pytest.FixtureRequest,
) -> None:
    browser: Client = sign_in(request.getfixturevalue(word))
    rows, asked = Rows(request), []
    address = address.format(patient.pk, clinic=patient.clinic_id)
    for number in (10, 190):
        more(rows, number)
        browser.get(address)  # the first request of a session writes it
        with counted_queries() as queries:
            assert browser.get(address).status_code == 200
        asked.append(queries[0])
    assert asked[0] == asked[1] <= 45


def test_search_costs_the_same(clinician: User, sign_in: Callable, request: pytest.FixtureRequest) -> None:
    browser, rows, asked = sign_in(clinician), Rows(request), []
    for number in (10, 190):
        rows.patients(number)
        with counted_queries() as queries:
            assert browser.post("/worklist/", {"q": "Example"}).status_code == 200
        asked.append(queries[0])
    assert asked[0] == asked[1]
