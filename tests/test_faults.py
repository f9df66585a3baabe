"""Whole or nothing: the connection fails at each statement of a writer in turn, and nothing stays."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from portal.identity import acting_as
from portal.models import AuditEvent, User
from tests.tracker.diary import check_in, entry
from tracker import (
    doses,
    emergency,
    episodes,
    events,
    journal,
    leads,
    people,
    plan,
    ratings,
    records,
    reviews,
    rules,
    treatments,
)
from tracker.models import ClinicalEvent, DueItem, Episode, Patient, Review, Rules, Seat, Treatment
from tracker.reviews import Verdict

pytestmark = pytest.mark.django_db
Act = Callable[[], object]


class Fault:
    """Fails the statement of this number; savepoints and what belongs to them are not counted."""

    def __init__(self, at: int) -> None:
        self.at, self.seen = at, 0

    def __call__(self, execute: Callable, sql: str, params: object, many: bool, context: dict) -> object:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            self.seen += 1
            if self.seen == self.at:
                raise OperationalError("the line is cut")
        return execute(sql, params, many, context)


class Endured(Exception):
    """The writer went on without what failed, as an entry does without the flags that it would raise."""


@contextmanager
def failing(at: int) -> Iterator[Fault]:
    """Within the block the statement of this number fails."""
    fault = Fault(at)
    with connection.execute_wrapper(fault):
        yield fault


@pytest.fixture
def acts(
    patient: Patient, clinician: User, colleague: User, family: User, register: Callable
) -> dict[str, tuple]:
    """Writer -> who writes, and the act."""
    other = register()
    with acting_as(family):
        told = check_in(family, patient)
    with acting_as(clinician):
        seat = Seat.objects.get(user=family)
        offer = people.invite(
            clinician, patient, name="New", email="new@test.example", basis="guardian", ground="court"
        )
        signed = reviews.sign_off(clinician, patient, Verdict("noted"), covers_until=timezone.now())
        course = Treatment(agent="B", form="daily", starts_on=date(2026, 1, 1))
        treatments.plan_treatment(clinician, patient, course)
        tag = plan.make_tag(clinician, patient, "Registry", team=False)
    today = timezone.localdate()
    given = doses.Given(timezone.now(), "UTC", today, reason="why")
    told_of = ratings.Rated(today, "clinic", {"mp_gait": 2, "mp_mood": None}, "note")
    verdict, now = Verdict("noted", message="m", private_note="p"), timezone.now()
    drug = {"agent": "A", "form": "daily", "starts_on": date(2026, 1, 1)}
    return {
        "record": (family, lambda: journal.record(family, patient, uuid4(), entry())),
        "mark_in_error": (family, lambda: journal.mark_in_error(family, told, "by mistake")),
        "sign_off": (clinician, lambda: reviews.sign_off(clinician, patient, verdict, covers_until=now)),
        "plan": (clinician, lambda: treatments.plan_treatment(clinician, patient, Treatment(**drug))),
        "event": (clinician, lambda: events.note_event(clinician, patient, event())),
        "register": (
            clinician,
            lambda: people.register(
                clinician, patient.clinic, name="Nil", birth_date=date(2022, 1, 1), record_number="N1"
            ),
        ),
        "withdraw": (clinician, lambda: people.withdraw(clinician, offer)),
        "end_seat": (clinician, lambda: people.end_seat(clinician, seat)),
        "join_team": (clinician, lambda: people.join_team(clinician, patient, colleague)),
        "freeze": (clinician, lambda: records.freeze(clinician, patient, "why")),
        "redact": (clinician, lambda: records.redact(clinician, told, family, "why")),
        "merge": (clinician, lambda: records.merge(clinician, other, patient)),
        "undo": (clinician, lambda: reviews.undo(clinician, Review.objects.get(pk=signed.pk))),
        "lead": (clinician, lambda: leads.lead(clinician, patient, colleague)),
        "rate": (clinician, lambda: ratings.rate(clinician, patient, uuid4(), told_of)),
        "dose": (clinician, lambda: doses.record_dose(clinician, patient, course, uuid4(), "missed", given)),
        "stop": (clinician, lambda: treatments.stop_treatment(clinician, course, today, "enough")),
        "episode": (
            clinician,
            lambda: episodes.start_episode(clinician, patient, Episode(started_on=today)),
        ),
        "mark": (clinician, lambda: plan.set_mark(clinician, patient, "immunosuppressed", today, None)),
        "due": (clinician, lambda: plan.add_due(clinician, patient, DueItem(kind="scan", due_on=today))),
        "tags": (clinician, lambda: plan.put_tags(clinician, patient, [tag])),
        "rules": (
            clinician,
            lambda: rules.decide(
                clinician,
                Rules(clinic=patient.clinic, mode="flags", safety_officer="Sam Safety", reason="Agreed"),
            ),
        ),
        "break_glass": (
            colleague,
            lambda: emergency.open_record(
                colleague,
                record_number=patient.record_number,
                birth_date=patient.birth_date,
                purpose="treating",
                reason="They are in front of me",
                site="https://steady.example/",
            ),
        ),
    }


def event() -> ClinicalEvent:
    return ClinicalEvent(kind="illness", on=date(2026, 1, 2))


WRITERS = [
    *("record", "mark_in_error", "sign_off", "plan", "event", "register", "withdraw", "end_seat"),
    *("join_team", "freeze", "redact", "merge", "break_glass", "undo", "lead", "rate", "dose", "stop"),
    *("episode", "mark", "due", "tags", "rules"),
]


@pytest.mark.parametrize("name", WRITERS)
def test_a_fault_at_any_statement_leaves_nothing(name: str, acts: dict[str, tuple], auditor: User) -> None:
    user, act = acts[name]
    before = state(user, auditor)
    number = 0
    while True:
        number += 1
        try:
            with transaction.atomic(), acting_as(user), failing(number) as fault:
                act()
                if fault.seen >= number:
                    raise Endured
        except (OperationalError, Endured, ValidationError):  # validation tells a cut line as a mistake
            assert state(user, auditor) == before, f"statement {number}"
        else:
            break
    assert number > 2
    assert state(user, auditor) != before  # the run without a fault did write


TABLES = [
    *("checkin", "rating", "assessment", "review", "message", "privatenote", "treatment", "clinicalevent"),
    *("patient", "seat", "invitation", "redaction", "emergencyaccess", "patientstatus", "measurement"),
    *("sign", "reviewundoing", "clinicianrating", "clinicianitem", "dose", "plannedstep", "episode", "mark"),
    *("dueitem", "tagging", "tag", "rules", "flag"),
]


def state(user: User, auditor: User) -> list[str]:
    """A sum of every row that the writer can see, and the length of the trail."""
    sums = []
    with acting_as(user), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*), sum(hashtext(t::text)) FROM tracker_{table} t")
            sums.append(f"{table} {cursor.fetchone()}")
    with acting_as(auditor):
        return [*sums, f"trail {AuditEvent.objects.count()}"]
