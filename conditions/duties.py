"""What reviewers owe: second signatures of withdrawals, reviews that are overdue."""

from typing import Any

from django.db.models import QuerySet
from django.db.models.fields.json import KT
from django.utils import timezone

from conditions.archiving import IS_ARCHIVED
from conditions.due import Given, last_review, unsigned
from conditions.formats import DEFAULTS
from conditions.models import Approval, Release

Verdict = Approval.Verdict


def alone() -> "QuerySet[Approval]":
    """Withdrawals with one signature, oldest first."""
    signed = Approval.objects.filter(verdict=Verdict.CONFIRMED).values("release")
    return Approval.objects.filter(verdict=Verdict.WITHDRAWN).exclude(release__in=signed).order_by("at")


def waiting_signatures() -> list[tuple[Release, str]]:
    """What is withdrawn with one signature, and what reviewers read of each. Queries: one."""
    given = alone().select_related("release__condition").defer("release__snapshot")
    return [(each.release, unsigned(each.release.number, each.at, timezone.now())) for each in given]


def overdue_reviews() -> list[tuple[Release, str]]:
    """What readers see of each condition whose review is overdue, and what they are told. Queries: two."""
    shown: QuerySet[Any] = Release.objects.published().filter(clinically_approved=True)
    shown = shown.annotate(archived=IS_ARCHIVED).filter(archived=False)
    shown = shown.order_by("condition_id", "-number").distinct("condition_id").select_related("condition")
    shown = shown.defer("snapshot").annotate(months=KT("snapshot__condition__review_months"))
    shown = shown.prefetch_related("approvals")
    told = [(each, _overdue(each, each.months)) for each in shown]
    return [(each, words) for each, words in told if words]


def _overdue(release: Release, months: str | None) -> str:
    number = release.number or 0
    given = [
        Given(each.verdict, each.at, each.note, each.interests, number) for each in release.approvals.all()
    ]
    review = last_review(given, int(months or DEFAULTS["condition"]["review_months"]), timezone.localdate())
    return str(review) if review is not None and review.overdue else ""
