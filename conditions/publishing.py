"""How a release moves: submit, approve or return, publish, withdraw.

Each function is one transaction with its line in the trail. Every rule stands here, with a sentence,
and again in the database (migration `conditions.0001`), whose refusals get the same sentences.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone

from conditions import snapshot
from conditions.models import Approval, Condition, Edit, Release
from portal import audit
from portal.models import DemoMark, User

State = Release.State
Verdict = Approval.Verdict


class NotAllowed(Exception):
    """The act is against a rule; the message is a sentence for the person who tried it."""


# The database's constraints by name, in words.
REFUSALS = {
    "approval_by_reviewer": "A clinical reviewer gives a verdict for themselves only.",
    "approval_of_this_content": "The content is not the one that was read. Open the release again.",
    "approval_four_eyes": "Nobody approves what they edited. Ask another reviewer.",
    "approval_once_a_verdict": "You have given this verdict already.",
    "release_states": "This release is not approved, so it cannot be published.",
    "release_one_pending": "Somebody has just submitted this condition. Open its newest release.",
    "release_number_once": "Somebody has just published a release. Try again.",
}


def submit(user: User | None, condition: Condition, *, reason: str) -> Release:
    """Freeze the draft as a release for review; an earlier one that waits is superseded.

    `user` is None for a command. Errors: NotAllowed without the right, without a reason, with a
    statement that cites nothing, or when nothing changed.
    """
    _demand(user, "conditions.submit_release", "Only an editor submits a release.")
    reason = reason.strip()
    if not 1 <= len(reason) <= 300:
        raise NotAllowed("Say in 1 to 300 characters what changed; readers see it.")
    with _explained(), transaction.atomic():
        # By the database's clock, as edits are, and before the lock: an edit that is under way now
        # is counted as later than this release, never lost between two.
        started = Condition.objects.values_list(Now()).get(pk=condition.pk)[0]
        _lock(condition.pk)
        content = snapshot.take(condition)
        _check_content(content)
        digest = snapshot.digest(content)
        _check_news(condition, digest)
        Release.objects.filter(condition=condition).pending().update(state=State.SUPERSEDED)
        release = Release.objects.create(
            condition=condition,
            snapshot=content,
            digest=digest,
            reason=reason,
            submitted_by=user,
            submitted_at=started,
        )
        audit.record(user, "release.submitted", release)
    return release


def approve(user: User, release: Release, *, note: str = "") -> Release:
    """Answer for a submitted release as a clinical reviewer; `note` is for readers.

    Errors: NotAllowed without the right, when the release no longer waits, or when the reviewer
    submitted it or edited any of the condition since the last published release.
    """
    _demand(user, "conditions.approve_release", "Only a clinical reviewer approves.")
    with _explained(), transaction.atomic():
        release = _in_state(release, State.SUBMITTED)
        if reason := why_not_approve(user, release):
            raise NotAllowed(reason)
        _give_verdict(user, release, Verdict.APPROVED, note)
        return _move(user, release, State.APPROVED, clinically_approved=True)


def return_to_editors(user: User, release: Release, *, note: str) -> Release:
    """Give a waiting release back with what to change. Errors: NotAllowed, also without a note."""
    _demand(user, "conditions.approve_release", "Only a clinical reviewer returns a release.")
    if not note.strip():
        raise NotAllowed("Say what the editors should change.")
    with _explained(), transaction.atomic():
        release = _in_state(release, State.SUBMITTED, State.APPROVED)
        _give_verdict(user, release, Verdict.RETURNED, note)
        return _move(user, release, State.RETURNED, clinically_approved=False)


def publish(user: User, release: Release) -> Release:
    """Show an approved release to readers under the next number. Errors: NotAllowed."""
    if not user.has_perm("conditions.approve_release"):
        _demand(user, "conditions.submit_release", "Only an editor or a clinical reviewer publishes.")
    with _explained(), transaction.atomic():
        release = _in_state(release, State.APPROVED)
        return _publish(user, release)


def publish_unapproved(release: Release) -> Release:
    """Show a release that no reviewer has read, in a demonstration only. Errors: NotAllowed elsewhere."""
    if not settings.DEMO or not DemoMark.objects.exists():
        raise NotAllowed("Only a demonstration shows a release that nobody approved.")
    with _explained(), transaction.atomic():
        release = _in_state(release, State.SUBMITTED)
        return _publish(None, release)


def withdraw(user: User, release: Release, *, reason: str) -> Release:
    """Take a published release from readers at once; `reason` is for readers.

    The release before it, if still published, is then the latest. Errors: NotAllowed.
    """
    _demand(user, "conditions.approve_release", "Only a clinical reviewer withdraws a release.")
    if not reason.strip():
        raise NotAllowed("Say why the release is withdrawn; readers see it.")
    with _explained(), transaction.atomic():
        release = _in_state(release, State.PUBLISHED)
        _give_verdict(user, release, Verdict.WITHDRAWN, reason)
        return _move(user, release, State.WITHDRAWN)


def why_not_approve(user: User, release: Release) -> str:
    """The sentence why four eyes forbid `user` to approve, or ''. Queries: two at most."""
    if release.submitted_by_id == user.pk:
        return "You submitted this release, so another reviewer has to approve it."
    since = Release.objects.filter(
        condition_id=release.condition_id, state__in=[State.PUBLISHED, State.WITHDRAWN]
    ).aggregate(last=Max("submitted_at"))["last"]
    edits = Edit.objects.filter(condition_id=release.condition_id, editor_id=user.pk)
    if since is not None:
        edits = edits.filter(at__gt=since)
    if edits.exists():
        return "You edited this content since the last published release. Nobody approves what they edited."
    return ""


def _demand(user: User | None, right: str, sentence: str) -> None:
    if user is not None and not user.has_perm(right):
        raise NotAllowed(sentence)


def _check_content(content: snapshot.Snapshot) -> None:
    statements = [each for section in content["sections"] for each in section["statements"]]
    if not statements:
        raise NotAllowed("There is no statement yet. Write one, with its source, before you submit.")
    twice = sorted(key for key, count in Counter(each["key"] for each in statements).items() if count > 1)
    if twice:
        raise NotAllowed(f"Two statements share a key; give one of them another: {_some(twice)}.")
    bare = [each["key"] for each in statements if not each["citations"]]
    if bare:
        raise NotAllowed(f"Every statement needs a source. Add a citation to: {_some(bare)}.")


def _some(keys: list[str]) -> str:
    return ", ".join(keys[:5]) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")


def _check_news(condition: Condition, digest: str) -> None:
    releases = Release.objects.filter(condition=condition)
    last = releases.published().defer("snapshot").first()
    if last and last.digest == digest:
        raise NotAllowed(f"Nothing changed since release {last.number}.")
    if releases.pending().filter(digest=digest).exists():
        raise NotAllowed("Exactly this content is waiting already.")


def _lock(condition: int) -> None:
    """Let one person at a time move a condition's releases; edits of its rows wait too, by their trigger."""
    Condition.objects.select_for_update().get(pk=condition)


def _in_state(release: Release, *states: str) -> Release:
    """The release as it stands now, locked; NotAllowed when someone moved it meanwhile."""
    _lock(release.condition_id)
    release = Release.objects.select_related("condition").get(pk=release.pk)
    if release.state not in states:
        words = " or ".join(state.lower() for state in states)
        raise NotAllowed(f"This release is {release.state}; only one that is {words} can take this step.")
    if snapshot.digest(release.snapshot) != release.digest:
        raise NotAllowed("The content does not match its digest. Tell whoever runs the database.")
    return release


def _give_verdict(user: User, release: Release, verdict: Verdict, note: str) -> None:
    if len(note) > 2000:
        raise NotAllowed("Keep the note under 2,000 characters.")
    Approval.objects.create(
        release=release, reviewer=user, verdict=verdict, digest=release.digest, note=note.strip()
    )


def _publish(user: User | None, release: Release) -> Release:
    numbered = Release.objects.filter(condition_id=release.condition_id)
    release.number = (numbered.aggregate(last=Max("number"))["last"] or 0) + 1
    release.published_at = timezone.now()
    return _move(user, release, State.PUBLISHED)


def _move(
    user: User | None, release: Release, state: State, *, clinically_approved: bool | None = None
) -> Release:
    release.state = state
    if clinically_approved is not None:
        release.clinically_approved = clinically_approved
    release.save(update_fields=["state", "number", "published_at", "clinically_approved"])
    audit.record(user, f"release.{state}", release)
    return release


@contextmanager
def _explained() -> Iterator[None]:
    """Turn the database's refusal into the same sentence as ours; any other error stays what it is."""
    try:
        yield
    except DatabaseError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        sentence = REFUSALS.get(getattr(diagnosis, "constraint_name", None) or "")
        if sentence is None:
            raise
        raise NotAllowed(sentence) from error
