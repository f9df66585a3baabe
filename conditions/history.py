"""What each release changed, for readers and for reviewers."""

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from conditions.difference import Change, difference
from conditions.formats import current
from conditions.models import Approval, Release

SHOWN = 20  # releases on the page of changes; each is compared with the one before it


@dataclass(frozen=True)
class Step:
    """One release and its changes against the published one before it; None for the first."""

    release: Release
    changes: list[Change] | None


def history(slug: str) -> list[Step]:
    """The published releases of a condition, newest first, at most SHOWN. Queries: one."""
    published = Release.objects.published().filter(condition__slug=slug).select_related("condition")
    releases = list(published[: SHOWN + 1])
    steps = [
        Step(each, difference(_as_read(before), _as_read(each)) if before else None)
        for each, before in zip_longest(releases, releases[1:])
    ]
    return steps[:SHOWN]


def _as_read(release: Release) -> dict[str, Any]:
    """The content without sections that say nothing, which readers never met."""
    content = current(release.snapshot)
    return {**content, "sections": [each for each in content["sections"] if each["statements"]]}


def against_published(release: Release) -> tuple[Release | None, list[Change]]:
    """The published release that readers saw before this one, and what differs from it. Queries: one."""
    earlier = Release.objects.published().filter(condition=release.condition_id).exclude(pk=release.pk)
    if release.number is not None:
        earlier = earlier.filter(number__lt=release.number)
    before = earlier.first()
    return before, difference(before.snapshot if before else None, release.snapshot)


def withdrawals(slug: str) -> list[Approval]:
    """Why releases were withdrawn, newest first. Queries: one."""
    given = Approval.objects.filter(release__condition__slug=slug, verdict=Approval.Verdict.WITHDRAWN)
    return list(
        given.filter(release__state=Release.State.WITHDRAWN).select_related("release").order_by("-at")
    )
