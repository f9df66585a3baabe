"""What every step of a release shares: the right, the state under a lock, the verdict, the trail."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from conditions import snapshot
from conditions.models import Approval, Condition, Release
from portal import audit
from portal.models import User

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
    "approval_state": "This release has moved on, so this verdict does not fit it. Open it again.",
    "approval_with_interests": "Say which interests you have, or that you have none; readers see it.",
    "approval_archived": "This condition is archived. Publish a new release to bring it back.",
    "approval_newest": "Readers see a newer release. Archive that one.",
    "withdrawal_second_reviewer": "You withdrew this release, so another reviewer has to sign.",
    "release_states": "This release is not approved, so it cannot be published.",
    "release_one_pending": "Somebody has just submitted this condition. Open its newest release.",
    "release_number_once": "Somebody has just published a release. Try again.",
    "release_by_submitter": "An editor submits for themselves only.",
    "release_frozen": "A release never changes. Edit the draft and submit it again.",
    "translation_one_underway": "Somebody has begun already. Open that draft.",
    "translation_one_published": "Somebody has just published another one. Open it again.",
    "translation_of_a_release": "Nothing of the condition is published yet.",
    "translation_by_editor": "Only an editor translates.",
    "translation_by_reviewer": "A clinical reviewer checks for themselves only.",
    "translation_of_these_pieces": "The translation is not the one that was read. Open it again.",
    "translation_four_eyes": "Nobody checks what they translated. Ask another reviewer.",
    "translation_states": "This translation has moved on. Open it again.",
    "translation_frozen": "What was submitted does not change. Begin a new draft.",
    "translation_pieces": "A translation has at most 4000 characters.",
}


def demand(user: User | None, right: str, sentence: str) -> None:
    """NotAllowed without the right; a command, which has no user, may."""
    if user is not None and not user.has_perm(right):
        raise NotAllowed(sentence)


def lock(condition: int) -> Condition:
    """The condition as it stands, whose releases one person at a time moves; edits wait too, by trigger."""
    return Condition.objects.select_for_update().get(pk=condition)


def in_state(release: Release, *states: str) -> Release:
    """The release as it stands now, locked; NotAllowed when someone moved it meanwhile."""
    lock(release.condition_id)
    release = Release.objects.select_related("condition").get(pk=release.pk)
    if release.state not in states:
        words = " or ".join(state.lower() for state in states)
        raise NotAllowed(f"This release is {release.state}; only one that is {words} can take this step.")
    if snapshot.digest(release.snapshot) != release.digest:
        raise NotAllowed("The content does not match its digest. Tell whoever runs the database.")
    return release


def give_verdict(user: User, release: Release, verdict: Verdict, note: str, interests: str = "") -> None:
    """Write the verdict, bound to the digest. Errors: NotAllowed when a text is too long."""
    if len(note) > 2000:
        raise NotAllowed("Keep the note under 2,000 characters.")
    Approval.objects.create(
        release=release,
        reviewer=user,
        verdict=verdict,
        digest=release.digest,
        note=note.strip(),
        interests=interests,
    )


def move(
    user: User | None, release: Release, state: State, *, clinically_approved: bool | None = None
) -> Release:
    """Give the release its next state, and the trail a line."""
    release.state = state
    if clinically_approved is not None:
        release.clinically_approved = clinically_approved
    release.save(update_fields=["state", "number", "published_at", "clinically_approved"])
    audit.record(user, f"release.{state}", release)
    return release


@contextmanager
def explained() -> Iterator[None]:
    """Turn the database's refusal into the same sentence as ours; any other error stays what it is."""
    try:
        yield
    except DatabaseError as error:
        diagnosis = getattr(error.__cause__, "diag", None)
        sentence = REFUSALS.get(getattr(diagnosis, "constraint_name", None) or "")
        if sentence is None:
            raise
        raise NotAllowed(sentence) from error
