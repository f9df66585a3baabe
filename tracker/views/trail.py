"""The auditor's pages about one person and about one patient."""

from uuid import UUID

from django.apps import apps
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal import audit
from portal.changes import changes
from portal.middleware import SignedIn
from portal.models import AuditEvent, User
from portal.trail import of_patient, page
from tracker import emergency

KEPT = 100  # states of rows that are shown, the newest

SeatPast = apps.get_model("tracker", "SeatPast")
PatientPast = apps.get_model("tracker", "PatientPast")
UserPast = apps.get_model("portal", "UserPast")


@require_safe
@never_cache
@permission_required("portal.view_trail", raise_exception=True)
def person(request: SignedIn, number: int) -> HttpResponse:
    """What one person did, which roles and seats they had and who gave them. Queries: a fixed number."""
    someone = get_object_or_404(User, pk=number)
    shown = page(
        AuditEvent.objects.filter(actor_id=number).order_by("-at", "id"), request.GET.get("after", "")
    )
    audit.record(request.user, "person viewed", someone)
    context = {
        "person": someone,
        "page": shown,
        "first": "after" not in request.GET,
        "account": changes(UserPast.objects.filter(pgh_obj_id=number).order_by("-pgh_id")[:KEPT]),
        "seats": changes(SeatPast.objects.filter(user_id=number).order_by("-pgh_id")[:KEPT], {"user"}),
    }
    return render(request, "tracker/trail_person.html", context)


@require_safe
@never_cache
@permission_required("portal.view_trail", raise_exception=True)
def patient(request: SignedIn, key: UUID) -> HttpResponse:
    """Who one patient is, who looked at the record, and who was let in by whom. Queries: a fixed number."""
    identity = emergency.identity(request.user, key)
    if identity is None:
        raise Http404
    events = AuditEvent.objects.filter(of_patient(key)).order_by("-at", "id")
    context = {
        "key": key,
        "identity": identity,
        "page": page(events, request.GET.get("after", "")),
        "first": "after" not in request.GET,
        "record": changes(PatientPast.objects.filter(pgh_obj_id=key).order_by("-pgh_id")[:KEPT]),
        "seats": changes(SeatPast.objects.filter(patient_id=key).order_by("-pgh_id")[:KEPT], {"patient"}),
    }
    return render(request, "tracker/trail_patient.html", context)
