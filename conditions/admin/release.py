"""Reading a release against what readers see now, and taking its next step."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from conditions import archiving, planning, publishing, standing
from conditions.admin.acts import ask_and_do
from conditions.admin.findings import found
from conditions.admin.lists import ByHolding
from conditions.admin.shared import SharedReviews
from conditions.admin.steps import act_of
from conditions.duties import overdue_reviews, waiting_signatures
from conditions.history import against_published
from conditions.models import Release
from conditions.reading import NOT_APPROVED
from portal.middleware import SignedIn
from portal.models import User

APPROVE, SUBMIT = "conditions.approve_release", "conditions.submit_release"
Step = Callable[..., Release]
WAITS = {"submitted", "approved"}

# step -> the rights of which one is needed, the states it starts from, what it does
STEPS: dict[str, tuple[set[str], set[str], Step]] = {
    "approve": (
        {APPROVE},
        {"submitted"},
        lambda user, release, words, interests: publishing.approve(
            user, release, note=words, interests=interests
        ),
    ),
    "return": (
        {APPROVE},
        {"submitted", "approved"},
        lambda user, release, words: publishing.return_to_editors(user, release, note=words),
    ),
    "publish": (
        {SUBMIT, APPROVE},
        {"approved"},
        lambda user, release, words: publishing.publish(user, release),
    ),
    "plan": (
        {SUBMIT, APPROVE},
        {"approved"},
        lambda user, release, words, at: planning.plan(user, release, at),
    ),
    "reaffirm": (
        {APPROVE},
        {"published"},
        lambda user, release, words, interests: publishing.reaffirm(
            user, release, note=words, interests=interests
        ),
    ),
    "archive": (
        {APPROVE},
        {"published"},
        lambda user, release, words: archiving.archive(user, release, reason=words),
    ),
    "withdraw": (
        {APPROVE},
        {"published"},
        lambda user, release, words: publishing.withdraw(user, release, reason=words),
    ),
    "confirm": (
        {APPROVE},
        {"withdrawn"},
        lambda user, release, words: publishing.confirm_withdrawal(user, release, note=words),
    ),
}
# step -> the sentence why this person may not take it, or ''
HINDRANCES: dict[str, Callable[[User, Release], str]] = {
    "approve": publishing.why_not_approve,
    "reaffirm": publishing.why_not_reaffirm,
    "confirm": publishing.why_not_confirm,
    "archive": archiving.why_not_archive,
}


@admin.register(Release)
class ReleaseAdmin(SharedReviews):
    """Releases are read here and moved by steps; nobody adds, changes or deletes one."""

    list_display = ["__str__", "state", "clinically_approved", "submitted_by", "submitted_at", "published_at"]
    list_select_related = ["condition", "submitted_by"]
    readonly_fields = [
        *("condition", "number", "state", "reason", "clinically_approved"),
        *("submitted_by", "submitted_at", "published_at", "publish_at", "digest"),
    ]
    list_filter = [ByHolding]
    list_per_page = 50
    show_full_result_count = False
    view_on_site = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Nobody: a condition is submitted from its own page."""
        return False

    has_change_permission = has_delete_permission = has_add_permission

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Leave the snapshots out of lists; a page fetches its own."""
        return super().get_queryset(request).defer("snapshot", "condition__summary")

    def get_urls(self) -> list[URLPattern]:
        """Add the page of each step."""
        view = self.admin_site.admin_view(self.take_step)
        pages = [
            path(f"<int:pk>/{step}/", view, {"step": step}, f"conditions_release_{step}") for step in STEPS
        ]
        return pages + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show reviewers which withdrawals wait for a second signature, and which reviews are overdue."""
        waiting = [*waiting_signatures(), *overdue_reviews()] if request.user.has_perm(APPROVE) else []
        return super().changelist_view(request, {**(extra_context or {}), "waiting": waiting})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Show what the release changes, who answered for it, and the steps open to this person."""
        if not object_id.isdecimal() or int(object_id) >= 2**63 or not self.has_view_permission(request):
            return super().change_view(request, object_id, form_url, extra_context)
        release = Release.objects.select_related("condition", "submitted_by").filter(pk=object_id).first()
        context = {**(extra_context or {}), **(_context(cast(SignedIn, request), release) if release else {})}
        return super().change_view(request, object_id, form_url, context)

    def take_step(self, request: SignedIn, pk: int, step: str) -> HttpResponse:
        """Ask, then take the step; 404 for whoever may not, or for a release that is not there.

        Who lost the right while the page was open is told by the step itself, and keeps what they typed.
        """
        rights, _, do = STEPS[step]
        allowed = any(request.user.has_perm(right) for right in rights)
        was_open = request.method == "POST" and self.has_view_permission(request)
        if pk >= 2**63 or not (allowed or was_open):
            raise Http404
        release = get_object_or_404(Release.objects.select_related("condition"), pk=pk)
        return ask_and_do(request, act_of(step, release), partial(do, request.user, release))


def _context(request: SignedIn, release: Release) -> dict[str, Any]:
    before, changes = against_published(release)
    published, waits = release.state == "published", release.state in WAITS
    stands = standing.of(release.condition.slug, release.number) if published else None
    return {
        "release": release,
        "before": before,
        "changes": changes,
        "approvals": release.approvals.select_related("reviewer"),
        **_steps(request.user, release),
        "notice": NOT_APPROVED if release.number and not release.clinically_approved else "",
        "findings": found(release.condition_id, release.snapshot) if waits else None,
        "held": waits and release.publish_at and release.publish_at < timezone.now(),
        "unsigned": [words for each, words in waiting_signatures() if each.pk == release.pk],
        "review": stands.review if stands else None,
    }


def _steps(user: User, release: Release) -> dict[str, Any]:
    """The steps that this person may take now, and why not to approve where that is the question."""
    open_to = [
        step
        for step, (rights, states, _) in STEPS.items()
        if release.state in states and any(user.has_perm(right) for right in rights)
    ]
    why_not = {step: HINDRANCES[step](user, release) for step in open_to if step in HINDRANCES}
    steps = [
        (step, reverse(f"admin:conditions_release_{step}", args=[release.pk]))
        for step in open_to
        if not why_not.get(step)
    ]
    return {"steps": steps, "hindrance": why_not.get("approve", "")}
