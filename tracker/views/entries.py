"""The full list of a patient's entries, with filters."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.db.models import DateField, DateTimeField, Exists, F, Func, OuterRef, Q, Value
from django.db.models.functions import Cast
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import audit
from portal.middleware import SignedIn
from tracker import timeline
from tracker.models import CheckIn, Patient
from tracker.models.diary import CheckInQuerySet
from tracker.pace import paced
from tracker.timeline import period, reading
from tracker.timeline.arrival import LATE
from tracker.views import picture
from tracker.views.patient import clinical_patient, heading

PER_PAGE = 50
YES = "1"


@dataclass(frozen=True)
class Choice:
    """One value of a filter: its word in the address, its label, whether it is chosen."""

    word: str
    label: str
    chosen: bool


@require_safe
@never_cache
@permission_required("tracker.view_diary", raise_exception=True)
@paced
def entries(request: SignedIn, key: UUID) -> HttpResponse:
    """Every version of every entry, newest first, a page at a time. Queries: a fixed number."""
    known, asked = clinical_patient(request.user, key), request.GET
    today = timezone.localdate(timezone=ZoneInfo(known.clinic.zone))
    mine = CheckIn.objects.visible_to(request.user).filter(patient=known)
    writers = _writers(mine, known)
    chosen = _within(_filtered(mine, asked, writers, known), asked, today)
    rows = chosen.with_details().select_related("replaced_by").order_by("-occurred_at", "pk")
    page = Paginator(rows, PER_PAGE).get_page(asked.get("page"))
    audit.record(request.user, "entries viewed", known, patient=known.pk)
    seen = reading.covered(known.reviews.standing(), known.clinic.zone)
    context = {
        **heading(known, today),
        "page": page,
        "lines": [timeline.line(row, seen) for row in page],
        **_filters(asked, writers),
    }
    return render(request, "tracker/entries.html", context)


def _filters(asked: QueryDict, writers: Mapping[str, tuple[int, str]]) -> dict[str, object]:
    """The form as it was filled in, and the address without its page."""
    names = [(word, name) for word, (_, name) in writers.items()]
    lengths = [(str(days), f"Last {label}") for days, label in period.LENGTHS.items()]
    words = {word: str(asked[word]) for word in asked if word != "page" and asked[word]}
    return {
        "kinds": _choices([("", "Every kind"), *CheckIn.Kind.choices], asked.get("kind", "")),
        "writers": _choices([("", "Everybody"), *names], asked.get("by", "")),
        "lengths": _choices([("", "Any time"), *lengths], "" if asked.get("from") else asked.get("days", "")),
        "since": asked.get("from", ""),
        "days": asked.get("days", ""),
        "ticked": {word for word in ("late", "amended", "worried") if asked.get(word) == YES},
        "query": urlencode(words),
    }


def _within(rows: CheckInQuerySet, asked: Mapping[str, str], today: date) -> CheckInQuerySet:
    """Those of the period asked for; of all time when none was, or "all"."""
    if not asked.get("from") and asked.get("days", "all") in ("", "all"):
        return rows
    ahead = today + timedelta(days=1)  # a family east of the clinic may be a day ahead of it
    shown = period.asked(asked, ahead if asked.get("from") else today, None)
    last = ahead if shown.last == today else shown.last
    return rows.filter(local_date__range=(shown.first, last))


def _choices(told: list[tuple[str, str]], chosen: str) -> list[Choice]:
    return [Choice(word, label, word == chosen) for word, label in told]


def _writers(mine: CheckInQuerySet, known: Patient) -> dict[str, tuple[int, str]]:
    """Everybody who wrote entries, by a word that is of no use elsewhere. Queries: two."""
    numbers = mine.order_by().values_list("author_id", flat=True).distinct()
    people = sorted(picture.authors(numbers).items(), key=lambda one: one[1])
    return {opaque(known, number): (number, name) for number, name in people}


def opaque(known: Patient, author: int) -> str:
    """A word for an author in addresses of this patient: no name, and no number of an account."""
    return salted_hmac("tracker.entries", f"{known.pk} {author}").hexdigest()[:12]


def _filtered(
    mine: CheckInQuerySet, asked: Mapping[str, str], writers: Mapping[str, tuple[int, str]], known: Patient
) -> CheckInQuerySet:
    """Those that fit every filter; a value that is not known filters nothing."""
    wanted = Q()
    if asked.get("kind") in CheckIn.Kind.values:
        wanted &= Q(kind=asked["kind"])
    if asked.get("by", "") in writers:
        wanted &= Q(author_id=writers[asked["by"]][0])
    if asked.get("amended") == YES:
        wanted &= Q(replaces__isnull=False) | Q(replaced_by__isnull=False)
    if asked.get("worried") == YES:
        wanted &= Q(worried=True)
    return late(mine, known).filter(wanted) if asked.get("late") == YES else mine.filter(wanted)


def late(mine: CheckInQuerySet, known: Patient) -> CheckInQuerySet:
    """Those that came late or after a review of their day; the same rule as `tracker.timeline.arrival`."""
    came = Func(F("zone"), F("received_at"), function="timezone", output_field=DateTimeField())
    here = Func(Value(known.clinic.zone), F("at"), function="timezone", output_field=DateTimeField())
    without = (
        known.reviews.standing()
        .annotate(on=Cast(here, DateField()))
        .filter(on__gt=OuterRef("local_date"), covers_until__lt=OuterRef("received_at"))
    )
    arrived = mine.annotate(came=Cast(came, DateField()))
    return arrived.filter(Q(came__gt=F("local_date") + LATE) | Exists(without))
