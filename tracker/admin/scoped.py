"""How the admin treats every row of a clinic."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
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

    def delete_view(self, request: HttpRequest, *arguments: Any, **named: Any) -> Any:
        """Refused before the row is read, which would be one act more on the trail."""
        raise PermissionDenied

    def changeform_view(self, request: HttpRequest, *arguments: Any, **named: Any) -> Any:
        """Every change asks who is at the keyboard."""
        return fresh_to_change(super().changeform_view)(request, *arguments, **named)

    def render_change_form(self, request: HttpRequest, context: Any, *arguments: Any, **named: Any) -> Any:
        """No name in the title, which a browser keeps; the page says it in its form."""
        return super().render_change_form(request, {**context, "subtitle": None}, *arguments, **named)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """No name in the title."""
        return super().history_view(request, object_id, {"title": "Change history", **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write the changed fields alone, since the web role may write no others."""
        if form.changed_data:
            obj.save(update_fields=form.changed_data)
        patient = obj.pk if isinstance(obj, Patient) else None
        audit.record(request.user, f"changed {', '.join(form.changed_data)}"[:60], obj, patient=patient)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Django's own log would copy names; the trail has the act already."""
