"""One patient in the worklist's side panel: who, why, what changed, and the sign-off."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.middleware import HtmxDetails

from portal import audit, parking
from portal.middleware import SignedIn
from tracker import worklist as lists
from tracker.pace import paced
from tracker.views import picture
from tracker.views.patient import blank_form, clinical_patient, read_diary
from tracker.views.since import since_my_look

PERIOD = "30"  # days of the diary that are read, with all that is not reviewed
UNFOLDED = 3  # entries that are shown at once; the others unfold


@require_safe
@never_cache
@permission_required("tracker.view_diary", raise_exception=True)
@paced
def glance(request: SignedIn, key: UUID) -> HttpResponse:
    """What the list opens beside itself. Queries: the same number whatever the diary holds."""
    known, now = clinical_patient(request.user, key), timezone.now()
    today = now.astimezone(ZoneInfo(known.clinic.zone)).date()
    diary = read_diary(request.user, known, PERIOD, today)
    beside = picture.around(known, diary.signed)
    (row,) = lists.dressed([known.status], lists.desk(request.user, now))
    audit.record(request.user, "patient viewed", known, patient=known.pk)
    context = {
        "patient": known,
        "row": row,
        "zone": known.clinic.zone,
        "now": now,
        "last_review": next(iter(diary.signed), None),
        **since_my_look(request.user, known, beside, beside.record(known, []), today),
        "unread": diary.unread,
        "fresh": diary.fresh[:UNFOLDED],
        "folded": diary.fresh[UNFOLDED:],
        "form": blank_form(request.user, known, diary),
        "made_for": parking.made_for(request.user),
        "next": _back(request),
    }
    return render(request, "tracker/glance.html", context)


def _back(request: SignedIn) -> str:
    """The list as it stood when the panel was opened."""
    place = HtmxDetails(request).current_url_abs_path or ""
    return place if place.startswith("/worklist/") else "/worklist/"
