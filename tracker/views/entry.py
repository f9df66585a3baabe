"""One entry in full: who, when it happened and came, its whole history, and the flags that rest on it."""

from collections.abc import Iterable, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import audit
from portal.middleware import SignedIn
from tracker import diary, timeline
from tracker.models import CheckIn, Flag, Review
from tracker.models.diary import CheckInQuerySet
from tracker.models.seats import Basis
from tracker.pace import paced
from tracker.timeline import reading
from tracker.views.patient import clinical_patient, heading


@require_safe
@never_cache
@permission_required("tracker.view_diary", raise_exception=True)
@paced
def entry(request: SignedIn, key: UUID, entry: UUID) -> HttpResponse:
    """One entry with every version of it. Queries: the same number whatever was corrected."""
    known = clinical_patient(request.user, key)
    mine = CheckIn.objects.visible_to(request.user).filter(patient=known)
    history = versions(mine, entry)
    chosen = next((row for row in history if row.pk == entry), None)
    if chosen is None:
        raise Http404
    audit.record(request.user, "check-in viewed", chosen, patient=known.pk)
    reviews = list(known.reviews.standing())
    seen = reading.covered(reviews, known.clinic.zone)
    lines = [(timeline.line(row, seen), diary.line(row)) for row in history]
    team = known.seats.current().filter(user=request.user, basis=Basis.CARE_TEAM)
    context = {
        **heading(known, timezone.localdate(timezone=ZoneInfo(known.clinic.zone))),
        "chosen": chosen,
        "shown": next(pair for pair in lines if pair[0].check_in is chosen),
        "lines": lines,
        "resting": _resting(known.flags.all(), history, reviews),
        "keeps": team.exists(),
    }
    return render(request, "tracker/entry.html", context)


def versions(mine: CheckInQuerySet, key: UUID) -> list[CheckIn]:
    """The entry with all it replaced and all that replaced it, newest first. Queries: six."""
    links = dict(mine.filter(replaces__isnull=False).values_list("pk", "replaces_id"))
    after = {earlier: later for later, earlier in links.items()}
    first = key
    while first in links:
        first = links[first]
    chain = [first]
    while chain[-1] in after:
        chain.append(after[chain[-1]])
    rows = mine.filter(pk__in=chain).with_details().select_related("replaced_by").in_bulk()
    return [rows[one] for one in reversed(chain) if one in rows]


def _resting(
    flags: Iterable[Flag], history: Sequence[CheckIn], reviews: Sequence[Review]
) -> list[tuple[Flag, Review | None]]:
    """The flags that name any version among their evidence, each with the first review that covers it."""
    keys = {row.pk for row in history}
    oldest_first = sorted(reviews, key=lambda review: review.at)
    return [
        (flag, next((review for review in oldest_first if review.covers_until >= flag.raised_at), None))
        for flag in flags
        if keys & set(flag.evidence)
    ]
