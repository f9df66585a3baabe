"""What a statement's page offers beside its fields: the preview, the way on, the search, its history."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from conditions.admin import lists, order, preview, statement_history
from conditions.admin.drafts import DraftAdmin
from conditions.models import Statement


class StatementPage(DraftAdmin):
    """The page of one statement, and the search that leads to it."""

    previews = True
    object_history_template = "admin/conditions/statement_history.html"

    def preview_of(self, form: Any, formsets: list[Any]) -> preview.Preview:
        """The statement with its citations."""
        return preview.of_statement(form, formsets)

    def render_change_form(self, request: HttpRequest, context: Any, *arguments: Any, **named: Any) -> Any:
        """Offer the way to the next statement, and the keys of sources."""
        context["goes_on"] = True
        for each in context["inline_admin_formsets"]:
            if known := getattr(each.formset, "known", None):
                context["source_keys"] = known.values()
        return super().render_change_form(request, context, *arguments, **named)

    def response_change(self, request: HttpRequest, obj: Statement) -> HttpResponse:
        """Go on to the next statement where that was asked for."""
        if "_next" not in request.POST:
            return super().response_change(request, obj)
        return order.go_on(request, obj, order.reading(obj))

    def get_urls(self) -> list[URLPattern]:
        """Add the search over statements and sources."""
        found = path("search/", self.admin_site.admin_view(self.search), name="conditions_statement_search")
        return [found, *super().get_urls()]

    def search(self, request: HttpRequest) -> HttpResponse:
        """Statements and sources that hold every word of `?q=`. Queries: four."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return lists.page(request, self.admin_site.each_context(request))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Show every state that the statement had, from the database's own history."""
        row = self.get_object(request, unquote(object_id)) if self.has_view_permission(request) else None
        context = {**(extra_context or {}), "entries": statement_history.entries(row) if row else []}
        return super().history_view(request, object_id, context)
