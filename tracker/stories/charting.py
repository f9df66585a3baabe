"""What the clinic writes into the chart of a told course: ratings, episodes, doses, marks, what is due.

The clinician knows what a clinic would: treatments, events and the diary so far. Of the ground truth
only the days of the onsets are used, as somebody set them some days later.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from statistics import median
from uuid import NAMESPACE_OID, uuid5

from portal.models import User
from tracker import doses, episodes, plan, ratings, redflags
from tracker.models import ClinicianRating, Dose, DueItem, Episode, Mark, Patient, Tag, Treatment
from tracker.stories.course import Course, CourseEntry, CourseOnset, CourseTreatment
from tracker.stories.scenes import DUE, NOTES, TAGS

VISIT_EVERY = timedelta(weeks=6)
SET_AFTER = {"acute": timedelta(days=6), "drift": timedelta(days=35)}  # when a clinician sets an episode
AT_HOME = (Treatment.Form.DAILY, Treatment.Form.TAPER)
ITEMS = {
    "stance": "mp_stance",
    "gait": "mp_gait",
    "hands": "mp_arm_hand",
    "opsoclonus": "mp_opsoclonus",
    "mood": "mp_mood",
    "speech": "mp_speech",
}
MARKS = {
    Mark.Name.IMMUNOSUPPRESSED: (redflags.SUPPRESSIVE, timedelta(days=183)),
    Mark.Name.STEROID_EXPOSED: (redflags.STEROIDS, timedelta(days=365)),
}


def chart(course: Course, patient: Patient, clinician: User, now: datetime) -> None:
    """Everything but the doses, as `clinician`, who must be the identity already."""
    _visits(course, patient, clinician, now)
    _episodes(course, patient, clinician, now)
    _marks(course, patient, clinician, now)
    _due(course, patient, clinician, now)
    _tags(course, patient, clinician)


def known(day: date, now: datetime) -> datetime:
    """When the clinic wrote down what is of `day`: that morning, and never in the future."""
    return min(datetime.combine(day, time(9, 30), UTC), now)


def missed(entry: CourseEntry, patient: Patient, author: User) -> None:
    """The doses that an entry says were not given, in the words of `author`, who told so."""
    if entry.all_doses is not False:
        return
    outcome = Dose.Status.VOMITED if "vomiting_doses" in entry.signs else Dose.Status.MISSED
    given = doses.Given(entry.occurred_at, entry.zone, entry.local_date)
    planned = patient.treatments.filter(form__in=AT_HOME, starts_on__lte=entry.local_date)
    for treatment in planned.exclude(ends_on__lt=entry.local_date):
        key = uuid5(NAMESPACE_OID, f"{entry.occurred_at} {treatment.agent}")
        doses.record_dose(author, patient, treatment, key, outcome, given, received_at=entry.received_at)


def _checks(course: Course) -> list[CourseEntry]:
    """Whole home checks by the first caregiver, oldest first."""
    return [row for row in course.entries if row.total is not None and row.caregiver == 0]


def _visits(course: Course, patient: Patient, clinician: User, now: datetime) -> None:
    checks, dice = _checks(course), Random(f"{course.key}/visits")
    day, before = course.entries[0].local_date + timedelta(days=10), None
    while day < now.date():
        seen = [row for row in checks if day - timedelta(days=14) <= row.local_date <= day]
        if seen:
            rated = _rated(seen[-1], dice, before)
            moment = datetime.combine(day, time(10, 40), UTC)
            told = ratings.Rated(day, _setting(dice), *rated, at=moment)
            key = uuid5(NAMESPACE_OID, f"{course.key} visit {day}")
            before = ratings.rate(clinician, patient, key, told).total
        day += VISIT_EVERY + timedelta(days=dice.randint(-4, 4))


def _setting(dice: Random) -> str:
    return ClinicianRating.Setting.VIDEO if dice.random() < 0.2 else ClinicianRating.Setting.CLINIC


def _rated(check: CourseEntry, dice: Random, before: int | None) -> tuple[dict[str, int | None], str]:
    """What a clinician sees of such a day, in own words: a little less of it than is seen at home."""
    scores: dict[str, int | None] = {}
    for item, value in check.ratings.items():
        less = value is not None and value > 0 and dice.random() < 0.3
        scores[ITEMS[item]] = value - 1 if less and value is not None else value
    if dice.random() < 0.12:
        scores["mp_speech"] = None
        return scores, NOTES["partial"]
    total = sum(value or 0 for value in scores.values())
    change = 0 if before is None else total - before
    tone = "first" if before is None else "worse" if change > 2 else "better" if change < -2 else "same"
    return scores, NOTES[tone]


def _episodes(course: Course, patient: Patient, clinician: User, now: datetime) -> None:
    onsets = [row for row in course.ground_truth.onsets if row.on + SET_AFTER[row.kind] <= now.date()]
    for place, onset in enumerate(onsets):
        following = onsets[place + 1].on if place + 1 < len(onsets) else None
        episode = _episode(course, onset, following)
        episode.set_at = known(onset.on + SET_AFTER[onset.kind], now)
        episodes.start_episode(clinician, patient, episode)
        day = onset.on + timedelta(days=2)
        plan.pin_note(clinician, patient, day, NOTES["pinned"], at=known(day, now))


def _episode(course: Course, onset: CourseOnset, following: date | None) -> Episode:
    """From the onset to the first check near what was usual before, or to the day before the next onset."""
    checks = [row for row in _checks(course) if following is None or row.local_date < following]
    earlier = [row.total or 0 for row in checks if row.local_date < onset.on][-4:]
    usual = median(earlier) if earlier else 0
    since = [row for row in checks if row.local_date >= onset.on]
    near = [row for row in since if row.local_date <= onset.on + timedelta(days=40)]
    peak = max(near, key=lambda row: row.total or 0, default=None)
    later = [row for row in since if peak and row.local_date > peak.local_date]
    back = next((row.local_date for row in later if (row.total or 0) <= usual + 1), None)
    return Episode(
        started_on=onset.on,
        trigger=_trigger(course, onset.on),
        peak_on=peak.local_date if peak else None,
        peak_total=peak.total if peak else None,
        treated_with=_given(course.treatments, onset.on),
        returned_on=back or (following - timedelta(days=1) if following else None),
    )


def _trigger(course: Course, on: date) -> str:
    """What was noted in the three weeks before."""
    since = on - timedelta(days=21)
    kinds = {event.kind for event in course.events if since <= event.on <= on}
    steps = [step.on for row in course.treatments for step in row.steps]
    if "illness" in kinds:
        return Episode.Trigger.INFECTION
    if any(entry.all_doses is False for entry in course.entries if since <= entry.local_date <= on):
        return Episode.Trigger.MISSED
    if any(since <= day <= on for day in steps):
        return Episode.Trigger.TAPER
    return Episode.Trigger.VACCINATION if "vaccination" in kinds else Episode.Trigger.NONE


def _given(treatments: Sequence[CourseTreatment], on: date) -> str:
    begun = [row.agent for row in treatments if on < row.starts_on <= on + timedelta(days=21)]
    return ", ".join(dict.fromkeys(begun))


def _marks(course: Course, patient: Patient, clinician: User, now: datetime) -> None:
    """From the first such treatment until some time after the last one, or until further notice."""
    for name, (parts, after) in MARKS.items():
        plans = [
            redflags.Treatment(row.agent, row.form, row.starts_on, row.ends_on) for row in course.treatments
        ]
        rows = [row for row, plan in zip(course.treatments, plans, strict=True) if plan.holds(parts)]
        ends = [row.ends_on for row in rows if row.ends_on]
        if rows:
            until = max(ends) + after if len(ends) == len(rows) else None
            first = min(row.starts_on for row in rows)
            plan.set_mark(clinician, patient, name, first, until, at=known(first, now))
    limit = course.pressure_limit
    if limit and limit.on <= now.date():
        numbers = {"systolic": limit.systolic, "diastolic": limit.diastolic}
        kind = Mark.Name.PRESSURE_LIMIT
        plan.set_mark(clinician, patient, kind, limit.on, None, **numbers, at=known(limit.on, now))


def _due(course: Course, patient: Patient, clinician: User, now: datetime) -> None:
    agents = " ".join(row.agent.lower() for row in course.treatments)
    shift = Random(f"{course.key}/due").randint(-6, 20)
    for place, (kind, text, weeks, needs) in enumerate(DUE):
        if any(part in agents for part in needs) or not needs:
            day = now.date() + timedelta(days=shift + 9 * place)
            set_at = known(day - timedelta(weeks=weeks or 12), now)
            item = DueItem(kind=kind, text=text, due_on=day, every_weeks=weeks, set_at=set_at)
            plan.add_due(clinician, patient, item)


def _tags(course: Course, patient: Patient, clinician: User) -> None:
    dice = Random(f"{course.key}/tags")
    teams, words = [name for name, team in TAGS if team], [name for name, team in TAGS if not team]
    chosen = [dice.choice(teams), *(name for name in words if dice.random() < 0.4)]
    known = {tag.name: tag for tag in Tag.objects.filter(clinic=patient.clinic_id)}
    for name, team in TAGS:
        if name not in known:
            known[name] = plan.make_tag(clinician, patient, name, team=team)
    plan.put_tags(clinician, patient, [known[name] for name in chosen])
