"""Filters of the lists that the home leads to, and one search over statements and sources."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from conditions.admin import home
from conditions.models import Source, Statement
from conditions.planning import held

LONGEST = 100  # characters of a query that are looked at
SHOWN = 50  # of each kind


class ByPile(admin.SimpleListFilter):
    """The rows of one pile of the home; a made-up value filters nothing."""

    piles: dict[str, tuple[str, Any]] = {}

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        """The piles by their labels."""
        return [(word, label) for word, (label, _) in self.piles.items()]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Any]") -> "QuerySet[Any]":
        """Only the chosen pile's rows."""
        chosen = self.piles.get(str(self.value()))
        found: QuerySet[Any] = chosen[1](queryset) if chosen else queryset
        return found


class ByStanding(ByPile):
    """Where a condition stands on its way to readers."""

    title = "standing"
    parameter_name = "standing"
    piles = {
        "draft": ("Draft", lambda rows: home.standing(rows, "draft")),
        "review": ("In review", lambda rows: home.standing(rows, "review")),
        "returned": ("Returned", lambda rows: home.standing(rows, "returned")),
        "overdue": ("Review overdue", lambda rows: home.standing(rows, "overdue")),
    }


class ByHolding(ByPile):
    """Releases that were not published at their time, or wait for a second signature."""

    title = "what it waits for"
    parameter_name = "held"
    piles = {
        "yes": ("Held back at its time", held),
        "unsigned": ("Withdrawn with one signature", home.unsigned),
    }


class ByCitations(ByPile):
    """How well a statement is borne out."""

    title = "sources"
    parameter_name = "cited"
    piles = {
        "none": ("Without a source", home.uncited),
        "contradicted": ("Contradicted by a source", home.contradicted),
        "uncompared": ("Not compared with the source", home.uncompared),
    }


class ByChecking(ByPile):
    """Whether a source was checked, and is still there."""

    title = "checking"
    parameter_name = "checking"
    piles = {
        "open": ("Not checked", home.unchecked),
        "lost": ("Retracted, or a broken link", home.lost),
    }


def page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """The search: a field, and what was found of each kind."""
    query = request.GET.get("q", "").strip()[:LONGEST]
    context |= {"title": "Search statements and sources", "query": query}
    if query:
        found = {"statements": statements(query), "sources": sources(query)}
        context |= {f"{word}_count": rows.count() for word, rows in found.items()}
        context |= {word: rows[:SHOWN] for word, rows in found.items()}
    return render(request, "admin/conditions/search.html", context)


def statements(query: str) -> "QuerySet[Statement]":
    """Statements that hold every word of the query."""
    fields = ("key", "question", "text", "professional", "dissent", "decision", "section__title")
    found = Statement.objects.filter(_every_word(query, *fields))
    return found.select_related("section__condition").order_by("section__condition__name", "key")


def sources(query: str) -> "QuerySet[Source]":
    """Sources that hold every word of the query."""
    fields = ("key", "title", "authors", "published_in", "doi", "pmid", "url", "note")
    found = Source.objects.filter(_every_word(query, *fields))
    return found.select_related("condition").order_by("condition__name", "key")


def _every_word(query: str, *fields: str) -> Q:
    every = Q()
    for word in query.replace("\0", "")[:LONGEST].split():
        somewhere = Q()
        for field in fields:
            somewhere |= Q(**{f"{field}__icontains": word})
        every &= somewhere
    return every
