"""One patient: the picture, what came since the last review, and the sign-off."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import permission_required
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import audit, parking
from portal.middleware import SignedIn
from portal.models import User
from tracker import scoring, timeline
from tracker.forms.review import ReviewForm
from tracker.models import CheckIn, Flag, Message, Patient, Review
from tracker.models.seats import Basis, Reach
from tracker.pace import paced
from tracker.papers import papers
from tracker.reviews import is_as_seen, may_undo
from tracker.timeline import reading
from tracker.views import course, picture
from tracker.worklist import Beside, Row

UNFOLDED = 10  # lines of new entries that are shown at once; the others unfold
FOLDED = 60  # as many unfold; the list of entries has the rest
LATELY = "30"  # days of the diary that are read beside what is not reviewed
UNDER_WAY = timedelta(minutes=1)  # how long an entry may take from its receipt until a page can show it


@dataclass(frozen=True)
class Diary:
    """What one page reads of a diary; `covered` is until when it was reviewed.

    `reviews` are all of them, newest first, those taken back included; `flags` those still open;
    `letters` all messages to and fro, newest first; `asked_at` is a moment before all of it was read.
    """

    check_ins: list[CheckIn]
    reviews: list[Review]
    covered: datetime | None
    flags: list[Flag]
    letters: list[Message]
    asked_at: datetime
    zone: str = "UTC"

    @property
    def fresh(self) -> list[timeline.Line]:
        """What came since the last review, newest first, corrections and marks of mistakes included."""
        seen = reading.covered(self.signed, self.zone)
        return [
            timeline.line(row, seen)
            for row in self.check_ins
            if not self.covered or row.received_at > self.covered
        ]

    @property
    def unread(self) -> list[Message]:
        """What the family sent since the last review, newest first."""
        theirs = [each for each in self.letters if each.review_id is None]
        return [each for each in theirs if not self.covered or each.at > self.covered]

    @property
    def newest(self) -> datetime | None:
        """The newest receipt, flag or message of the family that the page shows."""
        times = [row.received_at for row in self.check_ins] + [flag.raised_at for flag in self.flags]
        return max([*times, *(letter.at for letter in self.unread)], default=None)

    @property
    def until(self) -> datetime:
        """What a sign-off of the page covers: up to the newest thing shown, else no more than is covered.

        Where nothing ever came, up to the look itself, but for an entry that may just be under way.
        """
        return self.newest or self.covered or self.asked_at - UNDER_WAY

    @property
    def signed(self) -> list[Review]:
        """The reviews that close something, newest first."""
        return [each for each in self.reviews if stands(each)]


def stands(review: Review) -> bool:
    """What `ReviewQuerySet.standing` asks, of a review that came with its undoing."""
    return not hasattr(review, "undoing") and review.outcome != Review.Outcome.HANDED


def clinical_patient(user: User, key: UUID) -> Patient:
    """The patient, with the clinic, of a care team on which `user` sits. Errors: Http404 otherwise."""
    return get_object_or_404(
        Patient.objects.visible_to(user, Reach.CLINICAL).select_related("clinic"), key=key
    )


def kept_patient(user: User, key: UUID) -> Patient:
    """The same for pages that decide who reaches a patient. Errors: Http404, also for emergency access.

    Emergency access treats: it reads all that the care team reads, reviews, writes notes and messages.
    It invites nobody, ends no seat, and hides, freezes, merges and closes nothing.
    """
    mine = Patient.objects.visible_to(user, Reach.CLINICAL).kept_by(user)
    return get_object_or_404(mine.select_related("clinic"), key=key)


@require_safe
@never_cache
@permission_required("tracker.view_diary", raise_exception=True)
@paced
def patient(request: SignedIn, key: UUID) -> HttpResponse:
    """The patient page. Queries: the same number whatever the diary holds."""
    known = clinical_patient(request.user, key)
    today = timezone.localdate(timezone=ZoneInfo(known.clinic.zone))
    diary = read_diary(request.user, known, LATELY, today)
    beside = picture.around(known, diary.signed)
    plan, drawn = papers(known, today), course.drawn(request, known, beside, today)
    audit.record(request.user, "patient viewed", known, patient=known.pk)
    context = {
        **heading(known, today, plan),
        **plan,
        **drawn,
        **course.standing(plan, drawn["record"], today),
        "notes": beside.notes,
        "letters": diary.letters,
        "unread": diary.unread,
        **_circle(request.user, known),
        **doubles(Patient.objects.visible_to(request.user, Reach.CLINICAL), known),
        **_entries(diary),
        "reviews": diary.reviews,
        "signed": diary.signed,
        "altered": not all(is_as_seen(each) for each in diary.signed[:1] if each.snapshot),
        "undoable": {each.pk for each in diary.reviews if may_undo(request.user, each, timezone.now())},
        "form": blank_form(request.user, known, diary),
        "made_for": parking.made_for(request.user),
    }
    return render(request, "tracker/patient.html", context)


def doubles(seen: QuerySet[Patient], known: Patient) -> dict[str, object]:
    """The record that a merged one goes on in, and the earlier ones of the same patient, among `seen`."""
    return {
        "survivor": seen.filter(duplicates=known).first(),
        "earlier": seen.filter(merged_into=known.pk),
    }


def read_diary(user: User, known: Patient, days: str, today: date) -> Diary:
    """Check-ins of so many days, of the 8 weeks before, all not reviewed; all messages. Queries: seven."""
    asked_at = timezone.now()
    reviews = list(known.reviews.select_related("reviewer", "undoing", "handed_to"))
    covered = max((each.covers_until for each in reviews if stands(each)), default=None)
    rows = CheckIn.objects.visible_to(user).filter(patient=known).with_details().select_related("replaced_by")
    if covered:
        start = timeline.asked({"days": days}, today, None).first
        rows = rows.filter(Q(received_at__gt=covered) | Q(local_date__gte=start - scoring.BASELINE_WINDOW))
    flags = list(Flag.objects.open().filter(patient=known))
    letters = list(known.messages.select_related("author", "review__undoing"))
    check_ins = list(rows.order_by("-occurred_at"))
    return Diary(check_ins, reviews, covered, flags, letters, asked_at, known.clinic.zone)


def heading(known: Patient, today: date, plan: Mapping[str, Any] | None = None) -> dict[str, object]:
    """Who the patient is and where their diary stands, for a page's head; `plan` is of `tracker.papers`."""
    due = [(str(one.item), one.item.due_on) for one in plan["due"]] if plan else []
    return {
        "patient": known,
        "row": Row(known.status, today, beside=Beside(due=due)),
        "zone": known.clinic.zone,
        "now": timezone.now(),
    }


def _circle(user: User, known: Patient) -> dict[str, object]:
    """Who reaches the record, who opened it in an emergency lately, and whether `user` may decide on that."""
    seats = list(known.seats.current().select_related("user").order_by("basis", "starts_at"))
    return {
        "seats": seats,
        "keeps": any(seat.user_id == user.pk and seat.basis == Basis.CARE_TEAM for seat in seats),
        "opened": list(known.emergencies.recent()),
    }


def _entries(diary: Diary) -> dict[str, object]:
    fresh = diary.fresh
    return {
        "fresh": fresh[:UNFOLDED],
        "folded": fresh[UNFOLDED:FOLDED],
        "unshown": max(len(fresh) - FOLDED, 0),
    }


def blank_form(user: User, known: Patient, diary: Diary) -> ReviewForm | None:
    """A form that covers what this page shows, also when nothing is new or ever came: a look may be due.

    None for who may not review.
    """
    if not user.has_perm("tracker.review_diary"):
        return None
    return ReviewForm.opened(user, known, diary.until, diary.signed[0].pk if diary.signed else None)
