"""The clinic's list of who needs a look, the search for one patient, and rows to take along."""

from urllib.parse import parse_qsl

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from portal import audit
from portal.auth import fresh
from portal.middleware import SignedIn
from tracker import worklist as lists
from tracker.forms.worklist import SearchForm, ticked
from tracker.pace import paced_taking
from tracker.worklist import memory, selection
from tracker.worklist.filters import tidy
from tracker.worklist.rows import Row
from tracker.worklist.undo import undoable

RESET = "reset=1"  # an address: forget the filters
NOBODY = "Tick the patients to take along first."
WORDS = {"sort": "order"}  # how a filter is called when it was ignored


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@permission_required("tracker.view_diary", raise_exception=True)
def worklist(request: SignedIn) -> HttpResponse:
    """Who needs a look, and why; a POST searches, so that no name is ever in an address.

    Opened without a query it goes on to the filters used last.
    """
    if request.method == "POST":
        return _search(request)
    if "reset" in request.GET:
        return _forgetful(request)
    if not request.GET and (last := memory.remembered(request, request.user)):
        return redirect(f"{reverse('tracker:worklist')}?{last}")
    return _tidied(request) or _list(request)


def _tidied(request: SignedIn) -> HttpResponse | None:
    """To the short address, when a form sent its empty fields along; without any, the filters are reset."""
    given = request.GET.dict()
    told = tidy(given)
    if len(given) == len(parse_qsl(told)):
        return None
    return redirect(f"{reverse('tracker:worklist')}?{told or RESET}")


def _list(request: SignedIn) -> HttpResponse:
    at = lists.desk(request.user, timezone.now())
    shown = lists.read(at, request.GET.dict(), request.GET.get("page", "1"))
    last = undoable(at) if request.user.has_perm("tracker.review_diary") else None
    named = [row.key for row in shown.rows] + ([last.patient_id] if last else [])
    audit.record(request.user, "worklist viewed", "worklist", patients=list(dict.fromkeys(named)))
    context = {
        "worklist": shown,
        "at": at,
        "form": SearchForm(),
        "ignored": [WORDS.get(name, name) for name in shown.asked.ignored],
        "last": last,
        "here": request.get_full_path(),
    }
    response = render(request, "tracker/worklist.html", context)
    if request.GET.keys() - {"page"}:
        memory.remember(response, request.user, shown.asked.query)
    return response


def _forgetful(request: SignedIn) -> HttpResponse:
    response = redirect("tracker:worklist")
    memory.remember(response, request.user, "")
    return response


def _search(request: SignedIn) -> HttpResponse:
    at = lists.desk(request.user, timezone.now())
    form, rows = SearchForm(request.POST), []
    if form.is_valid():
        rows = lists.found(at, form.cleaned_data["q"])
        audit.record(request.user, "patients searched", "worklist", patients=[row.key for row in rows])
    context = {"form": form, "rows": rows, "at": at, "limit": lists.PER_PAGE}
    return render(request, "tracker/worklist_search.html", context)


@require_POST
@never_cache
@permission_required("tracker.view_diary", raise_exception=True)
@fresh
@paced_taking
def export(request: SignedIn) -> HttpResponse:
    """The ticked patients as CSV; whoever takes them out of Steady proves once more who they are."""
    rows = _taken(request)
    if not rows:
        return _nobody(request)
    audit.record(request.user, "worklist exported", "worklist", patients=[row.key for row in rows])
    response = HttpResponse(selection.lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="worklist.csv"'
    return response


@require_POST
@never_cache
@permission_required("tracker.view_diary", raise_exception=True)
@fresh
@paced_taking
def text(request: SignedIn) -> HttpResponse:
    """The ticked patients as plain text to copy into another record, which asks for the same proof."""
    rows = _taken(request)
    if not rows:
        return _nobody(request)
    audit.record(request.user, "worklist copied", "worklist", patients=[row.key for row in rows])
    told = "\n\n".join(selection.text(row) for row in rows)
    now = timezone.now()
    context = {"told": told, "number": len(rows), "now": now, "zone": lists.desk(request.user, now).zone}
    return render(request, "tracker/worklist_text.html", context)


def _taken(request: SignedIn) -> list[Row]:
    """The rows that were ticked, as far as they are the reader's."""
    return selection.chosen(lists.desk(request.user, timezone.now()), ticked(request.POST))


def _nobody(request: SignedIn) -> HttpResponse:
    messages.warning(request, NOBODY)
    return redirect("tracker:worklist")
