"""Withdrawals, as readers are told of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from conditions.models import Approval
from portal import languages

Verdict = Approval.Verdict
GONE = 410


@dataclass(frozen=True)
class Notice:
    """That a release was withdrawn, when, and the reviewer's words for readers; never its content."""

    number: int
    on: date
    words: str

    def __str__(self) -> str:
        return f"{self.fact} {self.words}"

    @property
    def fact(self) -> str:
        """What happened, before the reviewer's words."""
        told = {"number": self.number, "day": languages.day(self.on)}
        return _("Release %(number)s was withdrawn on %(day)s:") % told


@dataclass(frozen=True)
class Archived(Notice):
    """That nobody keeps the content up any more, since when, and the reviewer's words for readers."""

    @property
    def fact(self) -> str:
        """What happened, before the reviewer's words."""
        return _("No longer kept up since %(day)s:") % {"day": languages.day(self.on)}


class Gone(Http404):
    """Nothing is left to show as current since reviewers took it away; the page says so and why.

    `last` is the address of what was archived, which can still be read there, or ''.
    """

    def __init__(self, notices: Sequence[Notice], last: str = "") -> None:
        super().__init__()
        self.notices, self.last = notices, last

    def answer(self, request: HttpRequest) -> HttpResponse:
        """The notices, 410, in the kind asked for: a page, JSON, or words instead of a file to print."""
        words = [str(notice) for notice in self.notices]
        if request.path.endswith(".json"):
            last = {"last": request.build_absolute_uri(self.last)} if self.last else {}
            told = {"notices": words, **last}
            return JsonResponse(told, status=GONE, json_dumps_params={"ensure_ascii": False})
        if request.path.endswith(".pdf"):
            return self._in_words(request, words)
        context = {"notices": self.notices, "last": self.last}
        page = "conditions/archived.html" if self.last else "conditions/withdrawn.html"
        return render(request, page, context, status=GONE)

    def _in_words(self, request: HttpRequest, words: list[str]) -> HttpResponse:
        """For whoever asked for a handout: a text that any viewer shows, and where to look instead."""
        where = request.build_absolute_uri(self.last or reverse("conditions:list"))
        head = "This handout is no longer kept up." if self.last else "This handout was withdrawn."
        look = f"The last release can still be read: {where}" if self.last else f"Other conditions: {where}"
        lines = [head, *words, "If you have a printed copy, do not use it any more. Ask your clinic.", look]
        text = "\n\n".join(lines) + "\n"
        return HttpResponse(text, status=GONE, content_type="text/plain; charset=utf-8")


def missing(slug: str, number: int | None = None) -> Http404:
    """What to raise where no published release is: Gone if one was withdrawn. Queries: one."""
    withdrawn = Approval.objects.filter(release__condition__slug=slug, verdict=Verdict.WITHDRAWN)
    if number is not None:
        withdrawn = withdrawn.filter(release__number=number) if number < 2**31 else withdrawn.none()
    told = withdrawn.order_by("-at").annotate(number=F("release__number"))
    notices = [Notice(each.number, timezone.localdate(each.at), each.note) for each in told]
    return Gone(notices) if notices else Http404()
