"""The worklist's rows computed anew are those kept write by write, whatever the day is."""

import random
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from portal.identity import acting_as
from portal.models import User
from tests.tracker.diary import STEADY, check_in
from tests.tracker.test_worklist import rule
from tracker import journal, plan, reviews, treatments
from tracker.models import CheckIn, Clinic, DueItem, Patient, PatientStatus, Review, Treatment
from tracker.reviews import Verdict
from tracker.worklist import Row, Terms

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
DAY = timedelta(days=1)
CLOCKS = (-60, -8, -1, 0, 1, 3, 15, 40, 400)  # days from today


class Chance:
    """Writes by chance what can be written about one patient, through the front door of each writer."""

    def __init__(self, chance: random.Random, patient: Patient, doctor: User, parent: User) -> None:
        self.chance, self.patient, self.doctor, self.parent = chance, patient, doctor, parent

    def go(self) -> None:
        """One write."""
        self.chance.choice(
            [
                self.entry,
                self.entry,
                self.entry,
                self.error,
                self.letter,
                self.plan,
                self.due,
                self.undue,
                self.review,
                self.undo,
            ]
        )()

    def entry(self) -> None:
        at = (
            timezone.now() - self.chance.randint(0, 40) * DAY - timedelta(minutes=self.chance.randint(1, 600))
        )
        told = {item: self.chance.choice([0, 1, 2, 3, 3, None]) for item in STEADY}
        with acting_as(self.parent):
            check_in(self.parent, self.patient, ratings=told, at=at, worried=self.chance.random() < 0.2)

    def error(self) -> None:
        with acting_as(self.parent):
            known = list(CheckIn.objects.standing().filter(patient=self.patient, author=self.parent))
            if known:
                journal.mark_in_error(self.parent, self.chance.choice(known), "the other child")

    def letter(self) -> None:
        with acting_as(self.parent):
            journal.send_message(self.parent, self.patient, f"Letter {self.chance.random()}")

    def plan(self) -> None:
        start = timezone.localdate() + self.chance.randint(-9, 9) * DAY
        form = self.chance.choice(["taper", "infusion", "pulse", "daily"])
        plan = Treatment(agent="Prednisolone", form=form, starts_on=start, amount=Decimal(20), unit="mg")
        steps = [(start + 7 * DAY, Decimal(10), "mg")] if form == "taper" else []
        with acting_as(self.doctor):
            treatments.plan_treatment(self.doctor, self.patient, plan, steps)

    def due(self) -> None:
        day = timezone.localdate() + self.chance.randint(-9, 9) * DAY
        with acting_as(self.doctor):
            plan.add_due(self.doctor, self.patient, DueItem(kind="scan", due_on=day, every_weeks=2))

    def undue(self) -> None:
        with acting_as(self.doctor):
            item = self.patient.due_items.open().first()
            if item and self.chance.random() < 0.5:
                plan.drop_due(self.doctor, item, "Not needed")
            elif item:
                plan.finish_due(self.doctor, item, timezone.localdate())

    def review(self) -> None:
        at = timezone.now()
        verdict = Verdict("watch", next_on=self.chance.choice([None, at.date() + 9 * DAY]))
        with acting_as(self.doctor):
            reviews.sign_off(self.doctor, self.patient, verdict, covers_until=at)

    def undo(self) -> None:
        with acting_as(self.doctor):
            mine = Review.objects.standing().filter(patient=self.patient, reviewer=self.doctor)
            newest = mine.select_related("patient__clinic").first()
            if newest and reviews.may_undo(self.doctor, newest, timezone.now()):
                reviews.undo(self.doctor, newest)


@pytest.fixture
def doctor_rows(clinician: User) -> Callable[[], dict]:
    def rows() -> dict:
        with acting_as(clinician):
            return {row["patient_id"]: row for row in PatientStatus.objects.values()}

    return rows


def sections(clinician: User) -> dict:
    """Every patient's section on every day of CLOCKS."""
    today = timezone.localdate()
    with acting_as(clinician):
        known = list(PatientStatus.objects.select_related("patient__clinic"))
        return {
            (each.pk, days): Row(each, today + days * DAY, Terms(flags=True)).section.key
            for each in known
            for days in CLOCKS
        }


@pytest.mark.parametrize("seed", [1, 2])
def test_rebuilt_is_what_was_kept(
    seed: int,
    register: Callable[..., Patient],
    seat: Callable[..., object],
    family: User,
    clinician: User,
    clinic: Clinic,
    doctor_rows: Callable[[], dict],
    capsys: pytest.CaptureFixture[str],
) -> None:
    chance = random.Random(seed)
    rule(clinician, clinic)
    known = [register() for _ in range(3)]
    for patient in known:
        seat(patient, family)
        hands = Chance(chance, patient, clinician, family)
        for _ in range(14):
            hands.go()
    before, placed = doctor_rows(), sections(clinician)
    PatientStatus.objects.using("owner").update(
        course=[1],
        steps=[],
        unreviewed=0,
        unreviewed_since=None,
        due_on=timezone.localdate(),
        letters=9,
        letter_since=timezone.now(),
        flag_tier=5,
        reviewed_at=None,
        reviewed_by=None,
    )
    PatientStatus.objects.using("owner").filter(patient=known[0]).delete()
    assert doctor_rows() != before
    call_command("rebuild_status")
    assert doctor_rows() == before
    assert sections(clinician) == placed
    assert "Rows computed anew: 3." in capsys.readouterr().out
