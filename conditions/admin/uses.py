"""Where a source, a feature or a must-say is used, as links to the pages on which that can be changed."""

from dataclasses import dataclass

from django.db.models import Model, Q
from django.urls import reverse

from conditions.models import Code, Fact, Feature, MustSay, Source, Statement

NAMING: tuple[type[Model], ...] = (Code, Feature, Fact)  # what rests on a source beside statements


@dataclass(frozen=True)
class Use:
    """One place that rests on the row: what it is, what it says, and its address."""

    what: str
    words: str
    address: str


def of_source(source: Source) -> list[Use]:
    """Statements that cite it, then codes, features and figures that name it. Queries: four."""
    cited = Statement.objects.filter(citations__source=source).order_by("key")
    named = [
        Use(str(model._meta.verbose_name).capitalize(), str(row), _page(row))
        for model in NAMING
        for row in model._default_manager.filter(source=source)
    ]
    return [*(_statement(each) for each in cited), *named]


def of_feature(feature: Feature) -> list[Use]:
    """Statements of its condition that speak of it, by name or in lay words. Queries: one."""
    speaks = Q(text__icontains=feature.name) | Q(text__icontains=feature.lay)
    speaking = Statement.objects.filter(speaks, section__condition=feature.condition_id)
    return [_statement(each) for each in speaking.order_by("key")]


def of_must_say(must_say: MustSay) -> list[Use]:
    """Statements that say it. Queries: one."""
    return [_statement(each) for each in Statement.objects.filter(sayings__must_say=must_say).order_by("key")]


def _statement(row: Statement) -> Use:
    return Use("Statement", row.key, _page(row))


def _page(row: Model) -> str:
    return reverse(f"admin:conditions_{row._meta.model_name}_change", args=[row.pk])
