"""Sheets of statements and sources: out as CSV, and in again after a trial that shows every difference."""

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse

from conditions import importing, sheets
from conditions.admin.drafts import readers_see
from conditions.cells import SHAPE
from conditions.importing import Moved, Trial
from conditions.models import Condition
from conditions.resources import KINDS
from portal.models import User

SALT = "conditions.sheet"
HOUR = 60 * 60
SHOWN = 50  # mistakes on the page; who has more has one of them many times
STALE = "This trial is over an hour old or another person's. Try the sheet again."
MOVED = "Somebody changed the draft meanwhile. Nothing was written; this is the difference as it is now."


class SheetForm(forms.Form):
    """A sheet as text. No file is uploaded: a script reads a chosen file into the field."""

    kind = forms.ChoiceField(
        label="What the sheet holds",
        choices=[(kind, kind.capitalize()) for kind in KINDS],
        widget=forms.RadioSelect,
        initial="statements",
        error_messages={"required": "Say what the sheet holds."},
    )
    text = forms.CharField(
        label="Its cells",
        max_length=sheets.LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 14, "cols": 100, "spellcheck": "false"}),
        error_messages={"required": "Paste the cells, or the text of a CSV file, headings first."},
    )


def pages(site: admin.AdminSite) -> list[URLPattern]:
    """The pages beside a condition's."""
    bring, give = site.admin_view(bring_in), site.admin_view(give_out)
    out = [
        path(f"<int:pk>/{kind}.csv", give, {"kind": kind}, f"conditions_condition_{kind}") for kind in KINDS
    ]
    return [path("<int:pk>/import/", bring, name="conditions_condition_import"), *out]


def give_out(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The draft's statements or sources as CSV."""
    condition = _condition(request, pk)
    response = HttpResponse(importing.export(condition, kind), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{condition.slug}-{kind}.csv"'
    return response


def bring_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a sheet and show what it would change; write it when it was tried."""
    condition = _condition(request, pk)
    if "plan" in request.POST:
        return _write(request, condition)
    return _try(request, condition, SheetForm(request.POST if request.method == "POST" else None))


def _condition(request: HttpRequest, pk: int) -> Condition:
    """The condition; 404 for whoever may not write its rows."""
    user = cast("User", request.user)
    if not user.has_perms(importing.RIGHTS) or pk >= 2**63:
        raise Http404
    return get_object_or_404(Condition, pk=pk)


def _try(request: HttpRequest, condition: Condition, form: SheetForm) -> HttpResponse:
    trial = None
    if form.is_valid():
        trial = importing.try_out(condition, form.cleaned_data["kind"], form.cleaned_data["text"])
        _tell(form, trial)
    return _page(request, condition, form, trial)


def _write(request: HttpRequest, condition: Condition) -> HttpResponse:
    user = cast("User", request.user)
    try:
        who, what, kind, tried, text = signing.loads(request.POST["plan"], salt=SALT, max_age=HOUR)
    except signing.BadSignature:
        who = what = kind = tried = text = None
    if (who, what) != (user.pk, condition.pk):
        messages.error(request, STALE)
        return _page(request, condition, SheetForm(), None)
    form = SheetForm({"kind": kind, "text": text})
    try:
        trial = importing.carry_out(user, condition, kind, text, tried=tried)
    except Moved:
        messages.warning(request, MOVED)
        return _try(request, condition, form)
    if trial.mistakes:
        return _try(request, condition, form)
    new = f"{trial.new} row{' is' if trial.new == 1 else 's are'} new"
    done = f"{new}, {len(trial.changes) - trial.new} changed, {trial.same} were the same."
    messages.success(request, f"{done} {readers_see(condition)}")
    return redirect("admin:conditions_condition_change", condition.pk)


def _tell(form: SheetForm, trial: Trial) -> None:
    for mistake in trial.mistakes[:SHOWN]:
        form.add_error("text", mistake)
    if len(trial.mistakes) > SHOWN:
        form.add_error("text", f"And {len(trial.mistakes) - SHOWN} more mistakes.")


def _page(request: HttpRequest, condition: Condition, form: SheetForm, trial: Trial | None) -> HttpResponse:
    plan = ""
    if trial is not None and trial.changes:
        told = form.cleaned_data
        signed = [request.user.pk, condition.pk, told["kind"], trial.digest, told["text"]]
        plan = signing.dumps(signed, salt=SALT, compress=True)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"Import a sheet into {condition}",
        "condition": condition,
        "back": reverse("admin:conditions_condition_change", args=[condition.pk]),
        "form": form,
        "trial": trial,
        "plan": plan,
        "columns": {kind: made(condition).columns() for kind, made in KINDS.items()},
        "shape": SHAPE,
    }
    return render(request, "admin/conditions/import.html", context)
