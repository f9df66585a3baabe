"""The ten stories on the worklist, with the demonstration's clock moved through their course.

A row says where a story's patient stands at the end of a day of the story. The clinic reviews every two
weeks, as in the demonstration, so that old flags do not hide new ones.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from portal.identity import acting_as, acting_for
from portal.models import User
from tests.tracker.test_flags import switched_on
from tracker import flags, status, worklist
from tracker.models import Clinic, Flag, Patient
from tracker.stories import STORIES
from tracker.stories.course import Course
from tracker.stories.generator import lay
from tracker.stories.reading import read
from tracker.stories.story import Shown
from tracker.stories.telling import tell

pytestmark = pytest.mark.django_db
TOLD = timedelta(days=120)  # of diary before the day; what is older changes nothing
QUIETLY = {"step", "asked", "overdue", "quiet", "steady", "episode"}
FLAGGED = {"urgent", "change"}

# Where each onset and alert puts the patient, some days after it at the latest.
SHOWN = [
    ("ben", 44, {"urgent"}),
    ("ben", 184, FLAGGED),
    ("ben", 335, FLAGGED),
    ("chidi", 205, {"urgent"}),
    ("chidi", 216, FLAGGED),
    ("eli", 122, {"urgent"}),
    ("eli", 123, {"urgent"}),
    ("eli", 131, FLAGGED),
    ("fatima", 295, FLAGGED),
    ("hana", 75, {"urgent"}),
    ("hana", 305, FLAGGED),
    ("ivo", 264, {"drift"} | FLAGGED),
    ("jun", 415, FLAGGED),
]
# Days in the middle of what must not be taken for a worsening, and quiet days.
TRAPS = [
    ("ava", 200, QUIETLY),
    ("ava", 342, QUIETLY),
    ("dana", 346, QUIETLY | {"urgent"}),  # fever and worry asked for a look on the day itself
    ("dana", 407, QUIETLY),
    ("george", 153, QUIETLY),
    ("hana", 88, QUIETLY | {"urgent"}),  # thirteen days after the self-harm item
    ("ivo", 200, QUIETLY),
    ("jun", 250, QUIETLY),
]


def evening() -> datetime:
    """Last Sunday's last minute: the whole day is told, and the course is the same whatever day it is now."""
    now = timezone.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight - timedelta(days=now.weekday(), minutes=1)


def standing_on(story: str, day: int) -> Course:
    """The story on the evening of `day`, with the last months of its diary."""
    now = evening()
    course = lay(replace(read(story), shown=Shown(day, day)), now.date(), now=now)
    return replace(course, entries=tuple(each for each in course.entries if each.received_at > now - TOLD))


def told(story: str, day: int, clinician: User, family: list[User]) -> Patient:
    course, clinic = standing_on(story, day), Clinic.objects.get(staff__user=clinician)
    patient = tell(course, clinic, clinician, family[: len(course.caregivers)], now=evening())
    with acting_for(patient.pk):
        flags.raise_since(patient, date.min)
        status.recount(patient)
    return patient


def section_of(clinician: User, patient: Patient) -> tuple[str, list[str]]:
    """The section's key, and the kinds of the open flags."""
    with acting_as(clinician):
        desk = worklist.desk(clinician, evening())
        row = next(row for row in worklist.read(desk, {}).rows if row.key == patient.pk)
        return row.section.key, [flag.kind for flag in Flag.objects.open().filter(patient=patient)]


@pytest.fixture
def families(family: User, other_family: User) -> list[User]:
    return [family, other_family]


@pytest.fixture
def flags_on(patient: Patient, clinician: User) -> None:
    switched_on(clinician, patient)


@pytest.mark.parametrize(("story", "day", "sections"), SHOWN)
@pytest.mark.usefixtures("flags_on")
def test_who_got_worse_stands_where_it_is_seen(
    story: str, day: int, sections: set[str], clinician: User, families: list[User]
) -> None:
    section, kinds = section_of(clinician, told(story, day, clinician, families))
    assert section in sections, kinds


@pytest.mark.parametrize(("story", "day", "sections"), TRAPS)
@pytest.mark.usefixtures("flags_on")
def test_a_trap_is_no_possible_change(
    story: str, day: int, sections: set[str], clinician: User, families: list[User]
) -> None:
    section, kinds = section_of(clinician, told(story, day, clinician, families))
    assert "possible_change" not in kinds
    assert section in sections, kinds


def test_every_story_is_in_the_tables() -> None:
    assert {story for story, _, _ in [*SHOWN, *TRAPS]} == set(STORIES)
