"""From a story to a course: the same story, date and seed always give the same course."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from tracker.stories import surroundings
from tracker.stories.almanac import Calendar
from tracker.stories.course import Course, CourseEntry
from tracker.stories.diary import Diary
from tracker.stories.reading import STORIES, read
from tracker.stories.severity import SPREAD, noise
from tracker.stories.story import Shown, Story
from tracker.stories.writing import Pen

DAYS_A_MONTH = 30.4375
Moment = datetime | None


def courses(
    today: date, seed: int = 1, *, whole: bool = False, now: Moment = None, missing: float | None = None
) -> list[Course]:
    """All ten courses, by key; see `course`. `missing` is the share of entries that never come, in all."""
    tales = [read(story) for story in STORIES]
    if missing is not None:
        tales = [replace(tale, missing=((tale.log.first, missing),)) for tale in tales]
    return [lay(tale, today, seed, whole=whole, now=now) for tale in tales]


def course(story: str, today: date, seed: int = 1, *, whole: bool = False, now: Moment = None) -> Course:
    """Lay one story on the calendar so that it stands at `today`.

    It stops where the demo shows it (`shown` in its file), or with `whole` at the end of its log. Nothing
    lies after 12:00 of `today` where the family is; `now` (aware) also drops entries received after it.
    Errors: KeyError for a story that is not in STORIES, ValueError for a bad file.
    """
    return lay(read(story), today, seed, whole=whole, now=now)


def lay(
    tale: Story,
    today: date,
    seed: int = 1,
    *,
    whole: bool = False,
    now: Moment = None,
    spread: float = SPREAD,
) -> Course:
    """As `course`, for a story that was read, and perhaps varied; `spread` is the noise in points."""
    stop = Shown(tale.log.last, tale.log.last) if whole else tale.shown
    calendar = Calendar(today, stop.today)
    entries = Diary(Pen(tale, calendar, seed, noise(tale, seed, spread)), stop.last_log).keep()
    return Course(
        key=tale.key,
        name=tale.name,
        birth_date=_birth_date(tale, calendar),
        sex=tale.sex,
        zone=tale.zone,
        diagnosis=tale.diagnosis,
        caregivers=tuple(caregiver.who for caregiver in tale.caregivers),
        entries=tuple(entry for entry in entries if _come(entry, now)),
        treatments=surroundings.treatments(tale, calendar),
        events=surroundings.events(tale, calendar),
        ground_truth=surroundings.ground_truth(tale, calendar),
        pressure_limit=surroundings.pressure_limit(tale, calendar),
    )


def _birth_date(tale: Story, calendar: Calendar) -> date:
    return calendar.date_of(tale.age.on_day) - timedelta(days=round(tale.age.months * DAYS_A_MONTH))


def _come(entry: CourseEntry, now: Moment) -> bool:
    return now is None or entry.received_at <= now
