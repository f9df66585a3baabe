"""The ten stories on the worklist, with the demonstration's clock moved through their course.

A row says where a story's patient stands at the end of a day of the story. The clinic reviews every two
weeks, as in the demonstration, so that old flags do not hide new ones.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from portal.identity import acting_as, acting_for
from portal.models import User
from tests.tiers import sample
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
View = Callable[..., tuple[str, set[str]]]
TOLD = timedelta(days=120)  # of diary before the day; what is older changes nothing

# What each story must show: an alert on its very day, an onset on the first day on which the rules may
# speak of it (a rise has to last three days, and be asked about again). On the day before, it is not there.
SEEN = [
    ("ben", 42, "urgent", "blood_pressure"),  # two readings over the limit; the family measures from day 40
    ("ben", 185, "urgent", "sustained_rise"),
    ("ben", 335, "urgent", "sustained_rise"),
    ("chidi", 205, "urgent", "temperature"),
    ("chidi", 217, "urgent", "sustained_rise"),  # home since day 213
    ("eli", 121, "urgent", "missed_doses"),
    ("eli", 123, "urgent", "vomiting_doses"),
    ("eli", 132, "urgent", "sustained_rise"),
    ("fatima", 293, "urgent", "jump"),
    ("fatima", 294, "urgent", "sustained_rise"),
    ("hana", 75, "urgent", "self_harm"),
    ("hana", 304, "urgent", "sustained_rise"),
    ("ivo", 260, "steady", "sparse"),
    ("ivo", 261, "drift", "four_weeks"),
    ("jun", 415, "urgent", "sustained_rise"),
]
# What a story's onset or alert is to be found as, and how many days before and after at most.
FOUND_AS = {
    "acute": ({"sustained_rise"}, 0, 9),
    "drift": ({"four_weeks"}, 0, 28),
    "blood_pressure": ({"blood_pressure"}, 0, 1),
    "emergency": ({"temperature", "vomiting_doses", "self_harm"}, 0, 0),
    "missed_steroid": ({"missed_doses"}, 0, 0),
    "same_day": ({"jump"}, 0, 0),
    "slow_drift": ({"four_weeks"}, 25, 0),  # by this day
    "too_little_data": ({"sparse"}, 7, 0),
}

# Days in the middle of what must not be taken for a worsening, before and after it, and quiet days.
UNMOVED = [
    ("ava", 100, "overdue"),
    ("ava", 200, "step"),  # the pulse, and the moods of the days after it
    ("ava", 201, "overdue"),
    ("ava", 342, "step"),
    ("ava", 344, "overdue"),
    ("ben", 177, "step"),
    ("ben", 181, "asked"),
    ("dana", 338, "steady"),
    ("dana", 340, "asked"),  # fever and worry asked for a look on the day itself
    ("dana", 346, "asked"),
    ("dana", 407, "steady"),
    ("eli", 119, "steady"),
    ("fatima", 330, "episode"),
    ("george", 90, "steady"),
    ("george", 153, "steady"),
    ("hana", 66, "steady"),
    ("hana", 88, "urgent"),  # thirteen days after the self-harm item
    ("hana", 200, "steady"),
    ("ivo", 200, "steady"),
    ("ivo", 249, "step"),
    ("jun", 240, "step"),
    ("jun", 249, "steady"),  # nine hours to the east
]
# Once the urgent flags were looked at, and after the family wrote for the last time.
LATER = [("eli", 149, 149, "change"), ("george", 175, 160, "quiet")]


@pytest.fixture
def evening() -> datetime:
    """Last Sunday, late: its day is told, here and at the clinic, and the course is the same in any week."""
    now = timezone.now()
    return now.replace(hour=22, minute=0, second=0, microsecond=0) - timedelta(days=now.weekday() + 1)


def standing_on(story: str, day: int, last_log: int, now: datetime) -> Course:
    """The story on the evening of `day`, with the last months of its diary."""
    course = lay(replace(read(story), shown=Shown(day, last_log)), now.date(), now=now)
    return replace(course, entries=tuple(each for each in course.entries if each.received_at > now - TOLD))


@pytest.fixture
def clinicians_view(
    evening: datetime, patient: Patient, clinician: User, family: User, other_family: User
) -> Callable[..., tuple[str, set[str]]]:
    """The section of a story's patient on a day, and the kinds of the open flags."""
    switched_on(clinician, patient)

    def seen(story: str, day: int, last_log: int | None = None) -> tuple[str, set[str]]:
        course = standing_on(story, day, day if last_log is None else last_log, evening)
        clinic = Clinic.objects.get(staff__user=clinician)
        carers = [family, other_family][: len(course.caregivers)]
        told = tell(course, clinic, clinician, carers, now=evening)
        with acting_for(told.pk):
            flags.raise_since(told, date.min)
            status.recount(told)
        with acting_as(clinician):
            desk = worklist.desk(clinician, evening)
            row = next(row for row in worklist.read(desk, {}).rows if row.key == told.pk)
            return row.section.key, {flag.rule for flag in Flag.objects.open().filter(patient=told)}

    return seen


@pytest.mark.parametrize(("story", "day", "section", "rule"), sample(SEEN, 3))
def test_what_must_be_seen_is_seen_on_its_day(
    story: str, day: int, section: str, rule: str, clinicians_view: View
) -> None:
    with transaction.atomic():
        assert rule not in clinicians_view(story, day - 1)[1]
        transaction.set_rollback(True)
    shown, rules = clinicians_view(story, day)
    assert (shown, rule in rules) == (section, True), rules


@pytest.mark.parametrize(("story", "day", "section"), sample(UNMOVED, 3))
def test_what_is_no_worsening_stands_where_it_belongs(
    story: str, day: int, section: str, clinicians_view: View
) -> None:
    shown, rules = clinicians_view(story, day)
    assert shown == section, rules
    assert not rules & {"sustained_rise", "sustained_daily_rise", "four_weeks"}


@pytest.mark.parametrize(("story", "day", "last_log", "section"), LATER)
def test_what_comes_to_the_fore_afterwards(
    story: str, day: int, last_log: int, section: str, clinicians_view: View
) -> None:
    assert clinicians_view(story, day, last_log)[0] == section


def test_every_story_and_every_section_is_in_the_tables() -> None:
    rows = [(row[0], row[2]) for row in [*SEEN, *UNMOVED]] + [(row[0], row[3]) for row in LATER]
    assert {story for story, _ in rows} == set(STORIES)
    assert {section for _, section in rows} == {section.key for section in worklist.SECTIONS}


def test_the_tables_hold_what_the_stories_say_must_be_seen() -> None:
    for name in STORIES:
        truth = read(name).truth
        for event in (*truth.onsets, *truth.alerts):
            rules, before, after = FOUND_AS[event.kind]
            days = [day for story, day, _, rule in SEEN if story == name and rule in rules]
            assert any(-before <= day - event.day <= after for day in days), event
