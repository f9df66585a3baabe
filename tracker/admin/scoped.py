"""How the admin treats every row of a clinic."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from portal import audit
from portal.auth import fresh_to_change
from tracker.models import Patient


class ScopedAdmin(admin.ModelAdmin[Any]):
    """Rows of the administrator's own clinic, changed but never added or deleted, each act in the trail."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People are invited and patients registered elsewhere."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing that a trail may name is deleted."""
        return False

    def changeform_view(self, request: HttpRequest, *arguments: Any, **named: Any) -> Any:
        """Every change asks who is at the keyboard."""
        return fresh_to_change(super().changeform_view)(request, *arguments, **named)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write the changed fields alone, since the web role may write no others."""
        if form.changed_data:
            obj.save(update_fields=form.changed_data)
        patient = obj.pk if isinstance(obj, Patient) else None
        audit.record(request.user, f"changed {', '.join(form.changed_data)}"[:60], obj, patient=patient)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Django's own log would copy names; the trail has the act already."""
