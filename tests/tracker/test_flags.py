"""From a diary to flags: raised once, in the transaction of the entry, kept until somebody looks."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone

from portal.identity import acting_as, acting_for, speaking_as
from portal.models import User
from tests.tracker.diary import check_in
from tracker import journal, observed, people, plan, reviews, rules, status, tasks, treatments
from tracker.models import CheckIn, Flag, Patient, PatientStatus, Rules, Treatment
from tracker.models.seats import Basis, Ground, Reach
from tracker.reviews import Verdict

pytestmark = pytest.mark.django_db
WELL = {"stance": 0, "gait": 0, "hands": 0, "opsoclonus": 0, "mood": 1, "speech": 0}
ILL = {"stance": 1, "gait": 2, "hands": 1, "opsoclonus": 2, "mood": 1, "speech": 0}
STEADY = timedelta(days=7)


def switched_on(clinician: User, patient: Patient, mode: str = "flags", **numbers: float) -> Rules:
    """The patient's clinic decides to have flags, perhaps at other thresholds."""
    decided = Rules(mode=mode, safety_officer="Sam Safety Example", reason="Agreed", detector=numbers)
    decided.clinic = patient.clinic
    with acting_as(clinician):
        return rules.decide(clinician, decided)


@pytest.fixture
def flagged(patient: Patient, clinician: User) -> Patient:
    """A patient of a clinic that has flags, with six quiet weekly home checks."""
    switched_on(clinician, patient)
    return patient


def checks(family: User, patient: Patient, *, days_ago: list[int], ratings: dict[str, int]) -> list[CheckIn]:
    now = timezone.now()
    with acting_as(family):
        return [
            check_in(family, patient, kind="home_check", ratings=ratings, at=now - timedelta(days=days))
            for days in days_ago
        ]


def of(clinician: User, patient: Patient) -> list[Flag]:
    with acting_as(clinician):
        return list(Flag.objects.filter(patient=patient))


def test_a_jump_is_flagged_with_its_reason_and_entry(flagged: Patient, family: User, clinician: User) -> None:
    checks(family, flagged, days_ago=[42, 35, 28, 21, 14, 7], ratings=WELL)
    (worse,) = checks(family, flagged, days_ago=[0], ratings=ILL)
    raised = of(clinician, flagged)
    assert "same_day" in {flag.kind for flag in raised}
    jump = next(flag for flag in raised if flag.kind == "same_day")
    assert worse.pk in jump.evidence
    assert jump.version
    assert "relapse" not in jump.reason.lower()
    with acting_as(clinician):
        assert PatientStatus.objects.get(patient=flagged).flag_tier == Flag.Tier.SAME_DAY


def test_a_second_emergency_of_a_day_is_a_second_flag(
    flagged: Patient, family: User, clinician: User
) -> None:
    with acting_as(clinician):
        plan.set_mark(clinician, flagged, "immunosuppressed", timezone.localdate(), None)
    now = timezone.now()
    for hours, degrees in ((3, "38.4"), (2, "37.0"), (1, "39.6")):
        with acting_as(clinician):  # a look at all that came before
            if told := flagged.check_ins.order_by("-received_at").first():
                until = max([told.received_at, *Flag.objects.values_list("raised_at", flat=True)])
                reviews.sign_off(clinician, flagged, Verdict("noted"), covers_until=until)
        with acting_as(family):
            measured = {"temperature_c": Decimal(degrees)}
            check_in(family, flagged, kind="daily", measurements=measured, at=now - timedelta(hours=hours))
    with acting_as(clinician):
        assert [flag.kind for flag in Flag.objects.open()] == ["emergency"]


def test_what_is_found_later_is_open_whatever_was_reviewed(
    flagged: Patient, family: User, clinician: User
) -> None:
    """A mark set after a review makes an emergency of a fever that was told before it."""
    with acting_as(family):
        hot = check_in(family, flagged, kind="daily", measurements={"temperature_c": Decimal("38.6")})
    with acting_as(clinician):
        reviews.sign_off(clinician, flagged, Verdict("noted"), covers_until=hot.received_at)
        plan.set_mark(clinician, flagged, "immunosuppressed", timezone.localdate(), None)
        assert [flag.tier for flag in Flag.objects.open()] == [Flag.Tier.EMERGENCY]
        assert PatientStatus.objects.get(patient=flagged).flag_tier == Flag.Tier.EMERGENCY


def test_an_entry_is_kept_when_a_rule_fails(
    flagged: Patient, family: User, clinician: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise IndexError

    monkeypatch.setattr("tracker.detector.findings", fails)
    checks(family, flagged, days_ago=[0], ratings=ILL)
    with acting_as(clinician):
        assert PatientStatus.objects.get(patient=flagged).unreviewed == 1


def test_the_same_finding_is_one_flag(flagged: Patient, family: User, clinician: User) -> None:
    checks(family, flagged, days_ago=[42, 35, 28, 21, 14, 7], ratings=WELL)
    checks(family, flagged, days_ago=[0], ratings=ILL)
    before = len(of(clinician, flagged))
    with acting_for(flagged.pk):
        for _ in range(2):
            status.refresh(flagged)
    assert len(of(clinician, flagged)) == before


def test_a_clinic_that_keeps_a_diary_only_has_no_flags(
    patient: Patient, family: User, clinician: User
) -> None:
    checks(family, patient, days_ago=[42, 35, 28, 21, 14, 7], ratings=WELL)
    checks(family, patient, days_ago=[0], ratings=ILL)
    assert of(clinician, patient) == []


def test_a_flag_ends_by_a_look_alone(flagged: Patient, family: User, clinician: User) -> None:
    checks(family, flagged, days_ago=[42, 35, 28, 21, 14, 7], ratings=WELL)
    checks(family, flagged, days_ago=[0], ratings=ILL)
    with acting_as(clinician):
        newest = max(Flag.objects.values_list("raised_at", flat=True))
        assert Flag.objects.open().exists()
        review = reviews.sign_off(clinician, flagged, Verdict("contacted"), covers_until=newest)
        assert not Flag.objects.open().exists()
        assert PatientStatus.objects.get(patient=flagged).flag_tier == 0
        reviews.undo(clinician, review)
        assert Flag.objects.open().exists()


def test_a_private_entry_is_flagged_for_the_clinic_alone(
    flagged: Patient, family: User, other_family: User, clinician: User
) -> None:
    """The job that looks reaches what parents do not, and parents reach no flag."""
    with acting_as(clinician):
        facts = {"name": "Self", "email": other_family.email, "basis": Basis.SELF, "ground": Ground.CONSENT}
        offer = people.invite(clinician, flagged, **facts)
    people.accept(other_family, offer.key)
    checks(family, flagged, days_ago=[42, 35, 28, 21, 14, 7], ratings=WELL)
    with acting_as(other_family):
        private = check_in(other_family, flagged, ratings=ILL, audience=Reach.SELF)
    assert any(private.pk in flag.evidence for flag in of(clinician, flagged))
    with acting_as(family):
        assert not Flag.objects.exists()


def test_nobody_raises_a_flag_by_hand(flagged: Patient, clinician: User) -> None:
    now = timezone.now()
    forged = Flag(patient=flagged, kind="watch", tier=1, rule="by hand", on=now.date(), raised_at=now)
    forged.version, forged.reason, forged.evidence = "1", "Forged", []
    with acting_as(clinician), pytest.raises(ProgrammingError), transaction.atomic():
        forged.save(force_insert=True)


@pytest.mark.parametrize("statement", ["UPDATE tracker_flag SET tier = 1", "DELETE FROM tracker_flag"])
def test_nobody_takes_a_flag_away(flagged: Patient, family: User, clinician: User, statement: str) -> None:
    checks(family, flagged, days_ago=[42, 35, 28, 21, 14, 7], ratings=WELL)
    checks(family, flagged, days_ago=[0], ratings=ILL)
    refused = pytest.raises(ProgrammingError)
    with acting_as(clinician), refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_other_thresholds_hold_for_their_clinic(patient: Patient, family: User, clinician: User) -> None:
    switched_on(clinician, patient, jump=18, newly_days=1)
    checks(family, patient, days_ago=[42, 35, 28, 21, 14, 7], ratings=WELL)
    checks(family, patient, days_ago=[0], ratings=ILL)
    assert "jump" not in {flag.rule for flag in of(clinician, patient)}


def test_silence_is_found_by_the_nightly_job(flagged: Patient, family: User, clinician: User) -> None:
    with acting_as(family):
        for days in (40, 33, 26, 22):
            at = timezone.now() - timedelta(days=days)
            check_in(family, flagged, ratings=WELL, at=at, received_at=at)
    assert of(clinician, flagged) == []
    tasks.look_again(timestamp=0)
    assert "too_little_data" in {flag.kind for flag in of(clinician, flagged)}


def test_only_the_job_learns_whom_to_look_at(flagged: Patient, clinician: User) -> None:
    def keys() -> list:
        with connection.cursor() as cursor:
            cursor.execute("SELECT patients_to_look_at()")
            return cursor.fetchone()[0]

    with acting_as(clinician):
        assert keys() == []
    with speaking_as(tasks.LOOK):
        assert keys() == [flagged.pk]


def test_who_owns_late_flags_is_reminded_without_a_name(
    flagged: Patient, family: User, clinician: User, mailoutbox: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks(family, flagged, days_ago=[42, 35, 28, 21, 14, 7], ratings=WELL)
    checks(family, flagged, days_ago=[0], ratings=ILL)
    monkeypatch.setattr(tasks, "SOON", timedelta(0))
    tasks.remind(timestamp=0)
    assert mailoutbox == []  # the clinic has flags and wants no reminders
    switched_on(clinician, flagged, "alerts")
    tasks.remind(timestamp=0)
    assert clinician.email in {to for mail in mailoutbox for to in mail.to}
    for mail in mailoutbox:
        assert flagged.name.split()[0] not in mail.body + mail.subject


@pytest.mark.parametrize(
    ("decided", "told"),
    [
        ({}, True),
        ({"urgent_waits_days": 4}, False),
        ({"urgent_waits_days": 2}, True),
        ({"urgent_waits_days": "x"}, True),
    ],
)
def test_a_clinic_decides_how_long_a_flag_may_wait(
    decided: dict, told: bool, flagged: Patient, clinician: User, mailoutbox: list
) -> None:
    late = {"kind": "same_day", "tier": 4, "rule": "late", "version": "1", "reason": "x", "evidence": []}
    with acting_for(flagged.pk):
        raised = timezone.now() - timedelta(days=3)
        Flag.objects.bulk_create([Flag(patient=flagged, on=raised.date(), raised_at=raised, **late)])
    with acting_as(clinician):
        agreed = {"mode": "alerts", "safety_officer": "Sam Safety", "reason": "Agreed."}
        rules.decide(clinician, Rules(clinic=flagged.clinic, worklist=decided, **agreed))
    tasks.remind(timestamp=0)
    assert (clinician.email in {to for mail in mailoutbox for to in mail.to}) == told


def test_what_the_detector_reads_is_what_the_diary_holds(
    flagged: Patient, family: User, clinician: User
) -> None:
    (entry,) = checks(family, flagged, days_ago=[0], ratings=ILL)
    with acting_as(family):
        wrong = check_in(family, flagged, kind="home_check", ratings=WELL)
        journal.mark_in_error(family, wrong, "Wrong child")
    with acting_as(clinician):
        diary = observed.read(flagged, timezone.localdate() - STEADY)
    assert [row.ref for row in diary.entries] == [entry.pk]
    assert diary.entries[0].items == ILL


def test_no_steroid_is_missed_after_the_taper_went_down_to_nothing(
    flagged: Patient, family: User, clinician: User
) -> None:
    """Another drug's doses left out weeks later are not the steroid's; days before its last are."""
    today = timezone.localdate()
    steroid = Treatment(agent="Prednisolone", form="taper", starts_on=today - timedelta(days=60))
    steroid.amount, steroid.unit, steroid.doses_per_day = Decimal(20), "mg", 1
    steps = [(today - timedelta(days=ago), Decimal(mg), "mg") for ago, mg in ((40, 10), (21, 0))]
    with acting_as(clinician):
        treatments.plan_treatment(clinician, flagged, steroid, steps)
        told = observed.read(flagged, today - STEADY).treatments
    assert [(row.form, row.last) for row in told] == [
        ("taper_step", today - timedelta(days=41)),
        ("taper_step", today - timedelta(days=22)),
    ]

    def left_out(*days_ago: int) -> list[str]:
        for days in days_ago:
            with acting_as(family):
                at = timezone.now() - timedelta(days=days, hours=1)
                check_in(family, flagged, kind="daily", all_doses=False, at=at)
        return [flag.rule for flag in of(clinician, flagged)]

    assert "missed_doses" not in left_out(2, 1)
    assert "missed_doses" in left_out(24, 23)


def test_reading_costs_the_same_whatever_the_diary_holds(
    flagged: Patient, family: User, clinician: User, django_assert_num_queries: Callable
) -> None:
    checks(family, flagged, days_ago=[42, 35, 28], ratings=WELL)
    with acting_as(clinician), django_assert_num_queries(8):
        observed.read(flagged, timezone.localdate() - timedelta(days=60))
    checks(family, flagged, days_ago=list(range(20)), ratings=WELL)
    with acting_as(clinician), django_assert_num_queries(8):
        observed.read(flagged, timezone.localdate() - timedelta(days=60))
