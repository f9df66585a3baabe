"""Withdrawals, as readers are told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from conditions.models import Approval

Verdict = Approval.Verdict
GONE = 410


@dataclass(frozen=True)
class Notice:
    """That a release was withdrawn, when, and the reviewer's words for readers; never its content."""

    number: int
    on: date
    words: str

    def __str__(self) -> str:
        return f"Release {self.number} was withdrawn on {self.on:%-d %B %Y}: {self.words}"


class Gone(Http404):
    """Nothing is left to show since reviewers withdrew it; the page says so and why."""

    def __init__(self, notices: Sequence[Notice]) -> None:
        super().__init__()
        self.notices = notices

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The notices, 410, as JSON where JSON was asked for."""
        if request.path.endswith(".json"):
            told = {"notices": [str(notice) for notice in self.notices]}
            return JsonResponse(told, status=GONE, json_dumps_params={"ensure_ascii": False})
        return render(request, "conditions/withdrawn.html", {"notices": self.notices}, status=GONE)


def missing(slug: str, number: int | None = None) -> Http404:
    """What to raise where no published release is: Gone if one was withdrawn. Queries: one."""
    withdrawn = Approval.objects.filter(release__condition__slug=slug, verdict=Verdict.WITHDRAWN)
    if number is not None:
        withdrawn = withdrawn.filter(release__number=number) if number < 2**31 else withdrawn.none()
    told = withdrawn.order_by("-at").annotate(number=F("release__number"))
    notices = [Notice(each.number, timezone.localdate(each.at), each.note) for each in told]
    return Gone(notices) if notices else Http404()
