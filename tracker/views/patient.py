"""One patient: the picture, what came since the last review, and the sign-off."""

from dataclasses import dataclass
from datetime import date, datetime
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
from tracker.forms.clinician import ReviewForm
from tracker.models import CheckIn, Patient, Review
from tracker.models.seats import Basis, Reach
from tracker.pace import paced
from tracker.worklist import Row

CHOICES = [
    ("30", "30 days"),
    ("90", "90 days"),
    ("180", "6 months"),
    ("365", "1 year"),
    ("all", "Everything"),
]
UNFOLDED = 10  # lines of new entries that are shown at once; the others unfold


@dataclass(frozen=True)
class Diary:
    """What one page reads of a diary; `covered` is until when it was reviewed."""

    check_ins: list[CheckIn]
    reviews: list[Review]
    covered: datetime | None

    @property
    def fresh(self) -> list[timeline.Line]:
        """What came since the last review, newest first, corrections and marks of mistakes included."""
        return [
            timeline.line(row) for row in self.check_ins if not self.covered or row.received_at > self.covered
        ]

    @property
    def newest(self) -> datetime | None:
        """The newest receipt that the page shows."""
        return max((row.received_at for row in self.check_ins), default=None)


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
    days, today = request.GET.get("days", "180"), timezone.localdate(timezone=ZoneInfo(known.clinic.zone))
    diary = read_diary(request.user, known, days, today)
    audit.record(request.user, "patient viewed", known, patient=known.pk)
    context = {
        **heading(known, today),
        **_picture(known, diary, days, today),
        **_papers(known),
        **_circle(request.user, known),
        **doubles(Patient.objects.visible_to(request.user, Reach.CLINICAL), known),
        **_entries(diary),
        "reviews": diary.reviews,
        "form": blank_form(diary) if request.user.has_perm("tracker.review_diary") else None,
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
    """Check-ins of the period, of the 8 weeks before it, and all not yet reviewed. Queries: four."""
    reviews = list(known.reviews.select_related("reviewer"))
    covered = max((each.covers_until for each in reviews), default=None)
    rows = CheckIn.objects.visible_to(user).filter(patient=known).with_details().select_related("replaced_by")
    if days != "all":
        start, _ = timeline.period(days, timeline.Record(), today)
        since = Q(received_at__gt=covered) if covered else Q()  # nothing reviewed yet: everything is new
        rows = rows.filter(since and since | Q(local_date__gte=start - scoring.BASELINE_WINDOW))
    return Diary(list(rows.order_by("-occurred_at")), reviews, covered)


def heading(known: Patient, today: date) -> dict[str, object]:
    """Who the patient is and where their diary stands, for the head of a page."""
    return {
        "patient": known,
        "row": Row(known.status, today),
        "zone": known.clinic.zone,
        "now": timezone.now(),
    }


def _picture(known: Patient, diary: Diary, days: str, today: date) -> dict[str, object]:
    treatments = known.treatments.prefetch_related("steps")
    standing = [row for row in diary.check_ins if timeline.stands(row)]
    record = timeline.record(standing, treatments, known.events.all(), diary.reviews)
    first, last = timeline.period(days, record, today)
    usual = timeline.Usual.of(record.checks)
    return {
        "picture": timeline.draw(record, first, last),
        "choices": [(word, label, word == days) for word, label in CHOICES],
        "current": timeline.current(record.treatments, today),
        "treatments": timeline.treatment_rows(record.treatments),
        "checks": timeline.check_rows(record, usual, first),
        "dailies": timeline.daily_rows(record, first),
        "record": record,
        "home_check": scoring.HOME_CHECK,
        "daily": scoring.DAILY,
    }


def _papers(known: Patient) -> dict[str, object]:
    """What was written beside the diary."""
    return {
        "notes": known.private_notes.select_related("author"),
        "letters": known.messages.select_related("author"),
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
    return {"fresh": diary.fresh[:UNFOLDED], "folded": diary.fresh[UNFOLDED:]}


def blank_form(diary: Diary) -> ReviewForm | None:
    """A form that covers what this page shows; none when nothing is new."""
    if not diary.fresh or diary.newest is None:
        return None
    return ReviewForm(initial={"covers_until": diary.newest.isoformat()})
