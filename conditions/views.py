"""The public pages: read by anybody, signed in or not; releases only, never a draft."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from conditions import pages, reading, search, standing
from conditions.caching import public_page
from conditions.history import history, withdrawals
from conditions.notices import Gone, missing
from conditions.standing import Standing

A_PAGE = 50


@public_page
def list_conditions(request: HttpRequest) -> HttpResponse:
    """Every published condition, or those that `?q=` may mean, with what they say of it. Queries: two."""
    query = request.GET.get("q", "").strip()
    whom = reading.audience(request.GET.get("for"))
    found = search.search(query, whom) if query else search.everything()
    context = {
        "query": query[: search.LONGEST],
        "whom": whom,
        "coded": search.looks_like_code(query),
        "page": Paginator(found, A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "conditions/list.html", context)


@public_page
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """The latest published release, for everyone or for `?for=child|adult`."""
    return pages.show(request, _standing(slug))


@public_page
def release(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A published release by its number, whether or not a later one has replaced it."""
    return pages.show(request, _standing(slug, number))


@public_page
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """What each published release changed, newest first."""
    steps = history(slug)
    if not steps:
        raise missing(slug)
    context = {"steps": steps, "latest": steps[0].release, "withdrawals": withdrawals(slug)}
    stands = standing.of(slug)
    context["archived"] = stands.archived if stands else None
    return render(request, "conditions/changes.html", context)


@public_page
def data(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    """The latest published release for machines, or the one with the number."""
    return pages.data(_standing(slug, number))


@public_page
def handout(request: HttpRequest, slug: str, number: int | None = None) -> HttpResponse:
    """The latest published release to print and hand out, or the one with the number."""
    return pages.handout(request, _standing(slug, number))


def _standing(slug: str, number: int | None = None) -> Standing:
    """The latest published release, unless archived, or the one with the number; else 404 or 410."""
    found = standing.of(slug, number)
    if found is None:
        raise missing(slug, number)
    if found.archived and number is None:
        raise Gone([found.archived], reverse("conditions:release", args=[slug, found.number]))
    return found
