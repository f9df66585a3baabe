"""Who a patient is and who reaches the record, without the diary."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path

from portal import audit
from portal.auth import fresh_to_change
from portal.middleware import SignedIn
from tracker import people
from tracker.admin.scoped import ScopedAdmin
from tracker.forms.administration import IdentityForm
from tracker.forms.seats import JoinForm
from tracker.models import Patient


@admin.register(Patient)
class IdentityAdmin(ScopedAdmin):
    """Name, birth date and record number; nothing of the diary."""

    form = IdentityForm
    list_display = ["name", "birth_date", "record_number", "state"]
    search_fields = ["name", "record_number"]
    fields = ["name", "birth_date", "record_number", "state", "state_on", "frozen_at"]
    readonly_fields = ["state", "state_on", "frozen_at"]

    def get_queryset(self, request: Any) -> QuerySet[Patient]:
        """Patients of the clinics where this administrator works."""
        return super().get_queryset(request).filter(clinic__staff__user=request.user.pk)

    def get_object(self, request: Any, object_id: str, from_field: str | None = None) -> Patient | None:
        """Reading an identity is in the trail."""
        patient: Patient | None = super().get_object(request, object_id, from_field)
        if patient is not None:
            audit.record(request.user, "identity viewed", patient, patient=patient.pk)
        return patient

    def changelist_view(self, request: Any, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """So is every list that shows some, a search without its words."""
        response = super().changelist_view(request, extra_context)
        listed = getattr(response, "context_data", {}).get("cl")
        if listed is not None:
            audit.record(
                request.user, "identities listed", "admin", patients=[row.pk for row in listed.result_list]
            )
        return response

    def get_urls(self) -> list[URLPattern]:
        """Before Django's own, which would take every address that begins with a key."""
        shown = self.admin_site.admin_view(fresh_to_change(self.seats))
        ended = self.admin_site.admin_view(fresh_to_change(self.end_seat))
        return [
            path("<uuid:object_id>/seats/", shown, name="tracker_patient_seats"),
            path("<uuid:object_id>/seats/<int:seat>/end/", ended, name="tracker_patient_end_seat"),
            *super().get_urls(),
        ]

    def seats(self, request: SignedIn, object_id: object) -> HttpResponse:
        """Who reaches a record; a POST gives a clinician of the clinic a seat on its care team."""
        known = self._patient(request, object_id, "tracker.view_seat")
        form = JoinForm(request.user, known, request.POST if request.method == "POST" else None)
        if request.method == "POST" and self._joined(request, known, form):
            messages.success(request, "They are on the care team from now on.")
            return redirect("admin:tracker_patient_seats", known.pk)
        held = known.seats.held().select_related("user", "decided_by").order_by("basis", "starts_at")
        context = {"title": "Who reaches this record", "patient": known, "seats": held, "form": form}
        return render(
            request, "admin/tracker/seats.html", {**self.admin_site.each_context(request), **context}
        )

    def end_seat(self, request: SignedIn, object_id: object, seat: int) -> HttpResponse:
        """Ask, then end a seat; the last one on the care team stays."""
        known = self._patient(request, object_id, "tracker.change_seat")
        held = get_object_or_404(known.seats.held().select_related("user", "patient"), pk=seat)
        try:
            if request.method == "POST":
                people.end_seat(request.user, held)
                messages.success(request, "The seat is ended.")
                return redirect("admin:tracker_patient_seats", known.pk)
            last = people.is_last(held)
        except people.LastSeat:
            last = True
        context = {"title": f"End the seat of {held.user}?", "tab": "End a seat", "patient": known}
        context |= {"seat": held, "last": last}
        return render(
            request, "admin/tracker/end_seat.html", {**self.admin_site.each_context(request), **context}
        )

    def _patient(self, request: SignedIn, key: object, right: str) -> Patient:
        """Errors: PermissionDenied without the right; Http404 for another clinic's patient."""
        if not request.user.has_perm(right):
            raise PermissionDenied
        known = self.get_object(request, str(key))
        if known is None:
            raise Http404
        return known

    def _joined(self, request: SignedIn, known: Patient, form: JoinForm) -> bool:
        if not request.user.has_perm("tracker.add_seat"):
            raise PermissionDenied
        if not form.is_valid():
            return False
        try:
            people.join_team(request.user, known, form.cleaned_data["colleague"])
        except IntegrityError:  # another tap was faster
            form.add_error("colleague", "They are on the care team already.")
            return False
        return True
