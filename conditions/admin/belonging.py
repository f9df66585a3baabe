"""Rows that belong to one condition and have pages of their own: they stay with it, and lead to the next."""

from typing import Any
from urllib.parse import parse_qs

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from conditions.admin import order
from conditions.admin.conflicts import VersionedForm
from conditions.admin.drafts import DraftAdmin, own_sources
from conditions.models import Condition

ELSEWHERE = "This source belongs to another condition. Choose one of this condition's."


class BelongingForm(VersionedForm):
    """A row of a condition; two rows of one condition are saved one after the other."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse another condition's source."""
        cleaned = super().clean() or self.cleaned_data
        condition, source = cleaned.get("condition"), cleaned.get("source")
        if condition is not None:
            # Whoever saves another row meanwhile waits, so that a rule over both is asked of what is stored.
            Condition.objects.select_for_update().filter(pk=condition.pk).first()
        if condition is not None and source is not None and source.condition_id != condition.pk:
            self.add_error("source", ELSEWHERE)
        return cleaned


class BelongingAdmin(DraftAdmin):
    """A list by condition, and a page for each row on which the condition does not change any more."""

    form = BelongingForm
    list_select_related = ["condition"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **named: Any) -> Any:
        """Offer the sources of the row's condition, once that is known."""
        form = super().get_form(request, obj, change, **named)
        about = form.base_fields.get("condition")
        if about is not None:
            about.disabled = obj is not None
            about.widget.can_add_related = about.widget.can_change_related = False
            about.widget.can_view_related = False
            own_sources(form.base_fields.get("source"), obj.condition_id if obj else _chosen(request))
        return form

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **named: Any) -> Any:
        """Nobody has checked a new row yet."""
        if db_field.name == "checked":
            named["initial"] = False
        return super().formfield_for_dbfield(db_field, request, **named)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin a new row with the condition whose rows were listed."""
        told: dict[str, Any] = super().get_changeform_initial_data(request)
        chosen = _chosen(request)
        return {**told, **({"condition": chosen} if chosen is not None else {})}

    def in_order(self, row: Any) -> "QuerySet[Any]":
        """The rows of the same condition as an editor goes through them."""
        rows: QuerySet[Any] = self.model._default_manager.filter(condition=row.condition_id)
        return rows.order_by(*(self.ordering or self.model._meta.ordering), "pk")

    def render_change_form(self, request: HttpRequest, context: Any, *arguments: Any, **named: Any) -> Any:
        """Offer the way on."""
        context["goes_on"] = True
        return super().render_change_form(request, context, *arguments, **named)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Go on to the next row where that was asked for."""
        if "_next" not in request.POST:
            return super().response_change(request, obj)
        return order.go_on(request, obj, self.in_order(obj))


def _chosen(request: HttpRequest) -> int | None:
    """The condition of a new row: asked for, or that of the list before; on a POST the form says it."""
    if request.method == "POST":
        return None
    listed = parse_qs(request.GET.get("_changelist_filters", "")).get("condition", [""])[-1]
    told = request.GET.get("condition") or listed
    known = told.isascii() and told.isdecimal() and int(told) < 2**63
    return int(told) if known and Condition.objects.filter(pk=int(told)).exists() else None
