"""What every editing page shares: changes are drafts, they are in the trail, the editor is told."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.forms import BaseModelFormSet
from django.http import HttpRequest

from conditions.admin.editing import EditingPage
from conditions.models import Condition, Release, Source
from portal import audit

if TYPE_CHECKING:  # Django's classes take a type in stubs only
    ModelAdmin = admin.ModelAdmin[Any]
    StackedInline = admin.StackedInline[Any, Any]
    Tabular = admin.TabularInline[Any, Any]
else:
    ModelAdmin = admin.ModelAdmin
    StackedInline = admin.StackedInline
    Tabular = admin.TabularInline


class TabularInline(Tabular):
    """Rows of a page as a table, in which every field has a name for those who hear it."""

    template = "admin/conditions/tabular.html"

    def get_formset(self, request: HttpRequest, obj: Any = None, **named: Any) -> Any:
        """Name the fields, whose labels stand in the table's head alone."""
        formset: Any = super().get_formset(request, obj, **named)
        for name, field in formset.form.base_fields.items():
            label = field.label or name.replace("_", " ")
            field.widget.attrs.setdefault("aria-label", str(label).capitalize())
        formset.deletion_widget = forms.CheckboxInput(attrs={"aria-label": "Delete this row"})
        return formset


class DraftAdmin(EditingPage):
    """Editing of working rows; readers see none of it until it is submitted, approved and published."""

    show_full_result_count = False
    list_per_page = 50
    view_on_site = False

    def condition_of(self, row: Any) -> Condition:
        """Give the condition that the row is about."""
        found: Condition = row.condition
        return found

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Write the trail and tell the editor what readers see meanwhile."""
        super().save_related(request, form, formsets, change)
        self._note(request, form.instance, "changed" if change else "added")
        messages.info(request, readers_see(self.condition_of(form.instance)))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete, and write the trail."""
        self._note(request, obj, "deleted")
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: "models.QuerySet[Any]") -> None:
        """Delete several, and write the trail for each."""
        for row in queryset:
            self._note(request, row, "deleted")
        super().delete_queryset(request, queryset)

    def render_change_form(self, request: HttpRequest, context: Any, *arguments: Any, **named: Any) -> Any:
        """Offer the way back to the row's condition."""
        row = context["original"]
        about = self.condition_of(row) if row is not None else None
        context["condition"] = None if about is row else about
        return super().render_change_form(request, context, *arguments, **named)

    def _note(self, request: HttpRequest, row: models.Model, act: str) -> None:
        audit.record(request.user, f"{row._meta.model_name}.{act}", row)


def readers_see(condition: Condition) -> str:
    """Say that a change is a draft, and what readers see instead. Queries: one."""
    published = Release.objects.published().filter(condition=condition).values_list("number").first()
    seen = f"release {published[0]}" if published else "nothing of it yet"
    return f"Saved as draft: readers still see {seen}. Submit the condition when it is ready for review."


def own_sources(field: "forms.ModelChoiceField[Any] | None", condition: int | None) -> None:
    """Offer only the condition's own sources; all of them while the condition is not known."""
    if field is not None and condition is not None:
        field.queryset = Source.objects.filter(condition=condition)


def check_sources(formset: "BaseModelFormSet[Any, Any]", condition: int | None) -> None:
    """Put a mistake on every form whose source belongs to another condition."""
    for form in formset.forms:
        source = getattr(form, "cleaned_data", {}).get("source")
        if source is not None and condition is not None and source.condition_id != condition:
            form.add_error(
                "source", "This source belongs to another condition. Choose one of this condition's."
            )
