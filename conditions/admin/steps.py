"""The words on the page of each step."""

from dataclasses import replace

from django.urls import reverse

from conditions.admin.acts import Act
from conditions.models import Release

# Titles name the condition or the release.
ACTS: dict[str, Act] = {
    "approve": Act(
        title="Approve {name}",
        text="You answer for this content as a clinical reviewer. Your approval is bound to its digest.",
        label="Note for readers (may stay empty)",
        required=False,
        longest=2000,
        interests=True,
        button="Approve",
        done="Approved. It can be published now.",
    ),
    "return": Act(
        title="Return {name} to the editors",
        text="The editors change the draft and submit it again.",
        label="What should change",
        longest=2000,
        button="Return to the editors",
        done="Returned to the editors.",
    ),
    "publish": Act(
        title="Publish {name}",
        text="Readers see this release from now on.",
        button="Publish",
        done="Published. Readers see it now.",
    ),
    "plan": Act(
        title="Set when {name} is published",
        text="It is published then by itself, if nothing stands in the way at that moment.",
        at=True,
        button="Set the time",
        done="Saved. Its page says when it is published, or why it is not.",
    ),
    "withdraw": Act(
        title="Withdraw {release}",
        text="Readers lose this release at once. They see your notice, and the published release before"
        " it, if there is one. Another reviewer has to sign within 24 hours.",
        label="Notice to readers",
        longest=2000,
        button="Withdraw",
        done="Withdrawn. Ask another reviewer to sign within 24 hours.",
    ),
    "archive": Act(
        title="Archive {release}",
        text="Nobody keeps this content up any more. Search and lists lose it, and its address says so and"
        " why. The release can still be read at its own address. A new release brings it back.",
        label="Why it is no longer kept up (readers see it)",
        longest=2000,
        button="Archive",
        done="Archived. Readers are told that it is no longer kept up.",
    ),
    "confirm": Act(
        title="Sign the withdrawal of {release}",
        text="You agree that this release was rightly taken from readers. It stays withdrawn.",
        label="Note for editors and reviewers (may stay empty)",
        required=False,
        longest=2000,
        button="Sign the withdrawal",
        done="Signed. Two reviewers answer for the withdrawal now.",
    ),
    "reaffirm": Act(
        title="Re-affirm {release}",
        text="You have reviewed all of this release and nothing has to change. Its next review counts"
        " from today. Where something has to change, ask the editors instead.",
        label="Note for readers (may stay empty)",
        required=False,
        longest=2000,
        interests=True,
        button="Re-affirm",
        done="Re-affirmed. Readers see the new date.",
    ),
}


def act_of(step: str, release: Release) -> Act:
    """What the page of `step` says about this release."""
    act = ACTS[step]
    return replace(
        act,
        title=act.title.format(name=release.condition.name, release=release),
        cancel=reverse("admin:conditions_release_change", args=[release.pk]),
    )
