"""A clinic's hours and phone, kept by its administrators."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from tracker.admin.scoped import ScopedAdmin
from tracker.forms.administration import ClinicForm
from tracker.models import Clinic


@admin.register(Clinic)
class ClinicAdmin(ScopedAdmin):
    """When somebody reads the diaries, whom to call, and from when a patient decides."""

    form = ClinicForm
    list_display = ["name", "phone", "hours", "hand_over_age"]
    fields = ["name", "zone", "phone", "hours", "hand_over_age"]
    readonly_fields = ["name", "zone"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Clinic]:
        """Where this administrator works."""
        return super().get_queryset(request).filter(staff__user=request.user.pk)
