"""The diary's writers: once, whole, and never over what was there."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from portal.identity import acting_as
from portal.models import User
from tests.tracker.diary import STEADY, check_in, entry
from tracker import journal
from tracker.models import Assessment, CheckIn, Measurement, Message, Patient, Rating

pytestmark = pytest.mark.django_db


def test_an_entry_is_read_back_with_all_it_says(patient: Patient, family: User, trail: Callable) -> None:
    with acting_as(family):
        stored = check_in(family, patient, measurements={"falls": Decimal(2)}, note="hm")
        found = CheckIn.objects.with_details().get(pk=stored.pk)
        assert {one.item: one.value for one in found.ratings.all()} == STEADY
        assert [(one.kind, one.value, one.unit) for one in found.measurements.all()] == [
            ("falls", 2, "{count}")
        ]
        assert (found.assessment.scale, found.assessment.version, found.assessment.total) == (
            "home-check",
            "1",
            2,
        )
    assert len(trail(action="check-in recorded", target=f"CheckIn {stored.pk}")) == 1


def test_the_same_key_gives_the_stored_entry(patient: Patient, family: User) -> None:
    key, told = uuid4(), entry(measurements={"falls": Decimal(1)})
    with acting_as(family):
        assert journal.record(family, patient, key, told) == journal.record(family, patient, key, told)
        counts = [table.objects.count() for table in (CheckIn, Rating, Measurement, Assessment)]
    assert counts == [1, 6, 1, 1]


def test_the_same_key_with_anything_else_in_it_is_a_conflict(patient: Patient, family: User) -> None:
    key, told = uuid4(), entry()
    with acting_as(family):
        first = journal.record(family, patient, key, told)
        for other in (
            replace(told, note="more"),
            replace(told, ratings={**STEADY, "gait": None}),
            replace(told, zone="UTC"),
            replace(told, worried=True),
            replace(told, all_doses=False),
            replace(told, measurements={"falls": Decimal(0)}),
        ):
            with pytest.raises(journal.Conflict):
                journal.record(family, patient, key, other)
        with pytest.raises(journal.Conflict):
            journal.record(family, patient, key, told, replaces=first)
        assert CheckIn.objects.count() == 1


def test_an_entry_is_replaced_once(patient: Patient, family: User) -> None:
    with acting_as(family):
        old, told = check_in(family, patient), entry(note="right")
        journal.record(family, patient, uuid4(), told, replaces=old)
        with pytest.raises(journal.Superseded):
            journal.record(family, patient, uuid4(), told, replaces=old)
        with pytest.raises(journal.Superseded):
            journal.mark_in_error(family, old, "late")
        assert [one.note for one in CheckIn.objects.standing()] == ["right"]


def test_a_mark_of_error_is_made_once(patient: Patient, family: User, trail: Callable) -> None:
    with acting_as(family):
        wrong = check_in(family, patient)
        assert journal.mark_in_error(family, wrong, "one") == journal.mark_in_error(family, wrong, "two")
        assert CheckIn.objects.exclude(error_reason="").get().error_reason == "one"
    assert len(trail(action="check-in marked in error")) == 1


def test_a_daily_check_in_has_no_score(patient: Patient, family: User) -> None:
    with acting_as(family):
        check_in(family, patient, kind="daily", ratings={"eyes": 3})
        assert not Assessment.objects.exists()


def test_a_rating_off_the_scale_stores_nothing(patient: Patient, family: User) -> None:
    with acting_as(family):
        with pytest.raises(ValueError, match="has no rating"):
            check_in(family, patient, ratings={"gait": 4})
        assert not CheckIn.objects.exists()


def test_nobody_writes_where_they_have_no_seat(patient: Patient, other_family: User) -> None:
    with acting_as(other_family), pytest.raises(DatabaseError), transaction.atomic():
        check_in(other_family, patient)
    with acting_as(other_family), pytest.raises(DatabaseError), transaction.atomic():
        journal.send_message(other_family, patient, "hello")


def test_the_diary_cannot_be_changed_or_emptied(patient: Patient, family: User) -> None:
    with acting_as(family):
        stored = check_in(family, patient)
        for act in (
            lambda: CheckIn.objects.filter(pk=stored.pk).update(note="never said"),
            lambda: Rating.objects.filter(check_in=stored).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                act()


def test_the_same_words_within_a_minute_are_one_message(patient: Patient, family: User) -> None:
    with acting_as(family):
        assert journal.send_message(family, patient, "Hello") == journal.send_message(
            family, patient, "Hello"
        )
        journal.send_message(family, patient, "And another thing")
        assert Message.objects.count() == 2
