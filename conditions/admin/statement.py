"""Editing sections, statements with their citations, and sources."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.functional import cached_property

from conditions.admin import uses
from conditions.admin.belonging import BelongingAdmin
from conditions.admin.conflicts import VersionedForm
from conditions.admin.drafts import TabularInline, check_sources
from conditions.admin.lists import ByChecking, ByCitations
from conditions.admin.picking import KeyInput, SourceByKey
from conditions.admin.statement_page import StatementPage
from conditions.models import (
    Citation,
    Condition,
    MustSay,
    Population,
    Saying,
    Section,
    Source,
    Statement,
)


class ByCondition(admin.SimpleListFilter):
    """Choose a condition; `path` leads from the listed rows to it."""

    title = "condition"
    parameter_name = "condition"
    path = "condition"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """Every condition by name. Queries: one."""
        return [(str(pk), name) for pk, name in Condition.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Only the chosen condition's rows; a value that is none of the choices filters nothing."""
        chosen = self.value()
        known = {str(value) for value, _ in self.lookup_choices}
        return queryset.filter(**{self.path: chosen}) if chosen in known else queryset


class ByConditionOfSection(ByCondition):
    """The same for statements."""

    path = "section__condition"


class ByPopulation(admin.SimpleListFilter):
    """Whom statements are about; unlike Django's own filter, a made-up value is no error."""

    title = "whom it is about"
    parameter_name = "population"

    def lookups(self, request: HttpRequest, model_admin: object) -> Any:
        """Give the three groups."""
        return Population.choices

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Only the chosen group's rows."""
        return queryset.filter(population=self.value()) if self.value() in Population.values else queryset


@admin.register(Section)
class SectionAdmin(BelongingAdmin):
    """Headings and their order."""

    list_display = ["title", "key", "position", "kind", "urgency", "condition"]
    list_filter = [ByCondition]
    search_fields = ["title", "key"]


class SectionField(forms.ModelChoiceField[Section]):
    """Sections of several conditions may have one title."""

    def label_from_instance(self, obj: Section) -> str:
        """Name the condition, too."""
        return f"{obj.condition}: {obj.title}"


class StatementForm(VersionedForm):
    """A statement stays in its condition, where its key stands once, since releases are compared by it."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        section: Any = self.fields.get("section")
        if section is not None and self.instance.pk:
            own = Section.objects.filter(condition=self.instance.section.condition_id)
            section.queryset = own.select_related("condition")

    def clean(self) -> dict[str, Any] | None:
        """Refuse a key that another section of the condition has."""
        cleaned = super().clean() or self.cleaned_data
        section, key = cleaned.get("section"), cleaned.get("key")
        if section is not None and key:
            same = Statement.objects.filter(section__condition=section.condition_id, key=key)
            if same.exclude(pk=self.instance.pk).exists():
                self.add_error("key", ValidationError("Another statement of this condition has this key."))
        return cleaned


class CitationFormSet(BaseInlineFormSet[Citation, Statement, Any]):
    """A statement's citations; at least one, from the condition's own sources."""

    def clean(self) -> None:
        """Refuse a statement without a citation, and another condition's source."""
        super().clean()
        section = self.instance.section if self.instance.section_id else None
        check_sources(self, section.condition_id if section else None)
        if not any(self.errors) and not any(_stays(form) for form in self.forms):
            raise ValidationError("Every statement needs a source. Add a citation below.")

    def add_fields(self, form: Any, index: int | None) -> None:
        """Offer the condition's own sources."""
        super().add_fields(form, index)
        field = form.fields.get("source")
        if isinstance(field, SourceByKey):
            field.known, field.condition = self.known, self._condition

    @cached_property
    def known(self) -> dict[int, Source]:
        """The condition's sources by number; all of them while the condition is not known. Queries: one."""
        sources = Source.objects.select_related("condition")
        if self.instance.pk:
            sources = sources.filter(condition=self._condition())
        return {each.pk: each for each in sources}

    def _condition(self) -> int | None:
        return self.instance.section.condition_id if self.instance.section_id else None


def _stays(form: forms.BaseForm) -> bool:
    data = form.cleaned_data
    return bool(data.get("source")) and not data.get("DELETE")


class CitationInline(TabularInline):
    """Where the statement is borne out."""

    model = Citation
    formset = CitationFormSet
    extra = 1

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **named: Any) -> Any:
        """Nobody has compared a new citation with its source yet."""
        if db_field.name == "checked":
            named["initial"] = False
        return super().formfield_for_dbfield(db_field, request, **named)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **named: Any) -> Any:
        """A source is chosen by its key."""
        if db_field.name == "source":
            named = {"form_class": SourceByKey, "queryset": Source.objects.all(), "widget": KeyInput()}
        return super().formfield_for_foreignkey(db_field, request, **named)


class SayingFormSet(BaseInlineFormSet[Saying, Statement, Any]):
    """Which must-says of its own condition a statement says."""

    def clean(self) -> None:
        """Refuse another condition's."""
        super().clean()
        condition = self.instance.section.condition_id if self.instance.section_id else None
        for form in self.forms:
            chosen = getattr(form, "cleaned_data", {}).get("must_say")
            if chosen is not None and condition is not None and chosen.condition_id != condition:
                form.add_error(
                    "must_say", "This belongs to another condition. Choose one of this condition's."
                )

    def add_fields(self, form: Any, index: int | None) -> None:
        """Offer the condition's own."""
        super().add_fields(form, index)
        if self.instance.pk and "must_say" in form.fields:
            own = MustSay.objects.filter(condition=self.instance.section.condition_id)
            form.fields["must_say"].queryset = own


class SayingInline(TabularInline):
    """What must be said, and that this statement says it."""

    model = Saying
    formset = SayingFormSet
    extra = 0


@admin.register(Statement)
class StatementAdmin(StatementPage):
    """One checkable claim and its citations."""

    form = StatementForm
    list_display = ["key", "text_begins", "section", "population", "cited"]
    list_select_related = ["section__condition"]
    list_filter = [ByConditionOfSection, ByPopulation, ByCitations]
    search_fields = ["key", "question", "text", "professional"]
    ordering = ["section__condition__name", "section__position", "position", "key"]
    fields = [
        *("section", "key", "position", "population"),
        *("question", "text", "professional", "dissent"),
        *("decision", ("decided_by", "decided_on")),
    ]
    inlines = [CitationInline, SayingInline]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **named: Any) -> Any:
        """A section is named with its condition."""
        if db_field.name == "section":
            sections = Section.objects.select_related("condition").order_by("condition__name", "position")
            named = {"form_class": SectionField, "queryset": sections}
        return super().formfield_for_foreignkey(db_field, request, **named)

    def condition_of(self, row: Statement) -> Condition:
        """Give the section's condition."""
        return row.section.condition

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Count citations in the same query."""
        counted: QuerySet[Any] = super().get_queryset(request).annotate(count=Count("citations"))
        return counted

    @admin.display(description="text")
    def text_begins(self, row: Statement) -> str:
        """Give the first words."""
        return row.text if len(row.text) <= 90 else f"{row.text[:90].rsplit(' ', 1)[0]} …"

    @admin.display(description="sources", ordering="count")
    def cited(self, row: Any) -> str:
        """Say how many sources bear the statement out."""
        return "none yet" if not row.count else f"{row.count} source{'' if row.count == 1 else 's'}"


@admin.register(Source)
class SourceAdmin(BelongingAdmin):
    """Works that statements rest on; one that is cited cannot be deleted."""

    list_display = ["key", "title", "kind", "year", "read", "checked", "cited"]
    list_filter = [ByCondition, ByChecking]
    search_fields = ["key", "title", "authors", "doi", "pmid"]
    # An address typed without a scheme is https, as it will be for every form from Django 6 on.
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Count citations in the same query."""
        counted: QuerySet[Any] = super().get_queryset(request).annotate(count=Count("citations"))
        return counted

    def render_change_form(self, request: HttpRequest, context: Any, *arguments: Any, **named: Any) -> Any:
        """Show where it is used."""
        context["uses"] = uses.of_source(context["original"]) if context["original"] else []
        return super().render_change_form(request, context, *arguments, **named)

    @admin.display(description="cited", ordering="count")
    def cited(self, row: Any) -> str:
        """Say how often statements cite it."""
        return f"cited {row.count} time{'' if row.count == 1 else 's'}"
