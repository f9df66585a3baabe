"""What an editing page can do beyond saving: compare, show itself as readers see it, keep unsaved text."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from conditions.admin import conflicts, lost_rows, unsaved
from conditions.admin.conflicts import Beside, VersionedForm


class EditingPage(admin.ModelAdmin[Any]):
    """A change page that loses nobody's words."""

    form = VersionedForm
    previews = False

    class Media:
        css = {"all": ["conditions/editing.css"]}
        js = ["conditions/editing.js"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **named: Any) -> Any:
        """Tell the form which rows stand on its page."""
        form = super().get_form(request, obj, change, **named)
        if issubclass(form, VersionedForm):
            form.beside = self._beside(request, obj)
        return form

    def _beside(self, request: HttpRequest, obj: Any) -> Beside:
        inlines: list[Any] = self.get_inline_instances(request, obj)
        return [(inline.model, inline.get_formset(request, obj).fk.attname) for inline in inlines]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Every field but the version, which the page's template writes."""
        return [name for name in super().get_fields(request, obj) if name != "opened"]

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Keep what was typed in rows that another deleted meanwhile."""
        named: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        if "data" in named:
            named["data"] = lost_rows.brought_back(named["data"], inline.model, prefix)
        return named

    def changeform_view(
        self, request: HttpRequest, object_id: Any = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Answer the buttons that save nothing; every other request goes Django's way."""
        if request.method == "POST" and {"_keep", "_discard", "_restore"} & set(request.POST):
            if not (self.has_change_permission(request) if object_id else self.has_add_permission(request)):
                raise PermissionDenied
            answer = self._scratch(request)
            if answer is not None:
                return answer
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _scratch(self, request: HttpRequest) -> HttpResponse | None:
        """Keep or drop unsaved text; to bring it back, put it in the place of what was posted."""
        if "_keep" in request.POST:
            unsaved.keep(request)
            return HttpResponse(status=204)
        kept = unsaved.bring_back(request) if "_restore" in request.POST else None
        if kept is None:
            unsaved.discard(request)
            return HttpResponseRedirect(request.get_full_path())
        kept = kept.copy()
        kept["_restore"] = "1"
        request.POST = kept  # type: ignore[assignment]  # a QueryDict, as Django puts there itself
        return None

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Forget the unsaved text, which is saved now."""
        super().save_related(request, form, formsets, change)
        unsaved.discard(request)

    def render_change_form(self, request: HttpRequest, context: Any, *arguments: Any, **named: Any) -> Any:
        """Add the conflict that a save ran into, and the time of unsaved text."""
        form = context["adminform"].form
        formsets = [each.formset for each in context["inline_admin_formsets"]]
        if "_preview" in request.POST:
            context["preview"] = self.preview_of(form, formsets)
            if request.headers.get("X-Requested-With"):
                return render(request, "admin/conditions/_preview.html", context)
        context |= {"conflict": conflicts.find(form, formsets), "previews": self.previews}
        context["left_at"] = unsaved.left_at(request) if request.method == "GET" else None
        return super().render_change_form(request, context, *arguments, **named)

    def preview_of(self, form: Any, formsets: list[Any]) -> Any:
        """What readers would see of the typed form; for pages that preview nothing, nothing."""
        return None
