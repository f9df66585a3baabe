"""Whoever loses the seat or the role while a form is open gets back what they had typed."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render

from portal.parking import FIELD

View = Callable[..., HttpResponseBase]
# Hidden fields and buttons: nobody typed them.
HIDDEN = frozenset({"csrfmiddlewaretoken", FIELD, "next", "key", "do", "covers_until", "knows"})


def keeps_typed(view: View) -> View:
    """Refuse as `view` does, 403 or 404, but show once more what was sent. It goes round all other rules."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **named)
        except (Http404, PermissionDenied) as error:
            if request.method != "POST" or not request.user.is_authenticated:
                raise
            missing = isinstance(error, Http404)
            told = {"said": said(request), "missing": missing}
            return render(request, "tracker/refused.html", told, status=404 if missing else 403)

    return answered


def said(request: HttpRequest) -> list[tuple[str, str]]:
    """The name and text of each field that was filled in."""
    fields = [(name, values) for name, values in request.POST.lists() if name not in HIDDEN]
    told = [(name, ", ".join(filter(None, values))) for name, values in fields]
    return [(name.replace("_", " ").capitalize(), text) for name, text in told if text]
