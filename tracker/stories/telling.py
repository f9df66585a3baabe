"""A generated course told to the database through the same writers that people use."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from portal.identity import acting_as
from portal.models import User
from tracker import care, journal, people, reviews
from tracker.models import Clinic, ClinicalEvent, Patient, Review, Treatment
from tracker.models.seats import Basis, Ground, Reach
from tracker.reviews import Verdict
from tracker.stories import charting
from tracker.stories.course import Course, CourseEntry

REVIEW_EVERY = timedelta(days=14)
OPENED_AGAIN = timedelta(days=9)  # what came since then is still waiting for a look


def tell(
    course: Course,
    clinic: Clinic,
    clinician: User,
    family: Sequence[User],
    *,
    now: datetime,
    to_the_end: bool = False,
) -> Patient:
    """Register the patient and write the whole course, up to `now`, with a review every two weeks.

    `family` are the caregivers in the order of `course.caregivers`. The last days wait for a review,
    unless the course is reviewed `to_the_end`.
    """
    patient = _register(course, clinic, clinician, family)
    with acting_as(clinician):
        _plan(course, patient, clinician)
    reviewed = course.entries[0].received_at
    for entry in sorted(course.entries, key=lambda each: each.received_at):
        if entry.received_at - reviewed > REVIEW_EVERY and entry.received_at < now - OPENED_AGAIN:
            reviewed = _review(patient, clinician, entry.received_at)
        author = family[entry.caregiver]
        with acting_as(author):
            key = uuid5(NAMESPACE_OID, f"{course.key} {entry.caregiver} {entry.kind} {entry.occurred_at}")
            journal.record(author, patient, key, _told(entry), received_at=entry.received_at)
            charting.missed(entry, patient, author)
    with acting_as(clinician):
        charting.chart(course, patient, clinician, now)
    if to_the_end:
        _review(patient, clinician, now)
    return patient


def _register(course: Course, clinic: Clinic, clinician: User, family: Sequence[User]) -> Patient:
    with acting_as(clinician):
        patient = people.register(
            clinician,
            clinic,
            name=course.name,
            birth_date=course.birth_date,
            record_number=f"DEMO-{course.key.upper()}",
            zone=course.zone,
        )
        bases = [Basis.SELF if word == "self" else Basis.PARENT for word in course.caregivers]
        offers = [
            people.invite(
                clinician,
                patient,
                name=user.name,
                email=user.email,
                basis=basis,
                ground=Ground.CONSENT if basis == Basis.SELF else Ground.RESPONSIBILITY,
            )
            for user, basis in zip(family, bases, strict=True)
        ]
    for user, offer in zip(family, offers, strict=True):
        people.accept(user, offer.key)
    return patient


def _plan(course: Course, patient: Patient, clinician: User) -> None:
    for told in course.treatments:
        fields = {name: value for name, value in vars(told).items() if name != "steps"}
        steps = [(step.on, step.amount, step.unit) for step in told.steps]
        care.plan_treatment(clinician, patient, Treatment(**fields), steps)
    for happened in course.events:
        care.note_event(clinician, patient, ClinicalEvent(**vars(happened)))


def _told(entry: CourseEntry) -> journal.Entry:
    same = (
        "kind",
        "occurred_at",
        "zone",
        "local_date",
        "ratings",
        "measurements",
        "worried",
        "all_doses",
        "note",
        "signs",
    )
    audience = Reach.SELF if entry.private else Reach.FAMILY
    return journal.Entry(**{name: getattr(entry, name) for name in same}, audience=audience)


def _review(patient: Patient, clinician: User, until: datetime) -> datetime:
    moment = until - timedelta(minutes=1)
    with acting_as(clinician):
        reviews.sign_off(clinician, patient, Verdict(Review.Outcome.NOTED), covers_until=moment, at=moment)
    return moment
