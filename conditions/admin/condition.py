"""Editing a condition's own words and names, the way to all that it holds, and submitting it for review."""

from typing import Any, cast

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from conditions import beginning, publishing, snapshot
from conditions.admin import contents, importing, translations
from conditions.admin.acts import Act, ask_and_do
from conditions.admin.drafts import DraftAdmin, TabularInline
from conditions.admin.findings import found
from conditions.admin.lists import ByStanding
from conditions.models import Condition, Name, Release
from portal.models import User


class NameInline(TabularInline):
    """Other names, of which there may be dozens."""

    model = Name
    extra = 0
    classes = ["collapse"]


@admin.register(Condition)
class ConditionAdmin(DraftAdmin):
    """A condition is never deleted: what was published of it is withdrawn."""

    list_display = ["name", "short_name", "slug"]
    list_filter = [ByStanding]
    search_fields = ["name", "short_name", "names__text"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [NameInline]

    def condition_of(self, row: Condition) -> Condition:
        """Give the condition itself."""
        return row

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody may."""
        return False

    def get_prepopulated_fields(self, request: HttpRequest, obj: object = None) -> Any:
        """Suggest an address for a new condition only: a published address does not change."""
        return {} if obj else self.prepopulated_fields

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> list[str]:
        """Keep the address once it exists, so that no link breaks."""
        return ["slug"] if obj else []

    def get_urls(self) -> list[URLPattern]:
        """Add the page that submits, and those of sheets and translations."""
        submit = path(
            "<int:pk>/submit/", self.admin_site.admin_view(self.submit), name="conditions_condition_submit"
        )
        more = [*importing.pages(self.admin_site), *translations.pages(self.admin_site)]
        return [submit, *more, *super().get_urls()]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Give a new condition the usual sections."""
        super().save_related(request, form, formsets, change)
        if not change:
            beginning.begin(cast("User", request.user), form.instance)

    def render_change_form(self, request: HttpRequest, context: Any, *arguments: Any, **named: Any) -> Any:
        """Show what it holds on other pages, and what is still empty."""
        if (condition := context.get("original")) is not None:
            context |= {"kinds": contents.kinds(condition), "gaps": beginning.gaps(condition)}
        return super().render_change_form(request, context, *arguments, **named)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Show the links to submit, to the release that waits and to the one that readers see."""
        context = {**(extra_context or {}), **_standing(object_id)}
        context["may_submit"] = request.user.has_perm("conditions.submit_release")
        return super().change_view(request, object_id, form_url, context)

    def submit(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask for the reason, then submit."""
        if not request.user.has_perm("conditions.submit_release") or pk >= 2**63:
            raise Http404
        signed_in, condition = cast("User", request.user), get_object_or_404(Condition, pk=pk)
        act = Act(
            title=f"Submit {condition} for review",
            text="The draft is frozen as it stands. A reviewer who edited none of it reads and approves it.",
            label="What changed (readers see it)",
            button="Submit for review",
            done="Submitted. A clinical reviewer can approve it now.",
            cancel=reverse("admin:conditions_condition_change", args=[pk]),
        )
        return ask_and_do(
            request,
            act,
            lambda reason: publishing.submit(signed_in, condition, reason=reason),
            found(pk, snapshot.take(condition)),
        )


def _standing(pk: str) -> dict[str, Any]:
    """Give the release that waits and the one that readers see. Queries: two."""
    if not pk.isdecimal() or int(pk) >= 2**63:
        return {}
    releases = Release.objects.filter(condition=int(pk)).select_related("condition").defer("snapshot")
    return {"pending": releases.pending().first(), "published": releases.published().first()}
