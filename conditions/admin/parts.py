"""A condition's codes, features, figures, must-says and directory: a list of each, a page for each row."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from conditions.admin import uses
from conditions.admin.belonging import BelongingAdmin, BelongingForm
from conditions.admin.statement import ByCondition, ByPopulation
from conditions.figures import figure
from conditions.models import Code, Fact, Feature, MustSay, Organisation


@admin.register(Code)
class CodeAdmin(BelongingAdmin):
    """Codes, and where none was found."""

    list_display = ["__str__", "display", "relation", "checked", "source", "condition"]
    list_select_related = ["condition", "source"]
    list_filter = [ByCondition]
    search_fields = ["system", "code", "display"]


class FeatureForm(BelongingForm):
    """A feature with its term in the one form that the database takes."""

    hpo = forms.RegexField(
        r"^HP:[0-9]{7}$",
        label="HPO term",
        error_messages={"invalid": "Write HP: and seven digits, like HP:0010543."},
    )


@admin.register(Feature)
class FeatureAdmin(BelongingAdmin):
    """Signs and symptoms."""

    form = FeatureForm
    list_display = ["hpo", "name", "lay", "frequency", "population", "condition"]
    list_filter = [ByCondition, ByPopulation]
    search_fields = ["hpo", "name", "lay"]

    def render_change_form(self, request: HttpRequest, context: Any, *arguments: Any, **named: Any) -> Any:
        """Show which statements speak of it."""
        context["uses"] = uses.of_feature(context["original"]) if context["original"] else []
        return super().render_change_form(request, context, *arguments, **named)


@admin.register(Fact)
class FactAdmin(BelongingAdmin):
    """Figures; of a kind, one is displayed."""

    list_display = ["key", "about", "figure", "population", "displayed", "source", "condition"]
    list_select_related = ["condition", "source"]
    list_filter = [ByCondition, ByPopulation]
    search_fields = ["key", "about", "place", "reason"]
    fields = [
        "condition",
        ("key", "measure", "population"),
        "about",
        ("value", "low", "high", "unit"),
        ("denominator", "place", "period"),
        ("source", "checked"),
        ("displayed", "reason"),
    ]

    @admin.display(description="figure")
    def figure(self, row: Fact) -> str:
        """Give the number as readers see it."""
        return figure({name: getattr(row, name) for name in ("value", "low", "high", "unit")})


@admin.register(MustSay)
class MustSayAdmin(BelongingAdmin):
    """What readers must be told; on a statement's page is chosen that it says it."""

    list_display = ["key", "text", "condition"]
    list_filter = [ByCondition]
    search_fields = ["key", "text"]

    def render_change_form(self, request: HttpRequest, context: Any, *arguments: Any, **named: Any) -> Any:
        """Show which statements say it."""
        context["uses"] = uses.of_must_say(context["original"]) if context["original"] else []
        return super().render_change_form(request, context, *arguments, **named)


@admin.register(Organisation)
class OrganisationAdmin(BelongingAdmin):
    """Where to turn."""

    list_display = ["name", "kind", "country", "checked_on", "condition"]
    list_filter = [ByCondition]
    search_fields = ["key", "name", "country"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
