"""Looking at a diary and saying so: the sign-off, and taking it back."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone

from portal import audit
from portal.database.turns import take_turns
from portal.models import User
from tracker import leads, status
from tracker.models import CheckIn, Message, Patient, PrivateNote, Review, ReviewUndoing

Outcome = Review.Outcome


SAME_LOOK = timedelta(hours=12)  # after which one may look again, though nothing is new


class AlreadySigned(Exception):
    """The same person signed off the same stretch before, as `review`; nothing was stored."""

    def __init__(self, review: Review) -> None:
        super().__init__(f"Review {review.pk}")
        self.review = review


class Overtaken(Exception):
    """A colleague signed off in the meantime, with `review`; nothing was stored."""

    def __init__(self, review: Review) -> None:
        super().__init__(f"Review {review.pk}")
        self.review = review


class TooLate(Exception):
    """A review is taken back by who signed it, on the same day; this one is not, and it stands."""


@dataclass(frozen=True)
class Verdict:
    """What a clinician says of a look: the outcome, and to whom the patient goes when handed over.

    `private_note` is for the care team, `message` for the family; `next_on` is the day of the next
    review, where the clinic's rhythm does not suit.
    """

    outcome: str
    private_note: str = ""
    message: str = ""
    next_on: date | None = None
    handed_to: User | None = None


@transaction.atomic
def sign_off(
    user: User, patient: Patient, verdict: Verdict, *, covers_until: datetime, at: datetime | None = None
) -> Review:
    """Sign off what was received up to `covers_until`; handing over makes the colleague the lead.

    Errors: AlreadySigned when `user` did so before, up to the same moment: a second tap, or an old page.
    """
    moment = at or timezone.now()
    status.in_turn(patient)
    take_turns(f"review {user.pk} {patient.pk}")
    same = Review.objects.filter(patient=patient, reviewer=user, covers_until=covers_until, undoing=None)
    if twin := same.filter(at__gt=moment - SAME_LOOK).first():
        raise AlreadySigned(twin)
    review = Review.objects.create(
        patient=patient,
        reviewer=user,
        outcome=verdict.outcome,
        next_on=verdict.next_on,
        handed_to=verdict.handed_to,
        covers_until=covers_until,
        snapshot=snapshot(patient, covers_until),
        at=moment,
    )
    said = {"patient": patient, "review": review, "author": user, "at": moment}
    if verdict.private_note:
        PrivateNote.objects.create(**said, text=verdict.private_note)
    if verdict.message:
        Message.objects.create(**said, text=verdict.message)
    if verdict.handed_to:
        leads.lead(user, patient, verdict.handed_to)
    status.recount(patient)
    audit.record(user, "diary reviewed", review, patient=patient.pk)
    return review


@transaction.atomic
def sign_off_shown(
    user: User, patient: Patient, verdict: Verdict, *, covers_until: datetime, knows: int | None
) -> Review:
    """Sign off from a page that showed `knows` as the newest review, or None.

    Of two who sign at once, the second waits for the first and then hears of it.
    Errors: Overtaken when a colleague signed since; AlreadySigned as for `sign_off`.
    """
    status.in_turn(patient)
    newest = patient.reviews.standing().select_related("reviewer").first()
    if newest and newest.reviewer_id != user.pk and newest.pk != knows:
        raise Overtaken(newest)
    return sign_off(user, patient, verdict, covers_until=covers_until)


def snapshot(patient: Patient, until: datetime) -> str:
    """SHA-256 over every entry received up to a moment, corrections and mistakes included.

    The diary being insert-only, it can be computed again at any time: `is_as_seen` compares.
    """
    entries = CheckIn.objects.filter(patient=patient, received_at__lte=until).order_by("pk")
    lines = (f"{key} {digest}" for key, digest in entries.values_list("pk", "digest"))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def is_as_seen(review: Review) -> bool:
    """Whether what the review covers still is what was shown then. Queries: one."""
    return review.snapshot == snapshot(review.patient, review.covers_until)


def may_undo(user: User, review: Review, now: datetime) -> bool:
    """Whether `user` signed it, on the same day where the clinic is, and has not taken it back."""
    zone = ZoneInfo(review.patient.clinic.zone)
    same_day = review.at.astimezone(zone).date() == now.astimezone(zone).date()
    return review.reviewer_id == user.pk and same_day and not hasattr(review, "undoing")


@transaction.atomic
def undo(user: User, review: Review, *, former: int | None = None) -> None:
    """Take a review back: what it covered is open again, and its message says that it was taken back.

    One that handed the patient over gives them back to the `former` lead, unless somebody else leads since.
    Errors: TooLate for another's review, another day's, or one taken back before.
    """
    take_turns(f"review {user.pk} {review.patient_id}")
    if not may_undo(user, review, timezone.now()):
        raise TooLate
    ReviewUndoing.objects.create(patient_id=review.patient_id, review=review, by=user)
    if review.handed_to_id and review.handed_to_id == review.patient.lead_id:
        leads.give_back(user, review.patient, former)
    status.recount(review.patient)
    audit.record(user, "review taken back", review, patient=review.patient_id)
