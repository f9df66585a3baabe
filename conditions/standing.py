"""How a release stands with its reviewers: last review and next, withdrawals that its readers must know."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from conditions.due import Review, last_review, unsigned
from conditions.formats import DEFAULTS, current
from conditions.models import Approval, Release

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


@dataclass(frozen=True)
class Standing:
    """`review` is None for what nobody approved; `notices` are of later releases, newest first."""

    review: Review | None
    notices: Sequence[Notice]

    @property
    def sentences(self) -> list[str]:
        """All of it in words, for print."""
        words = [str(notice) for notice in self.notices]
        if self.review is None:
            return words
        return [
            *words,
            f"Last reviewed on {self.review.on:%-d %B %Y}. {self.review}",
            f"The reviewer’s interests: {self.review.interests}",
        ]


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


def standing(release: Release) -> Standing:
    """How a published release stands today. Queries: one."""
    reviews = Q(release=release, verdict__in=[Verdict.APPROVED, Verdict.REAFFIRMED])
    withdrawals = Q(
        release__condition=release.condition_id,
        release__number__gt=release.number,
        verdict=Verdict.WITHDRAWN,
    )
    verdicts = list(Approval.objects.filter(reviews | withdrawals).annotate(number=F("release__number")))
    months = current(release.snapshot)["condition"]["review_months"]
    return Standing(
        last_review(verdicts, months, timezone.localdate()) if release.clinically_approved else None,
        _notices(verdicts),
    )


def missing(slug: str, number: int | None = None) -> Http404:
    """What to raise where no published release is: Gone if one was withdrawn. Queries: one."""
    withdrawn = Approval.objects.filter(release__condition__slug=slug, verdict=Verdict.WITHDRAWN)
    if number is not None:
        withdrawn = withdrawn.filter(release__number=number) if number < 2**31 else withdrawn.none()
    notices = _notices(list(withdrawn.annotate(number=F("release__number"))))
    return Gone(notices) if notices else Http404()


def waiting_signatures() -> list[tuple[Release, str]]:
    """Withdrawals with one signature, oldest first, and what reviewers read of each. Queries: one."""
    signed = Approval.objects.filter(verdict=Verdict.CONFIRMED).values("release")
    alone = Approval.objects.filter(verdict=Verdict.WITHDRAWN).exclude(release__in=signed)
    alone = alone.select_related("release__condition").defer("release__snapshot").order_by("at")
    return [(each.release, unsigned(each.release.number, each.at, timezone.now())) for each in alone]


def overdue_reviews() -> list[tuple[Release, str]]:
    """What readers see of each condition whose review is overdue, and what they are told. Queries: two."""
    shown = Release.objects.published().filter(clinically_approved=True).order_by("condition_id", "-number")
    shown = shown.distinct("condition_id").select_related("condition").defer("snapshot")
    shown = shown.annotate(months=KT("snapshot__condition__review_months")).prefetch_related("approvals")
    today = timezone.localdate()
    reviews = [(each, last_review(each.approvals.all(), _months(each), today)) for each in shown]
    return [(each, str(review)) for each, review in reviews if review is not None and review.overdue]


def _months(release: Any) -> int:
    return int(release.months or DEFAULTS["condition"]["review_months"])


def _notices(verdicts: Sequence[Any]) -> list[Notice]:
    taken = [each for each in verdicts if each.verdict == Verdict.WITHDRAWN]
    taken.sort(key=lambda each: each.at, reverse=True)
    return [Notice(each.number, timezone.localdate(each.at), each.note) for each in taken]
