"""Archived: a condition's content that nobody keeps up any more.

It is a reviewer's verdict on the newest published release, and no state of the release: no content
and no hash changes, and each release stays readable at its own address, which says so. The condition's
own address answers 410, as for what was withdrawn: a page that looks current would be believed by
readers who skip a banner, and by caches and search engines that never read one. The next release that is
published brings the condition back, since the verdict is on an earlier one; a withdrawal does not.
"""

from django.db import transaction
from django.db.models import BooleanField, F, Func

from conditions.models import Release
from conditions.steps import REFUSALS, NotAllowed, State, Verdict, demand, explained, give_verdict, in_state
from portal import audit
from portal.models import User

# Whether the condition of a release is archived, as the database's function of that name knows.
IS_ARCHIVED = Func(F("condition_id"), function="is_archived", output_field=BooleanField())


def archive(user: User, release: Release, *, reason: str) -> Release:
    """Record that the content is no longer kept up; `reason` is for readers. Errors: NotAllowed."""
    demand(user, "conditions.approve_release", "Only a clinical reviewer archives a condition.")
    if not reason.strip():
        raise NotAllowed("Say why the content is no longer kept up; readers see it.")
    with explained(), transaction.atomic():
        release = in_state(release, State.PUBLISHED)
        if sentence := why_not_archive(user, release):
            raise NotAllowed(sentence)
        give_verdict(user, release, Verdict.ARCHIVED, reason)
        audit.record(user, "release.archived", release)
    return release


def why_not_archive(_: User, release: Release) -> str:
    """The sentence why the release cannot be archived, or ''. Queries: one."""
    published = Release.objects.published().filter(condition_id=release.condition_id)
    newest = published.annotate(archived=IS_ARCHIVED).values_list("number", "archived").first()
    if newest and newest[1]:
        return REFUSALS["approval_archived"]
    if newest and newest[0] != release.number:
        return REFUSALS["approval_newest"]
    return ""


def is_archived(condition: int) -> bool:
    """Whether nobody keeps the condition's content up any more. Queries: one."""
    published = Release.objects.published().filter(condition_id=condition)
    return bool(published.annotate(archived=IS_ARCHIVED).values_list("archived", flat=True).first())
