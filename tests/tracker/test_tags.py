"""Tags and teams: the clinic's own words, put on and taken off, never another clinic's."""

from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from portal.identity import acting_as
from portal.models import User
from tests.tracker.charting import address
from tracker import plan
from tracker.models import Clinic, Patient, Tag, Tagging

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor(clinician: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(clinician)


@pytest.fixture
def registry(patient: Patient, clinician: User) -> Tag:
    with acting_as(clinician):
        return plan.make_tag(clinician, patient, "Registry", team=False)


def test_another_clinics_words_are_not_to_be_read(registry: Tag, stranger: User, colleague: User) -> None:
    with acting_as(stranger):
        assert not Tag.objects.exists()
    with acting_as(colleague):
        assert list(Tag.objects.all()) == [registry]


def carried(user: User) -> list[str]:
    with acting_as(user):
        return sorted(str(row) for row in Tagging.objects.filter(taken_off_at=None).select_related("tag"))


def test_tags_are_put_on_and_taken_off(
    doctor: Client, patient: Patient, registry: Tag, clinician: User, trail: Callable
) -> None:
    there = address(patient, "tags")
    assert "Registry" in doctor.get(there).content.decode()
    assert (
        doctor.post(there, {"tags": [registry.pk], "name": " Monday  team ", "team": "on"}).status_code == 302
    )
    assert carried(clinician) == ["Monday team", "Registry"]
    assert "Monday team (team)" in doctor.get(there).content.decode()
    assert doctor.post(there, {"tags": [registry.pk]}).status_code == 302
    assert carried(clinician) == ["Registry"]
    with acting_as(clinician):
        assert Tagging.objects.count() == 2, "what was taken off stays"
        assert Tag.objects.get(name="Monday team").team
    assert [act.action for act in trail(patient_id=patient.pk, action__startswith="tag")] == [
        "tag made", "tag made", "tag put on", "tag put on", "tag taken off",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": "registry"}, "The clinic has this tag already. Tick it above."),
        ({"name": "x" * 41}, "at most 40"),
        ({"team": "on"}, "Write the name of the team."),
        ({"tags": ["x"], "name": "Kept"}, "Choose among the tags shown here."),
        (
            {"tags": ["6f1c2f1e-0000-4000-8000-000000000000"], "name": "Kept"},
            "Choose among the tags shown here.",
        ),
    ],
)
def test_a_bad_value_gets_a_sentence_and_the_text_is_kept(
    typed: dict[str, object], sentence: str, doctor: Client, patient: Patient, registry: Tag, clinician: User
) -> None:
    page = doctor.post(address(patient, "tags"), typed).content.decode()
    assert sentence in page
    assert str(typed.get("name", "")) in page
    assert carried(clinician) == []


def test_another_clinics_tags_are_not_offered_nor_made(
    doctor: Client, patient: Patient, stranger: User, clinician: User
) -> None:
    south = Clinic.objects.get(staff__user=stranger)
    with acting_as(stranger):
        theirs = Tag.objects.create(clinic=south, name="Theirs")
    page = doctor.post(address(patient, "tags"), {"tags": [theirs.pk]}).content.decode()
    assert "Choose among the tags shown here." in page
    assert "Theirs" not in page
    with acting_as(clinician), pytest.raises(DatabaseError), transaction.atomic():
        Tag.objects.create(clinic=south, name="Forged")


@pytest.mark.parametrize("name", ["", "Registry"])
def test_the_database_refuses_it_too(name: str, patient: Patient, registry: Tag, clinician: User) -> None:
    with acting_as(clinician), pytest.raises(DatabaseError), transaction.atomic():
        Tag.objects.create(clinic=patient.clinic, name=name)
    with acting_as(clinician):
        Tagging.objects.create(patient=patient, tag=registry, set_by=clinician)
        with pytest.raises(DatabaseError), transaction.atomic():
            Tagging.objects.create(patient=patient, tag=registry, set_by=clinician)


def test_families_and_strangers_stay_out(
    patient: Patient, family: User, colleague: User, sign_in: Callable
) -> None:
    there = address(patient, "tags")
    assert sign_in(family).get(there).status_code == 403
    assert sign_in(colleague).post(there, {}).status_code == 404
