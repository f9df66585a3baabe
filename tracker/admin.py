"""What an administrator keeps: the people and the patients' identities of their own clinic.

Diaries are not in the admin: it asks for no seat.
"""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from portal import audit
from portal.models import User
from portal.roles import Role
from tracker import people
from tracker.models import Patient


class PersonForm(forms.ModelForm[User]):
    """Roles as boxes to tick; the address is the account and stays."""

    roles = forms.MultipleChoiceField(
        choices=Role.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = User
        fields = ["name", "roles", "is_active"]


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

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Write the changed fields alone, since the web role may write no others."""
        if form.changed_data:
            obj.save(update_fields=form.changed_data)
        patient = obj.pk if isinstance(obj, Patient) else None
        audit.record(request.user, f"changed {', '.join(form.changed_data)}", obj, patient=patient)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Django's own log would copy names; the trail has the act already."""


@admin.register(User)
class PersonAdmin(ScopedAdmin):
    """Staff of the clinic and families of its patients."""

    form = PersonForm
    list_display = ["name", "email", "role_words", "is_active"]
    search_fields = ["name", "email"]
    readonly_fields = ["email", "joined_at", "last_login"]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """The database gives roles to nobody but an administrator of the person's clinic."""
        people.change_person(request.user, obj, name=obj.name, roles=obj.roles, active=obj.is_active)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Who works at, or holds a seat at, a clinic where this administrator works."""
        mine = Q(clinic_posts__clinic__staff__user=request.user.pk)
        theirs = Q(seats__patient__clinic__staff__user=request.user.pk)
        return super().get_queryset(request).filter(mine | theirs).distinct()

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Nobody gives themselves a role."""
        return super().has_change_permission(request, obj) and obj != request.user


@admin.register(Patient)
class IdentityAdmin(ScopedAdmin):
    """Name, birth date and record number; nothing of the diary."""

    list_display = ["name", "birth_date", "record_number", "state"]
    search_fields = ["name", "record_number"]
    fields = ["name", "birth_date", "record_number"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Patient]:
        """Patients of the clinics where this administrator works."""
        return super().get_queryset(request).filter(clinic__staff__user=request.user.pk)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Patient | None:
        """Reading an identity is in the trail."""
        patient: Patient | None = super().get_object(request, object_id, from_field)
        if patient is not None:
            audit.record(request.user, "identity viewed", patient, patient=patient.pk)
        return patient
