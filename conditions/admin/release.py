"""Reading a release against what readers see now, and taking its next step."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from conditions import publishing
from conditions.admin.acts import Act, ask_and_do
from conditions.admin.shared import SharedReviews
from conditions.history import against_published
from conditions.models import Release
from conditions.reading import NOT_APPROVED
from portal.middleware import SignedIn
from portal.models import User

Step = Callable[[User, Release, str], Release]

# step -> the rights of which one is needed, the states it starts from, what it does
STEPS: dict[str, tuple[set[str], set[str], Step]] = {
    "approve": (
        {"conditions.approve_release"},
        {"submitted"},
        lambda user, release, words: publishing.approve(user, release, note=words),
    ),
    "return": (
        {"conditions.approve_release"},
        {"submitted", "approved"},
        lambda user, release, words: publishing.return_to_editors(user, release, note=words),
    ),
    "publish": (
        {"conditions.submit_release", "conditions.approve_release"},
        {"approved"},
        lambda user, release, words: publishing.publish(user, release),
    ),
    "withdraw": (
        {"conditions.approve_release"},
        {"published"},
        lambda user, release, words: publishing.withdraw(user, release, reason=words),
    ),
}


@admin.register(Release)
class ReleaseAdmin(SharedReviews):
    """Releases are read here and moved by steps; nobody adds, changes or deletes one."""

    list_display = ["__str__", "state", "clinically_approved", "submitted_by", "submitted_at", "published_at"]
    list_select_related = ["condition", "submitted_by"]
    readonly_fields = [
        *("condition", "number", "state", "reason", "clinically_approved"),
        *("submitted_by", "submitted_at", "published_at", "digest"),
    ]
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
        """Ask, then take the step; 404 for whoever may not or for a release that is not there."""
        rights, _, do = STEPS[step]
        if pk >= 2**63 or not any(request.user.has_perm(right) for right in rights):
            raise Http404
        release = get_object_or_404(Release.objects.select_related("condition"), pk=pk)
        act = _act(step, release)
        return ask_and_do(request, act, lambda words: do(request.user, release, words))


def _context(request: SignedIn, release: Release) -> dict[str, Any]:
    before, changes = against_published(release)
    open_to = [
        (step, reverse(f"admin:conditions_release_{step}", args=[release.pk]))
        for step, (rights, states, _) in STEPS.items()
        if release.state in states and any(request.user.has_perm(right) for right in rights)
    ]
    reviews = request.user.has_perm("conditions.approve_release") and release.state == "submitted"
    return {
        "release": release,
        "before": before,
        "changes": changes,
        "approvals": release.approvals.select_related("reviewer"),
        "steps": open_to,
        "hindrance": publishing.why_not_approve(request.user, release) if reviews else "",
        "notice": NOT_APPROVED if release.number and not release.clinically_approved else "",
    }


def _act(step: str, release: Release) -> Act:
    cancel, name = reverse("admin:conditions_release_change", args=[release.pk]), release.condition.name
    return {
        "approve": Act(
            title=f"Approve {name}",
            text="You answer for this content as a clinical reviewer. Your approval is bound to its digest.",
            label="Note for readers (may stay empty)",
            required=False,
            longest=2000,
            button="Approve",
            done="Approved. It can be published now.",
            cancel=cancel,
        ),
        "return": Act(
            title=f"Return {name} to the editors",
            text="The editors change the draft and submit it again.",
            label="What should change",
            longest=2000,
            button="Return to the editors",
            done="Returned to the editors.",
            cancel=cancel,
        ),
        "publish": Act(
            title=f"Publish {name}",
            text="Readers see this release from now on.",
            button="Publish",
            done="Published. Readers see it now.",
            cancel=cancel,
        ),
        "withdraw": Act(
            title=f"Withdraw {release}",
            text="Readers lose this release at once, and see the published one before it, if there is one.",
            label="Why (readers see it)",
            longest=2000,
            button="Withdraw",
            done="Withdrawn.",
            cancel=cancel,
        ),
    }[step]
