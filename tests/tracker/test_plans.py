"""Treatment plans: whole doses in UCUM units, steps by rule or by hand, a preview, no rewriting."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from portal.identity import acting_as
from portal.models import User
from tests.tracker.charting import address, plan
from tracker import papers, taps, treatments
from tracker.models import Mark, Patient, PatientStatus, PlannedStep, Treatment
from tracker.numbers import number
from tracker.worklist.treatment import going_on

pytestmark = pytest.mark.django_db
RULE = {"reduce_by": "5", "reduce_every": "7", "reduce_until": "5"}
STEPS = [("2026-03-09", "15"), ("2026-03-16", "10"), ("2026-03-23", "5")]


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


@pytest.fixture
def stored(clinician: User) -> Callable[[], list[Treatment]]:
    def read() -> list[Treatment]:
        with acting_as(clinician):
            return list(Treatment.objects.prefetch_related("steps").order_by("starts_on", "pk"))

    return read


def said(page: object) -> str:
    return " ".join(page.content.decode().split())


def test_a_rule_makes_steps_that_are_looked_at_before_they_are_saved(
    doctor: Client, patient: Patient, stored: Callable, trail: Callable
) -> None:
    there = address(patient, "plan")
    assert "no dose is suggested" in said(doctor.get(there))
    page = said(doctor.post(there, plan(**RULE)))  # saved, but the steps were not seen yet
    assert "The steps were made by your rule. Look at each of them." in page
    assert not stored()
    for day, amount in STEPS:
        assert f'value="{day}"' in page
        assert f"{amount} mg" in page
    assert "Sun 8 Mar 2026" in page
    assert "40 mg" in page, "two doses of 20 mg a day"
    assert doctor.post(there, plan(STEPS, **RULE)).status_code == 302
    (made,) = stored()
    assert [(step.on.isoformat(), number(step.amount), step.unit) for step in made.steps.all()] == [
        (day, amount, "mg") for day, amount in STEPS
    ]
    assert trail(action="treatment planned", patient_id=patient.pk)


def test_steps_are_made_anew_and_edited_by_hand(doctor: Client, patient: Patient, stored: Callable) -> None:
    there = address(patient, "plan")
    page = said(doctor.post(there, plan(STEPS, **{**RULE, "reduce_by": "10"}, do="steps")))
    assert 'value="2026-03-16"' in page
    assert 'value="2026-03-23"' not in page
    doctor.post(there, plan([("2026-03-12", "12,5"), ("", "")]))
    (made,) = stored()
    assert [(step.on, step.amount) for step in made.steps.all()] == [(date(2026, 3, 12), Decimal("12.5"))]


def test_the_preview_needs_no_script_and_saves_nothing(
    doctor: Client, patient: Patient, stored: Callable
) -> None:
    page = said(doctor.post(address(patient, "plan"), plan(STEPS, note="As typed", do="preview")))
    assert "Preview: Prednisolone" in page
    assert "until further notice" in page
    assert "As typed" in page
    assert "<script>" not in page
    assert not stored()


def test_pulses_and_infusions_are_a_row_each(doctor: Client, patient: Patient, stored: Callable) -> None:
    pulses = plan(
        agent="Dexamethasone", form="pulse", amount="10", unit="mg/m2", days="3", times="4", every="28"
    )
    page = said(doctor.post(address(patient, "plan"), {**pulses, "do": "preview"}))
    assert "Mon 30 Mar 2026" in page
    doctor.post(address(patient, "plan"), pulses)
    doctor.post(address(patient, "plan"), pulses)  # a second tap
    rows = stored()
    assert [(row.starts_on, row.ends_on) for row in rows] == [
        (date(2026, 3, 2) + timedelta(days=28 * turn), date(2026, 3, 4) + timedelta(days=28 * turn))
        for turn in range(4)
    ]
    infusion = plan(agent="IVIG", form="infusion", amount="1", unit="g/kg", doses_per_day="1")
    doctor.post(address(patient, "plan"), infusion)
    assert [row.ends_on for row in stored() if row.agent == "IVIG"] == [date(2026, 3, 2)]


def test_what_is_not_given_daily_says_so_wherever_it_is_read(
    doctor: Client, patient: Patient, stored: Callable
) -> None:
    weekly = plan(
        agent="Methotrexate", amount="10", doses_per_day="1", every_days="7", starts_on="2026-03-02"
    )
    page = said(doctor.post(address(patient, "plan"), {**weekly, "do": "preview"}))
    assert "1 dose every 7 days" in page
    assert "not daily" in page
    assert doctor.post(address(patient, "plan"), weekly).status_code == 302
    assert stored()[0].every_days == 7
    page = said(doctor.get(address(patient, "patient")))
    assert "10 mg per dose, 1 dose every 7 days, not daily" in page
    row = said(doctor.get("/worklist/"))
    assert "Methotrexate 10 mg, 1 dose every 7 days, not daily" in row
    assert "10 mg a day" not in page + row


BAD = [
    ({"agent": ""}, "Write what is given."),
    ({"form": ""}, "Choose how it is given."),
    ({"starts_on": ""}, "Give the first day."),
    ({"starts_on": "soon"}, "year-month-day"),
    ({"starts_on": "2001-01-01"}, "The patient was born on 1 May 2022."),
    ({"starts_on": "2999-01-01"}, "Check the year."),
    ({"ends_on": "2026-03-01"}, "The last day is before the first."),
    ({"amount": "many"}, "Write the amount as a number"),
    ({"amount": "-1"}, "Write the amount as a number"),
    ({"amount": "1.2345"}, "at most three decimals"),
    ({"amount": "1,000"}, "a comma before three digits can mean either"),
    ({"every_days": "91"}, "Write a whole number from 1 to 90."),
    (
        {"step_on_0": "2026-03-16", "step_amount_0": "5", "step_on_1": "2026-03-09", "step_amount_1": "10"},
        "The steps are not in the order of their days.",
    ),
    ({"amount": ""}, "Say the amount too"),
    ({"unit": ""}, "Say the unit too"),
    ({"doses_per_day": ""}, "Say how many doses a day too"),
    ({"doses_per_day": "0"}, "Write a whole number from 1 to 24."),
    ({"note": "x" * 301}, "Shorten it to 300"),
    ({"reduce_by": "5"}, "Fill in all three"),
    ({**RULE, "reduce_until": "20"}, "Choose less than the first amount"),
    ({**RULE, "reduce_by": "0"}, "more than 0 to reduce by"),
    ({**RULE, "reduce_by": "0.1"}, "more than 60 steps"),
    ({**RULE, "amount": "", "unit": "", "doses_per_day": ""}, "Say the first amount"),
    ({"step_on_0": "2026-03-02", "step_amount_0": "5"}, "A step comes after the first day."),
    ({"step_on_0": "2026-03-09"}, "A step has a day and an amount."),
    ({"step_amount_0": "5"}, "A step has a day and an amount."),
    ({"step_on_0": "2026-03-09", "step_amount_0": "x"}, "Write the amount as a number"),
    (
        {"step_on_0": "2026-03-09", "step_amount_0": "5", "step_on_1": "2026-03-09", "step_amount_1": "4"},
        "Another step is on this day.",
    ),
    ({"ends_on": "2026-03-05", "step_on_0": "2026-03-09", "step_amount_0": "5"}, "after the last day"),
    ({"form": "pulse", "step_on_0": "2026-03-09", "step_amount_0": "5"}, "Steps belong to a daily treatment"),
    ({"times": "3"}, "Only pulses and infusions come in turns."),
    ({"form": "pulse", "times": "3"}, "Say every how many days"),
    ({"form": "pulse", "times": "3", "days": "5", "every": "4"}, "not fewer than one of them lasts"),
    ({"form": "pulse", "days": "3", "ends_on": "2026-03-05"}, "Leave this empty"),
    ({"form": "pulse", "times": "61", "every": "1"}, "Write a whole number from 1 to 60."),
]


@pytest.mark.parametrize(("typed", "sentence"), BAD)
def test_a_bad_value_gets_a_sentence_and_the_text_is_kept(
    typed: dict[str, str], sentence: str, doctor: Client, patient: Patient, stored: Callable
) -> None:
    sent = {**plan(note="Typed with care"), **typed}
    page = doctor.post(address(patient, "plan"), sent).content.decode()
    assert sentence in page
    assert str(sent["note"]) in page
    assert not stored()


@pytest.mark.parametrize("unit", ["U", "IU", "mcg", "iu", "[IU]", "MG"])
def test_a_unit_that_is_misread_is_refused(
    unit: str, doctor: Client, patient: Patient, stored: Callable, clinician: User
) -> None:
    page = doctor.post(address(patient, "plan"), plan(unit=unit)).content.decode()
    assert "“U”, “IU” and “mcg” are not taken: they are easily misread." in page
    assert not stored()
    facts = {
        "agent": "x",
        "form": "daily",
        "starts_on": date(2026, 3, 2),
        "amount": 1,
        "recorded_by": clinician,
    }
    with acting_as(clinician), pytest.raises(DatabaseError), transaction.atomic():
        Treatment.objects.create(patient=patient, unit=unit, **facts)


def test_sixty_steps_at_most(doctor: Client, patient: Patient, stored: Callable) -> None:
    many = [((date(2026, 3, 3) + timedelta(days=n)).isoformat(), "5") for n in range(62)]
    assert "at most 60 steps" in doctor.post(address(patient, "plan"), plan(many)).content.decode()
    assert not stored()
    assert doctor.post(address(patient, "plan"), plan(many[:60])).status_code == 302
    assert len(stored()[0].steps.all()) == 60


def test_the_same_agent_at_the_same_time_is_confirmed(
    doctor: Client, patient: Patient, stored: Callable
) -> None:
    there = address(patient, "plan")
    doctor.post(there, plan(ends_on="2026-03-31"))
    second = plan(agent="prednisolone", starts_on="2026-03-31", amount="5")
    page = said(doctor.post(there, second))
    assert "Prednisolone is planned already, 2 Mar 2026 to 31 Mar 2026" in page
    assert len(stored()) == 1
    assert doctor.post(there, {**second, "both": "on"}).status_code == 302
    assert len(stored()) == 2
    doctor.post(there, plan(agent="Omeprazole"))
    assert len(stored()) == 3, "another agent is nobody's concern"


def test_a_taper_to_nothing_is_over_wherever_it_is_read(doctor: Client, patient: Patient) -> None:
    """Its end was never written down; from the last step on nothing is given."""
    to_nothing = plan([("2026-03-09", "5"), ("2026-03-16", "0")])
    assert doctor.post(address(patient, "plan"), to_nothing).status_code == 302
    page = said(doctor.get(address(patient, "patient")))
    assert "No current treatment is recorded." in page
    assert "2 Mar 2026 to 15 Mar 2026, 5 mg per dose" in page, "the last that was given"
    assert "asks for the mark" not in page
    row = said(doctor.get("/worklist/"))
    assert "Prednisolone" not in row, "neither in the row nor among the filters"
    assert "Prednisolone" not in said(doctor.get(address(patient, "glance")))
    again = plan(starts_on="2026-03-16", amount="2")
    assert doctor.post(address(patient, "plan"), again).status_code == 302, "it does not overlap"


@pytest.mark.parametrize(
    ("ends_on", "steps"),
    [
        (None, [(-9, 5), (-2, 0)]),
        (None, [(-9, 5), (0, 0)]),
        (None, [(-9, 5), (1, 0)]),
        (None, [(-9, 0), (-2, 5)]),
        (None, [(-9, 0), (2, 5)]),
        (None, [(-9, 0), (-2, 0)]),
        (1, [(-9, 0), (3, 5)]),
        (9, [(-9, 0), (3, 5)]),
        (9, [(-9, 5), (-2, 0)]),
        (-3, [(-9, 5)]),
        (0, [(-9, 5)]),
    ],
)
def test_the_filters_condition_says_what_the_plan_says(
    patient: Patient, clinician: User, ends_on: int | None, steps: list[tuple[int, int]]
) -> None:
    today = timezone.localdate()
    made = Treatment(agent="Prednisolone", form="taper", starts_on=today - timedelta(days=20))
    made.amount, made.unit = Decimal(20), "mg"
    made.ends_on = None if ends_on is None else today + timedelta(days=ends_on)
    told = [(today + timedelta(days=on), Decimal(amount), "mg") for on, amount in steps]
    with acting_as(clinician):
        treatments.plan_treatment(clinician, patient, made, told)
        lasts = made.last_given is None or made.last_given >= today
        assert Treatment.objects.filter(going_on(today)).exists() is lasts


@pytest.fixture
def running(patient: Patient, clinician: User) -> Treatment:
    """20 mg twice a day since 2 March 2026, with a step behind and one far ahead."""
    made = Treatment(
        agent="Prednisolone", form="taper", starts_on=date(2026, 3, 2), unit="mg", note="With food."
    )
    made.amount, made.doses_per_day = Decimal(20), 2
    ahead = timezone.localdate() + timedelta(days=30)
    with acting_as(clinician):
        steps = [(date(2026, 3, 9), Decimal(15), "mg"), (ahead, Decimal(5), "mg")]
        return treatments.plan_treatment(clinician, patient, made, steps)


def test_a_change_goes_on_and_rewrites_nothing(
    doctor: Client, patient: Patient, running: Treatment, stored: Callable, trail: Callable, clinician: User
) -> None:
    there = address(patient, "plan-change", running.pk)
    page = said(doctor.get(there))
    assert 'value="15"' in page, "the dose as of today"
    assert "With food." in page
    today = timezone.localdate()
    sent = plan(
        [((today + timedelta(days=10)).isoformat(), "6")], starts_on=today, amount="12", agent="Other"
    )
    assert doctor.post(there, sent).status_code == 302
    earlier, later = stored()
    assert (earlier.amount, earlier.ends_on, len(earlier.steps.all())) == (20, today - timedelta(days=1), 2)
    assert (later.agent, later.amount, later.replaces_id) == ("Prednisolone", 12, running.pk)
    assert trail(action="treatment changed", patient_id=patient.pk)
    with acting_as(clinician):
        assert PatientStatus.objects.get().steps == [date(2026, 3, 9), today + timedelta(days=10)]
        with pytest.raises(taps.Superseded):
            treatments.change_treatment(
                clinician, running, Treatment(agent="x", form="daily", starts_on=today)
            )
        with pytest.raises(taps.Superseded):
            treatments.stop_treatment(clinician, running, today, "")
    assert doctor.get(there).status_code == 404, "a later plan goes on from it"


def test_no_step_is_announced_after_the_end(doctor: Client, patient: Patient, running: Treatment) -> None:
    """A step of 5 mg is planned in 30 days; stopped before, it will not be given."""
    today = timezone.localdate()
    day = (today + timedelta(days=30)).strftime("%-d %b %Y")

    def read() -> list[str]:
        return [
            said(doctor.get(there))
            for there in (address(patient, "patient"), address(patient, "glance"), "/worklist/")
        ]

    for page in read():
        assert f"{day}: 5 mg per dose" in page or f"from {day} 5 mg" in page
    stop = {"ends_on": today + timedelta(days=29)}
    assert doctor.post(address(patient, "plan-stop", running.pk), stop).status_code == 302
    for page in read():
        assert "15 mg" in page
        assert day not in page.split('class="chart"')[0]


def test_a_change_that_lies_ahead_is_what_comes_next(
    doctor: Client, patient: Patient, running: Treatment, stored: Callable
) -> None:
    today = timezone.localdate()
    monday = today + timedelta(days=4)
    change = plan([(today + timedelta(days=40), "1")], starts_on=monday, amount="12", doses_per_day="1")
    doctor.post(address(patient, "plan-change", running.pk), change)
    later = stored()[1]
    doctor.post(address(patient, "plan-change", later.pk), {**change, "amount": "9"})
    words = f"{monday:%-d %b %Y}: 9 mg per dose, 1 dose a day (9 mg a day)"
    assert words in said(doctor.get(address(patient, "patient")))
    for there in (address(patient, "glance"), "/worklist/"):
        page = said(doctor.get(there))
        assert (
            f"Prednisolone 15 mg, 2 doses a day (30 mg a day); from {monday:%-d %b %Y} 9 mg, 1 dose" in page
        )
        assert "5 mg;" not in page
        assert "12 mg" not in page


def test_what_was_given_is_not_rewritten(doctor: Client, patient: Patient, running: Treatment) -> None:
    page = said(doctor.post(address(patient, "plan-change", running.pk), plan()))
    assert "The plan runs since 2 Mar 2026. Choose a later day: what was given is not rewritten." in page


def test_a_plan_that_has_not_begun_can_be_replaced_whole(
    doctor: Client, patient: Patient, clinician: User, stored: Callable
) -> None:
    soon = timezone.localdate() + timedelta(days=7)
    doctor.post(address(patient, "plan"), plan(starts_on=soon))
    (first,) = stored()
    doctor.post(address(patient, "plan-change", first.pk), plan(starts_on=soon, amount="10"))
    with acting_as(clinician):
        assert [row.amount for row in patient.treatments.standing()] == [10]


def test_a_treatment_is_stopped(
    doctor: Client, patient: Patient, running: Treatment, stored: Callable, trail: Callable
) -> None:
    there, today = address(patient, "plan-stop", running.pk), timezone.localdate()
    bad = {
        "": "Give the last day.",
        "2026-03-01": "This is before its first day.",
        "2999-01-01": "Check the year.",
    }
    for day, sentence in bad.items():
        assert sentence in doctor.post(there, {"ends_on": day, "reason": "Kept"}).content.decode()
    assert "There is room for" not in said(doctor.get(there))
    assert doctor.post(there, {"ends_on": today, "reason": "Side effects"}).status_code == 302
    (row,) = stored()
    assert (row.ends_on, row.note) == (today, "With food. Stopped: Side effects")
    assert len(row.steps.all()) == 2
    assert "It ends earlier already" in said(doctor.post(there, {"ends_on": today + timedelta(days=1)}))
    assert trail(action="treatment stopped", patient_id=patient.pk)


def test_a_missing_mark_is_suggested_and_never_set(doctor: Client, patient: Patient, clinician: User) -> None:
    today = timezone.localdate()
    there = address(patient, "plan")
    page = said(doctor.post(there, plan(starts_on=today, do="preview")))
    assert "No mark says that the patient is immunosuppressed." in page
    assert address(patient, "mark") in page
    answer = doctor.post(there, plan(starts_on=today), follow=True)
    assert "No mark says immunosuppressed and steroid-exposed: look whether to set one." in said(answer)
    with acting_as(clinician):
        assert not Mark.objects.exists()
        rows = list(patient.treatments.all())
        both = papers.suggested(rows, [], today)
        assert both == [Mark.Name.IMMUNOSUPPRESSED, Mark.Name.STEROID_EXPOSED]
        held = Mark(name="immunosuppressed", starts_on=today)
        assert papers.suggested(rows, [held], today) == [Mark.Name.STEROID_EXPOSED]
        over = Mark(name="immunosuppressed", starts_on=today, ends_on=today - timedelta(days=1))
        assert papers.suggested(rows, [over], today) == both


def test_the_database_refuses_two_steps_on_a_day(running: Treatment, clinician: User) -> None:
    step = {"treatment": running, "on": date(2026, 3, 9), "amount": 1, "unit": "mg"}
    with acting_as(clinician), pytest.raises(DatabaseError), transaction.atomic():
        PlannedStep.objects.create(patient_id=running.patient_id, **step)


@pytest.mark.parametrize("name", ["plan", "plan-change", "plan-stop"])
def test_families_and_strangers_stay_out(
    name: str, patient: Patient, running: Treatment, family: User, colleague: User, sign_in: Callable
) -> None:
    there = address(patient, name, *([running.pk] if "-" in name else []))
    assert sign_in(family).get(there).status_code == 403
    assert sign_in(colleague).post(there, plan()).status_code == 404


def test_nobody_changes_the_plan_of_another_patient(
    doctor: Client, running: Treatment, register: Callable[..., Patient]
) -> None:
    other = register()
    for name in ("plan-change", "plan-stop", "dose"):
        assert doctor.get(address(other, name, running.pk)).status_code == 404
