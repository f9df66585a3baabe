"""The editors' home: what waits, how much of it, and the way to it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from conditions.duties import alone, overdue_reviews
from conditions.models import Citation, Condition, Edit, Feedback, Release, Source, Statement
from conditions.planning import held
from conditions.watch import watch
from portal.models import User

SHOWN = 5  # rows of a pile that the home names; the rest is behind its link


@dataclass(frozen=True)
class Pile:
    """One kind of work: how many, the first of them with their addresses, all of them, or why none."""

    title: str
    count: int
    rows: list[tuple[str, str]]
    address: str
    empty: str


def piles(user: User) -> list[Pile]:
    """Every pile in the order shown, but readers' words for editors alone. Queries: two for each or three."""
    reads = user.has_perm("conditions.view_feedback")
    return [pile() for pile in PILES if reads or pile is not _asked]


def standing(conditions: "QuerySet[Condition]", word: str) -> "QuerySet[Condition]":
    """Conditions that stand at `word`: draft, review, returned or overdue; all of them for another word."""
    about = Release.objects.filter(condition=OuterRef("pk")).order_by("-submitted_at", "-pk")
    newest = conditions.annotate(newest=Subquery(about.values("state")[:1]))
    if word == "draft":
        edits = Edit.objects.filter(condition=OuterRef("pk")).order_by().values("condition")
        told = conditions.annotate(
            edited_at=Subquery(edits.annotate(last=Max("at")).values("last")),
            frozen_at=Subquery(about.values("submitted_at")[:1]),
        )
        return told.filter(Q(frozen_at=None) | Q(edited_at__gt=F("frozen_at")))
    if word == "review":
        return newest.filter(newest__in=[Release.State.SUBMITTED, Release.State.APPROVED])
    if word == "returned":
        return newest.filter(newest=Release.State.RETURNED)
    if word == "overdue":
        return conditions.filter(pk__in=[release.condition_id for release, _ in overdue_reviews()])
    return conditions


def uncited(statements: "QuerySet[Statement]") -> "QuerySet[Statement]":
    """Statements that no source bears out."""
    borne = Citation.objects.filter(statement=OuterRef("pk"), stance=Citation.Stance.SUPPORTS)
    return statements.filter(~Exists(borne))


def uncompared(statements: "QuerySet[Statement]") -> "QuerySet[Statement]":
    """Statements with a citation that nobody has compared with its source."""
    return statements.filter(Exists(Citation.objects.filter(statement=OuterRef("pk"), checked=False)))


def contradicted(statements: "QuerySet[Statement]") -> "QuerySet[Statement]":
    """Statements that a source contradicts, while nobody has decided and readers are not told."""
    against = Citation.objects.filter(statement=OuterRef("pk"), stance=Citation.Stance.CONTRADICTS)
    return statements.filter(Exists(against), dissent="", decision="")


def unchecked(sources: "QuerySet[Source]") -> "QuerySet[Source]":
    """Sources of which nobody has confirmed that they exist and say this."""
    return sources.filter(checked=False)


def lost(sources: "QuerySet[Source]") -> "QuerySet[Source]":
    """Sources that the operator's lists name: retracted, or with an address that led nowhere."""
    told = watch()
    named = sources.annotate(named=Lower("doi"))
    return named.filter(Q(url__in=told.dead) | Q(named__in=told.retracted) | Q(pmid__in=told.retracted))


def unsigned(releases: "QuerySet[Release]") -> "QuerySet[Release]":
    """Withdrawn releases that wait for the second signature, due within a day."""
    return releases.filter(pk__in=alone().values("release"))


def _conditions(title: str, word: str, empty: str) -> Callable[[], Pile]:
    return lambda: _pile(
        title, standing(Condition.objects.all(), word), "condition", f"standing={word}", empty
    )


def _statements(title: str, ask: Callable[[Any], Any], word: str, empty: str) -> Callable[[], Pile]:
    def pile() -> Pile:
        return _pile(title, ask(Statement.objects.all()), "statement", f"cited={word}", empty)

    return pile


def _sources(title: str, ask: Callable[[Any], Any], word: str, empty: str) -> Callable[[], Pile]:
    return lambda: _pile(title, ask(Source.objects.all()), "source", f"checking={word}", empty)


def _unsigned() -> Pile:
    rows = unsigned(Release.objects.select_related("condition").defer("snapshot"))
    title, empty = "Withdrawn with one signature", "Every withdrawal has its two signatures."
    return _pile(title, rows, "release", "held=unsigned", empty)


def _held() -> Pile:
    rows = held(Release.objects.select_related("condition").defer("snapshot"))
    title, empty = "Held back at their time", "No planned release is held back."
    return _pile(title, rows, "release", "held=yes", empty, _planned)


def _planned(release: Release) -> str:
    return f"{release.condition}, planned for {timezone.localtime(release.publish_at):%-d %B %Y, %H:%M}"


def _asked() -> Pile:
    rows = Feedback.objects.owed().select_related("condition")
    return _pile("Asked by readers", rows, "feedback", "status=owed", "Readers are owed no answer.")


def _pile(
    title: str, rows: "QuerySet[Any]", word: str, query: str, empty: str, told: Callable[[Any], str] = str
) -> Pile:
    first = [(told(row), reverse(f"admin:conditions_{word}_change", args=[row.pk])) for row in rows[:SHOWN]]
    address = f"{reverse(f'admin:conditions_{word}_changelist')}?{query}"
    return Pile(title, rows.count(), first, address, empty)


PILES: list[Callable[[], Pile]] = [
    _unsigned,
    _conditions("Draft", "draft", "Nothing is changed that is not submitted."),
    _conditions("In review", "review", "Nothing waits for a reviewer."),
    _held,
    _conditions("Returned", "returned", "No reviewer has returned anything."),
    _conditions("Review overdue", "overdue", "No review is overdue."),
    _asked,
    _statements("Without a source", uncited, "none", "Every statement has a source."),
    _statements(
        "Contradicted by a source", contradicted, "contradicted", "No contradiction waits for a decision."
    ),
    _statements(
        "Not compared with the source",
        uncompared,
        "uncompared",
        "Every citation was compared.",
    ),
    _sources("Sources not checked", unchecked, "open", "Every source is checked."),
    _sources("Retracted, or a broken link", lost, "lost", "No source is known as retracted or gone."),
]
