"""Where a source or a feature is used, as links to the pages on which that can be changed."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from conditions.models import Code, Condition, Feature, Source, Statement


@dataclass(frozen=True)
class Use:
    """One place that rests on the row: what it is, what it says, and its address."""

    what: str
    words: str
    address: str


def of_source(source: Source) -> list[Use]:
    """Statements that cite it, then codes and features that name it. Queries: three."""
    condition = reverse("admin:conditions_condition_change", args=[source.condition_id])
    cited = Statement.objects.filter(citations__source=source).order_by("key")
    return [
        *(_statement(each) for each in cited),
        *(Use("Code", str(each), condition) for each in Code.objects.filter(source=source)),
        *(Use("Feature", str(each), condition) for each in Feature.objects.filter(source=source)),
    ]


def of_features(condition: Condition) -> list[Use]:
    """Statements that speak of the condition's features, by name or in lay words. Queries: two."""
    features = list(condition.features.order_by("name"))
    named = Q(pk=None)
    for each in features:
        named |= Q(text__icontains=each.name) | Q(text__icontains=each.lay)
    speaking = list(Statement.objects.filter(named, section__condition=condition).order_by("key"))
    return [
        Use(str(feature), statement.key, _statement(statement).address)
        for feature in features
        for statement in speaking
        if _speaks(statement, feature)
    ]


def _speaks(statement: Statement, feature: Feature) -> bool:
    text = statement.text.lower()
    return feature.name.lower() in text or feature.lay.lower() in text


def _statement(row: Statement) -> Use:
    return Use("Statement", row.key, reverse("admin:conditions_statement_change", args=[row.pk]))
