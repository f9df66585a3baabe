"""How a release moves: submit, approve or return, publish, withdraw, re-affirm.

Each function is one transaction with its line in the trail. Every rule stands here, with a sentence,
and again in the database (migrations `0001`, `0004` and `0005`), whose refusals get the same sentences.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from conditions import discern, guards, snapshot
from conditions.archiving import is_archived
from conditions.formats import current
from conditions.models import Condition, Edit, Release
from conditions.steps import (
    REFUSALS,
    NotAllowed,
    State,
    Verdict,
    demand,
    explained,
    give_verdict,
    in_state,
    lock,
    move,
)
from conditions.watch import watch
from portal import audit
from portal.models import DemoMark, User

__all__ = ["REFUSALS", "NotAllowed"]  # which callers catch and show


def submit(user: User | None, condition: Condition, *, reason: str) -> Release:
    """Freeze the draft as a release for review; an earlier one that waits is superseded.

    `user` is None for a command. Errors: NotAllowed without the right, without a reason, with
    anything that a guard finds, or when nothing changed.
    """
    demand(user, "conditions.submit_release", "Only an editor submits a release.")
    reason = reason.strip()
    if not 1 <= len(reason) <= 300:
        raise NotAllowed("Say in 1 to 300 characters what changed; readers see it.")
    with explained(), transaction.atomic():
        # By the database's clock, as edits are, and before the lock: an edit that is under way now
        # is counted as later than this release, never lost between two.
        started = Condition.objects.values_list(Now()).get(pk=condition.pk)[0]
        condition = lock(condition.pk)
        content = snapshot.take(condition)
        _check_content(content)
        digest = snapshot.digest(content)
        _check_news(condition, digest)
        Release.objects.filter(condition=condition).pending().update(state=State.SUPERSEDED)
        release = Release.objects.create(
            condition=condition,
            snapshot=content,
            digest=digest,
            self_audit=discern.audit(content),
            reason=reason,
            submitted_by=user,
            submitted_at=started,
        )
        audit.record(user, "release.submitted", release)
    return release


def approve(user: User, release: Release, *, interests: str, note: str = "") -> Release:
    """Answer for a submitted release as a clinical reviewer; `interests` and `note` are for readers.

    Errors: NotAllowed without the right, without a word on interests, when the release no longer waits,
    or when the reviewer submitted it or edited any of the condition since the last published release.
    """
    demand(user, "conditions.approve_release", "Only a clinical reviewer approves.")
    declared = _declared(interests)
    with explained(), transaction.atomic():
        release = in_state(release, State.SUBMITTED)
        if reason := why_not_approve(user, release):
            raise NotAllowed(reason)
        give_verdict(user, release, Verdict.APPROVED, note, declared)
        return move(user, release, State.APPROVED, clinically_approved=True)


def return_to_editors(user: User, release: Release, *, note: str) -> Release:
    """Give a waiting release back with what to change. Errors: NotAllowed, also without a note."""
    demand(user, "conditions.approve_release", "Only a clinical reviewer returns a release.")
    if not note.strip():
        raise NotAllowed("Say what the editors should change.")
    with explained(), transaction.atomic():
        release = in_state(release, State.SUBMITTED, State.APPROVED)
        give_verdict(user, release, Verdict.RETURNED, note)
        return move(user, release, State.RETURNED, clinically_approved=False)


def publish(user: User | None, release: Release) -> Release:
    """Show an approved release to readers under the next number, if no guard stops it.

    `user` is None for the job that publishes at a set time. Errors: NotAllowed.
    """
    if user is None or not user.has_perm("conditions.approve_release"):
        demand(user, "conditions.submit_release", "Only an editor or a clinical reviewer publishes.")
    with explained(), transaction.atomic():
        release = in_state(release, State.APPROVED)
        _check_guards(release.snapshot)
        return _publish(user, release)


def publish_unapproved(release: Release) -> Release:
    """Show a release that no reviewer has read, in a demonstration only. Errors: NotAllowed elsewhere."""
    if not settings.DEMO or not DemoMark.objects.exists():
        raise NotAllowed("Only a demonstration shows a release that nobody approved.")
    with explained(), transaction.atomic():
        release = in_state(release, State.SUBMITTED)
        return _publish(None, release)


def withdraw(user: User, release: Release, *, reason: str) -> Release:
    """Take a published release from readers at once; `reason` is the notice that they see instead.

    The release before it, if still published, is then the latest. Another reviewer signs within a
    day; see `confirm_withdrawal`. Errors: NotAllowed.
    """
    demand(user, "conditions.approve_release", "Only a clinical reviewer withdraws a release.")
    if not reason.strip():
        raise NotAllowed("Say why the release is withdrawn; readers see it.")
    with explained(), transaction.atomic():
        release = in_state(release, State.PUBLISHED)
        give_verdict(user, release, Verdict.WITHDRAWN, reason)
        return move(user, release, State.WITHDRAWN)


def confirm_withdrawal(user: User, release: Release, *, note: str = "") -> Release:
    """Sign a withdrawal as the second reviewer; late is better than never. Errors: NotAllowed."""
    demand(user, "conditions.approve_release", "Only a clinical reviewer signs a withdrawal.")
    with explained(), transaction.atomic():
        release = in_state(release, State.WITHDRAWN)
        if reason := why_not_confirm(user, release):
            raise NotAllowed(reason)
        give_verdict(user, release, Verdict.CONFIRMED, note)
        audit.record(user, "release.withdrawal_confirmed", release)
    return release


def reaffirm(user: User, release: Release, *, interests: str, note: str = "") -> Release:
    """Record that all of a published release was reviewed and nothing had to change.

    Its next review is then due from today. Errors: NotAllowed, as for `approve`.
    """
    demand(user, "conditions.approve_release", "Only a clinical reviewer re-affirms a release.")
    declared = _declared(interests)
    with explained(), transaction.atomic():
        release = in_state(release, State.PUBLISHED)
        if reason := why_not_reaffirm(user, release):
            raise NotAllowed(reason)
        give_verdict(user, release, Verdict.REAFFIRMED, note, declared)
        audit.record(user, "release.reaffirmed", release)
    return release


def why_not_approve(user: User, release: Release) -> str:
    """The sentence why four eyes forbid `user` to approve, or ''. Queries: two at most."""
    if release.submitted_by_id == user.pk:
        return "You submitted this release, so another reviewer has to approve it."
    if _edits_since_the_one_before(user, release).exists():
        return "You edited this content since the last published release. Nobody approves what they edited."
    return ""


def why_not_reaffirm(user: User, release: Release) -> str:
    """The sentence why `user` may not re-affirm, or ''. Queries: four at most."""
    if is_archived(release.condition_id):
        return REFUSALS["approval_archived"]
    if not release.clinically_approved:
        return "No reviewer has approved this release, so there is nothing to re-affirm."
    if release.submitted_by_id == user.pk:
        return "You submitted this release, so another reviewer has to re-affirm it."
    # Until it was approved, since an edit that was under way on submission counts from when it was done.
    approved = release.approvals.filter(verdict=Verdict.APPROVED).aggregate(last=Max("at"))["last"]
    if _edits_since_the_one_before(user, release).filter(at__lte=approved).exists():
        return "You edited what is in this release. Nobody re-affirms what they edited."
    return ""


def why_not_confirm(user: User, release: Release) -> str:
    """The sentence why `user` may not sign the withdrawal, or ''. Queries: one."""
    signed = {given.verdict: given.reviewer_id for given in release.approvals.all()}
    if Verdict.CONFIRMED in signed:
        return "Another reviewer has signed this withdrawal already."
    if signed.get(Verdict.WITHDRAWN) == user.pk:
        return REFUSALS["withdrawal_second_reviewer"]
    return ""


def _edits_since_the_one_before(user: User, release: Release) -> QuerySet[Edit]:
    """What `user` edited of the condition since the release that readers see, or saw before this one."""
    shown = Release.objects.filter(condition_id=release.condition_id, state=State.PUBLISHED)
    if release.number is not None:
        shown = shown.filter(number__lt=release.number)
    since = shown.aggregate(last=Max("submitted_at"))["last"]
    edits = Edit.objects.filter(condition_id=release.condition_id, editor_id=user.pk)
    return edits.filter(at__gt=since) if since is not None else edits


def _declared(interests: str) -> str:
    interests = interests.strip()
    if not 1 <= len(interests) <= 600:
        raise NotAllowed("Say in 1 to 600 characters which interests you have, or that you have none.")
    return interests


def _check_content(content: snapshot.Snapshot) -> None:
    statements = [each for section in content["sections"] for each in section["statements"]]
    if not statements:
        raise NotAllowed("There is no statement yet. Write one, with its source, before you submit.")
    twice = sorted(key for key, count in Counter(each["key"] for each in statements).items() if count > 1)
    if twice:
        raise NotAllowed(f"Two statements share a key; give one of them another: {_some(twice)}.")
    _check_guards(content)


def _check_guards(content: Mapping[str, Any]) -> None:
    """NotAllowed with what the guards say of it today, a release of an older form included."""
    if found := guards.hindrances(current(content), watch()):
        more = [f"And {len(found) - 5} more."] if len(found) > 5 else []
        raise NotAllowed(" ".join([*map(str, found[:5]), *more]))


def _some(keys: list[str]) -> str:
    return ", ".join(keys[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")


def _check_news(condition: Condition, digest: str) -> None:
    releases = Release.objects.filter(condition=condition)
    last = releases.published().first()
    # A release of an older form may say the same under another digest.
    same = last and snapshot.digest(current(last.snapshot)) == digest
    if last and same and not is_archived(condition.pk):  # what is brought back may be unchanged
        raise NotAllowed(f"Nothing changed since release {last.number}.")
    if releases.pending().filter(digest=digest).exists():
        raise NotAllowed("Exactly this content is waiting already.")


def _publish(user: User | None, release: Release) -> Release:
    numbered = Release.objects.filter(condition_id=release.condition_id)
    release.number = (numbered.aggregate(last=Max("number"))["last"] or 0) + 1
    release.published_at = timezone.now()
    return move(user, release, State.PUBLISHED)
