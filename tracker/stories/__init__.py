"""Ten synthetic courses as data, and the generator that the demo and the tests draw from.

Nobody here is real. One YAML file is one story; its days count from day 0, and the generator lays them on
the calendar so that the story's `today` falls on the date asked for. Fields of a file (days are whole
numbers):

- `key`, `name` (surname always Example), `sex` (female, male), `zone` (IANA), `diagnosis` (one sentence).
- `age`: `months` old on day `on_day`.
- `log`: `first` and `last` day of the whole diary. `shown`: `today` and `last_log`, where the demo stops
  the tape.
- `zones`: `first`, `last`, `zone`; where the family is while not in `zone`.
- `caregivers`: `who` (parent, self), `bias` (points added to a total), `share` of the entries (rest: the
  first one).
- `knots`: `[day, total, profile]`; the true total (0-18) and its profile, both interpolated between knots.
- `weights`: profile -> domain -> weight; how a total is spread over the six domains (eyes early, gait
  late).
- `pressure_limit`: `day`, `systolic`, `diastolic` (mm Hg); `pressures`: `first`, `last` and both numbers,
  about which the family's readings swing.
- `sleep`: hours of a good night. `daily_rhythm`: `[day, every]`; from that day on a daily entry every
  `every` days.
- `missing`: `[day, share]`; from that day on the share of due entries that never come (weekends more).
- `gaps`: `first`, `last`; no entry at all (hospital).
- `unsure`: `share` of the home checks in which one of `items` could not be judged.
- `not_assessable`: `item`, `first`, `last`; a home check item that nobody can judge in those days.
- `effects`: `first`, `last`, `every`, `times`, `mood`, `sleep`, `wakings`; what a medicine adds, not the
  disease.
- `days`: day -> what is special in that day's entry (see `story.Special`); such a day is never missed.
- `treatments`: `agent`, `form` (daily, pulse, infusion, taper), `first`, `last`, `every`, `times`, `amount`
  per dose, `unit` (UCUM), `per_day`, `every_days` (1: daily), `steps` as `[day, amount]`, `note`. Figures
  are reported or invented, never advice.
- `events`: `kind`, `day`, `until`, `text`.
- `truth`: `onsets` (`day`, `kind` acute or drift, `text`), `alerts` that must come (`day`, `kind`, `text`)
  and `traps` that must not be taken for a relapse (`first`, `last`, `text`).

Source: the ten stories of the project's clinical reference, section 10, retold in our own words.
"""

from tracker.stories.course import (
    Course,
    CourseAlert,
    CourseEntry,
    CourseEvent,
    CourseOnset,
    CourseStep,
    CourseTrap,
    CourseTreatment,
    GroundTruth,
)
from tracker.stories.generator import course, courses
from tracker.stories.reading import STORIES

__all__ = [
    "STORIES",
    "Course",
    "CourseAlert",
    "CourseEntry",
    "CourseEvent",
    "CourseOnset",
    "CourseStep",
    "CourseTrap",
    "CourseTreatment",
    "GroundTruth",
    "course",
    "courses",
]
