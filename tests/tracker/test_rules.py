"""A clinic decides about its flags: only what was tried takes effect, and what came of them is counted."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from portal.identity import acting_as
from portal.models import User
from tests.tracker.test_flags import ILL, WELL, checks, switched_on
from tracker import reviews
from tracker.forms.rules import DETECTOR, WORKLIST
from tracker.models import Flag, Patient, Rules
from tracker.reviews import Verdict

pytestmark = pytest.mark.django_db


def decided(clinician: User) -> list[Rules]:
    with acting_as(clinician):
        return list(Rules.objects.select_related("author"))


def page(patient: Patient) -> str:
    return f"/rules/{patient.clinic_id}/"


def typed(browser: object, patient: Patient, **changed: object) -> dict[str, object]:
    """What the page's form holds, with some of it changed."""
    form = browser.get(page(patient)).context["form"]
    held = {name: form[name].value() for name in {**DETECTOR, **WORKLIST}}
    said = {"mode": "flags", "safety_officer": "Sam Safety Example", "reason": "We agreed on it"}
    return {**held, **said, **changed}


def test_numbers_take_effect_only_as_they_were_tried(
    patient: Patient, family: User, clinician: User, sign_in: Callable
) -> None:
    checks(family, patient, days_ago=[42, 35, 28, 21, 14, 7], ratings=WELL)
    checks(family, patient, days_ago=[0], ratings=ILL)
    browser = sign_in(clinician)
    body = typed(browser, patient, jump=3)
    tried = browser.post(page(patient), body)
    assert "Tried out" in tried.content.decode()
    assert decided(clinician) == []
    ticket = tried.context["ticket"]
    other = browser.post(page(patient), {**body, "jump": 12, "ticket": ticket})
    assert "Nothing has changed yet" in other.content.decode()
    assert browser.post(page(patient), {**body, "ticket": ticket}).status_code == 302
    (rules,) = decided(clinician)
    assert (rules.mode, rules.detector, rules.author) == ("flags", {"jump": 3}, clinician)
    assert rules.trial["patients"] == 1
    with acting_as(clinician):
        assert Flag.objects.filter(patient=patient).exists()


def test_the_worklists_numbers_are_tried_on_where_patients_stand_today(
    patient: Patient, family: User, clinician: User, sign_in: Callable
) -> None:
    checks(family, patient, days_ago=[10], ratings=WELL)
    browser = sign_in(clinician)
    tried = browser.post(page(patient), typed(browser, patient, quiet_after_days=7))
    moved = [
        (row.kind, row.now, row.proposed)
        for row in tried.context["trial"].sections
        if row.now or row.proposed
    ]
    assert moved == [("Stopped reporting", 0, 1), ("Steady", 1, 0)]
    assert "Where all patients whom you see stand" in tried.content.decode()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"safety_officer": ""}, "Name the clinical safety officer"),
        ({"watch_rise": "6", "change_rise": "2"}, "A watch comes first"),
        ({"jump": "3", "change_rise": "5"}, "A same-day call is for more"),
        ({"reason": ""}, "Say why"),
        ({"jump": "99"}, "less than or equal to 12"),
        ({"jump": "many"}, "Enter a number"),
        ({"mode": ""}, "Choose one."),
    ],
)
def test_a_mistake_is_told(
    patient: Patient, clinician: User, sign_in: Callable, changed: dict, words: str
) -> None:
    browser = sign_in(clinician)
    answer = browser.post(page(patient), typed(browser, patient, **changed))
    assert words in answer.content.decode()
    assert decided(clinician) == []


def test_what_came_of_flags_is_counted(
    patient: Patient, family: User, clinician: User, sign_in: Callable
) -> None:
    switched_on(clinician, patient)
    checks(family, patient, days_ago=[42, 35, 28, 21, 14, 7], ratings=WELL)
    checks(family, patient, days_ago=[0], ratings=ILL)
    with acting_as(clinician):
        newest = max(Flag.objects.values_list("raised_at", flat=True))
        reviews.sign_off(clinician, patient, Verdict("contacted"), covers_until=newest)
    rows = {row.kind: row for row in sign_in(clinician).get(page(patient)).context["yields"]}
    assert (rows["Same day"].seen, rows["Same day"].acted) == (rows["Same day"].raised,) * 2


def test_another_clinics_decisions_are_not_to_be_read(
    patient: Patient, clinician: User, colleague: User, stranger: User
) -> None:
    switched_on(clinician, patient)
    assert decided(stranger) == []
    assert len(decided(colleague)) == 1


def test_another_clinic_decides_nothing_here(
    patient: Patient, stranger: User, family: User, sign_in: Callable
) -> None:
    assert sign_in(stranger).get(page(patient)).status_code == 404
    assert sign_in(family).get(page(patient)).status_code == 403
    forged = Rules(clinic=patient.clinic, mode="diary", reason="Forged", author=stranger)
    with acting_as(stranger), pytest.raises(ProgrammingError), transaction.atomic():
        forged.save(force_insert=True)


def test_the_database_wants_a_safety_officer(patient: Patient, clinician: User) -> None:
    hasty = Rules(clinic=patient.clinic, mode="alerts", reason="Now", author=clinician)
    with acting_as(clinician), pytest.raises(IntegrityError, match="rules_name_the_safety_officer"):
        hasty.save(force_insert=True)
