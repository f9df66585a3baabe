"""Editing a condition with what belongs to all of it, and submitting it for review."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db import models
from django.forms import BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property

from conditions import beginning, publishing, snapshot
from conditions.admin import importing, translations, uses
from conditions.admin.acts import Act, ask_and_do
from conditions.admin.drafts import DraftAdmin, StackedInline, TabularInline, check_sources, own_sources
from conditions.admin.findings import found
from conditions.admin.lists import ByStanding
from conditions.models import Code, Condition, Fact, Feature, MustSay, Name, Organisation, Release, Source
from portal.models import User


class SourcedFormSet(BaseInlineFormSet[Any, Any, Any]):
    """Rows of a condition that name a source; the source must be the condition's own."""

    def clean(self) -> None:
        """Refuse another condition's source."""
        super().clean()
        check_sources(self, self.instance.pk)

    def add_fields(self, form: Any, index: int | None) -> None:
        """Offer the condition's own sources."""
        super().add_fields(form, index)
        own_sources(form.fields.get("source"), self.instance.pk)
        if self.instance.pk and "source" in form.fields:
            form.fields["source"].choices = self.choices

    @cached_property
    def choices(self) -> list[tuple[Any, str]]:
        """The sources to choose from, asked for once and not for every row."""
        sources = Source.objects.filter(condition=self.instance.pk)
        return [("", "---------"), *((source.pk, str(source)) for source in sources)]


class NameInline(TabularInline):
    """Other names."""

    model = Name
    extra = 0


class CodeInline(TabularInline):
    """Codes; write sources first."""

    model = Code
    formset = SourcedFormSet
    extra = 0


class FeatureForm(forms.ModelForm[Feature]):
    """A feature with its term in the one form that the database takes."""

    hpo = forms.RegexField(
        r"^HP:[0-9]{7}$",
        label="HPO term",
        error_messages={"invalid": "Write HP: and seven digits, like HP:0010543."},
    )


class FeatureInline(TabularInline):
    """Features; write sources first."""

    model = Feature
    form = FeatureForm
    formset = SourcedFormSet
    extra = 0


class FactFormSet(SourcedFormSet):
    """A condition's figures; of a kind, one is displayed."""

    def clean(self) -> None:
        """Refuse two displayed figures of a kind that come in together; the model sees stored ones."""
        super().clean()
        seen: set[tuple[Any, ...]] = set()
        for form in self.forms:
            told = getattr(form, "cleaned_data", {})
            if not told.get("displayed") or told.get("DELETE") or not told.get("about"):
                continue
            kind = (told.get("measure"), told["about"], told.get("population"))
            if kind in seen:
                form.add_error("displayed", "Another figure of this kind is displayed. Choose one of them.")
            seen.add(kind)


class FactInline(StackedInline):
    """Figures; write sources first."""

    model = Fact
    formset = FactFormSet
    extra = 0
    classes = ["collapse"]
    fields = [
        ("key", "measure", "population"),
        "about",
        ("value", "low", "high", "unit"),
        ("denominator", "place", "period"),
        ("source", "checked"),
        ("displayed", "reason"),
    ]


class MustSayInline(TabularInline):
    """What readers must be told; on a statement's page is chosen that it says it."""

    model = MustSay
    extra = 0


class OrganisationInline(TabularInline):
    """Where to turn."""

    model = Organisation
    extra = 0
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}


@admin.register(Condition)
class ConditionAdmin(DraftAdmin):
    """A condition is never deleted: what was published of it is withdrawn."""

    list_display = ["name", "short_name", "slug"]
    list_filter = [ByStanding]
    search_fields = ["name", "short_name", "names__text"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [NameInline, CodeInline, FeatureInline, FactInline, MustSayInline, OrganisationInline]

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
        """Show what is still empty."""
        if (condition := context.get("original")) is not None:
            context["gaps"] = beginning.gaps(condition)
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
    """Give the release that waits, the one that readers see, and where features are named. Queries: four."""
    if not pk.isdecimal() or int(pk) >= 2**63:
        return {}
    releases = Release.objects.filter(condition=int(pk)).select_related("condition").defer("snapshot")
    named = uses.of_features(Condition(pk=int(pk)))
    return {"pending": releases.pending().first(), "published": releases.published().first(), "uses": named}
