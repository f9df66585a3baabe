"""The public pages: read by anybody, signed in or not; releases only, never a draft."""

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from conditions import handouts, reading, search
from conditions.caching import public_page
from conditions.export import as_data
from conditions.history import history, withdrawals
from conditions.models import Release

A_PAGE = 50


@public_page
def list_conditions(request: HttpRequest) -> HttpResponse:
    """Every published condition, or those that `?q=` may mean. Queries: one."""
    query = request.GET.get("q", "").strip()
    found = search.find(query) if query else search.everything()
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    return render(request, "conditions/list.html", {"query": query[: search.LONGEST], "page": page})


@public_page
def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """The latest published release, for everyone or for `?for=child|adult`."""
    return _page(request, _published(slug))


@public_page
def release(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A published release by its number, whether or not a later one has replaced it."""
    return _page(request, _published(slug, number))


@public_page
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    """What each published release changed, newest first."""
    steps = history(slug)
    if not steps:
        raise Http404
    context = {"steps": steps, "latest": steps[0].release, "withdrawals": withdrawals(slug)}
    return render(request, "conditions/changes.html", context)


@public_page
def data(request: HttpRequest, slug: str) -> HttpResponse:
    """The latest published release for machines."""
    return JsonResponse(as_data(_published(slug)), json_dumps_params={"ensure_ascii": False})


@public_page
def handout(request: HttpRequest, slug: str) -> HttpResponse:
    """The latest published release to print and hand out."""
    shown = _published(slug)
    whom = reading.audience(request.GET.get("for"))
    name = "-".join(filter(None, [slug, f"release-{shown.number}", whom]))
    return HttpResponse(
        handouts.to_pdf(shown, whom),
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{name}.pdf"'},
    )


@public_page
def lookup(request: HttpRequest) -> HttpResponse:
    """Find by code: straight to the condition when one is meant exactly, else a list or a form."""
    system, code = (request.GET.get(word, "").strip()[: search.LONGEST] for word in ("system", "code"))
    found = search.by_code(system, code) if system and code else []
    if len(found) == 1 and found[0].relation == "exact":
        return redirect("conditions:detail", found[0].slug)
    context = {"system": system, "code": code, "found": found}
    return render(request, "conditions/lookup.html", context)


def _published(slug: str, number: int | None = None) -> Release:
    """The latest published release, or the one with the number; 404 for every other state."""
    releases = Release.objects.published().filter(condition__slug=slug).select_related("condition")
    if number is not None:
        # A number beyond the column's range is nobody's.
        releases = releases.filter(number=number) if number < 2**31 else releases.none()
    found = releases.first()
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, shown: Release) -> HttpResponse:
    whom, words = reading.audience(request.GET.get("for")), reading.wording(request.GET.get("words"))
    latest = Release.objects.published().filter(condition=shown.condition_id).values_list("number").first()
    approvals = shown.approvals.filter(verdict="approved").order_by("-at")
    context = {
        "release": shown,
        "edition": reading.edition(shown.snapshot, whom, words),
        "approval": approvals.first() if shown.clinically_approved else None,
        "newer": latest[0] if latest and latest[0] != shown.number else None,
        "notice": "" if shown.clinically_approved else reading.NOT_APPROVED,
    }
    return render(request, "conditions/detail.html", context)
