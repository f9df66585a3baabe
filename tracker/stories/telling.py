"""A generated course told to the database through the same writers that people use."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, UUID, uuid5

from portal.identity import acting_as
from portal.models import User
from tracker import events, journal, people, reviews, status, treatments
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
        _plan(course, patient, clinician, now)
    for place, author in enumerate(family):
        _log(course, place, patient, author)
    with acting_as(clinician):
        _reviews(course, patient, clinician, now)
        charting.chart(course, patient, clinician, now)
        if to_the_end:
            _review(patient, clinician, now)
        status.recount(patient)
    return patient


def _log(course: Course, place: int, patient: Patient, author: User) -> None:
    """What one caregiver wrote, all at once; when each entry came is said of it."""
    mine = [entry for entry in course.entries if entry.caregiver == place]
    with acting_as(author):
        told = [(_key(course, entry), _told(entry), entry.received_at) for entry in mine]
        journal.record_course(author, patient, told)
        for entry in mine:
            charting.missed(entry, patient, author)


def _key(course: Course, entry: CourseEntry) -> UUID:
    return uuid5(NAMESPACE_OID, f"{course.key} {entry.caregiver} {entry.kind} {entry.occurred_at}")


def _reviews(course: Course, patient: Patient, clinician: User, now: datetime) -> None:
    """A look every two weeks, at what had come by then."""
    received = sorted(entry.received_at for entry in course.entries)
    reviewed = received[0]
    for moment in received:
        if moment - reviewed > REVIEW_EVERY and moment < now - OPENED_AGAIN:
            reviewed = _review(patient, clinician, moment)


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


def _plan(course: Course, patient: Patient, clinician: User, now: datetime) -> None:
    for told in course.treatments:
        fields = {name: value for name, value in vars(told).items() if name != "steps"}
        steps = [(step.on, step.amount, step.unit) for step in told.steps]
        known = charting.known(told.starts_on, now)
        treatments.plan_treatment(clinician, patient, Treatment(**fields, recorded_at=known), steps)
    for happened in course.events:
        known = charting.known(happened.on, now)
        events.note_event(clinician, patient, ClinicalEvent(**vars(happened), recorded_at=known))


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
    reviews.sign_off(clinician, patient, Verdict(Review.Outcome.NOTED), covers_until=moment, at=moment)
    return moment
