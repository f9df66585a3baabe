"""Four eyes, in code and in the database; nothing skips a state."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from conditions import publishing, snapshot, steps
from conditions.models import Approval, Citation, Condition, Edit, Release, Section, Statement
from conditions.publishing import NotAllowed
from portal.identity import acting_as
from portal.models import DemoMark, User

Publish = Callable[..., Release]


@pytest.fixture
def waiting(small: Condition, editor: User) -> Release:
    with acting_as(editor):
        return publishing.submit(editor, small, reason="First release.")


def edit(user: User, text: str = "Changed.", key: str = "what") -> None:
    with acting_as(user):
        statement = Statement.objects.get(key=key)
        statement.text = text
        statement.save()


def refused(act: Callable[..., Any], *arguments: Any, **named: Any) -> str:
    with pytest.raises(NotAllowed) as refusal:
        act(*arguments, **named)
    return str(refusal.value)


def test_submit_approve_publish(small: Condition, waiting: Release, reviewer: User, editor: User) -> None:
    assert (waiting.state, waiting.number, waiting.clinically_approved) == ("submitted", None, False)
    assert waiting.digest == snapshot.digest(snapshot.take(small))
    with acting_as(reviewer):
        approved = publishing.approve(reviewer, waiting, interests="None.", note=" Fine. ")
    assert Approval.objects.get().note == "Fine."
    with acting_as(editor):
        published = publishing.publish(editor, approved)
    published.refresh_from_db()
    assert (published.state, published.number, published.clinically_approved) == ("published", 1, True)
    assert str(published) == "Small syndrome 1"


def test_every_step_is_in_the_trail(
    small: Condition, publish: Publish, reviewer: User, auditor: User
) -> None:
    release = publish(small)
    with acting_as(reviewer):
        publishing.withdraw(reviewer, release, reason="Wrong.")
    with acting_as(auditor), connection.cursor() as cursor:
        cursor.execute(
            "SELECT action FROM portal_auditevent WHERE target = %s ORDER BY at", [f"Release {release.pk}"]
        )
        acts = [action for (action,) in cursor.fetchall()]
    assert acts == ["release.submitted", "release.approved", "release.published", "release.withdrawn"]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_a_reason_is_due(small: Condition, editor: User, reason: str) -> None:
    assert "what changed" in refused(publishing.submit, editor, small, reason=reason)


def test_rights(small: Condition, waiting: Release, editor: User, family: User) -> None:
    assert "Only an editor submits" in refused(publishing.submit, family, small, reason="r")
    assert "Only a clinical reviewer" in refused(publishing.approve, editor, waiting, interests="None.")
    assert "Only a clinical reviewer" in refused(publishing.return_to_editors, editor, waiting, note="n")
    assert "Only an editor or a" in refused(publishing.publish, family, waiting)
    assert "Only a clinical reviewer" in refused(publishing.withdraw, editor, waiting, reason="r")


def test_an_editor_publishes_nothing_unapproved(waiting: Release, editor: User) -> None:
    with acting_as(editor):
        assert "submitted; only one that is approved" in refused(publishing.publish, editor, waiting)


def test_every_statement_needs_a_citation(small: Condition, editor: User) -> None:
    Citation.objects.filter(statement__key="what").delete()
    assert refused(publishing.submit, editor, small, reason="r") == (
        "Every statement needs a source. Cite one for what."
    )


def test_many_bare_statements_are_counted(small: Condition, editor: User) -> None:
    section = Section.objects.get(condition=small)
    for number in range(7):
        Statement.objects.create(section=section, key=f"bare-{number}", text="T")
    assert "Cite one for bare-4. And 2 more." in refused(publishing.submit, editor, small, reason="r")


def test_an_empty_condition_and_a_doubled_key_are_refused(small: Condition, editor: User) -> None:
    extra = Section.objects.create(condition=small, key="extra", title="Extra")
    Statement.objects.create(section=extra, key="what", text="Again.")
    assert "share a key" in refused(publishing.submit, editor, small, reason="r")
    Section.objects.all().delete()
    assert "no statement yet" in refused(publishing.submit, editor, small, reason="r")


def test_nothing_new_is_not_submitted(
    small: Condition, waiting: Release, publish: Publish, editor: User
) -> None:
    assert "waiting already" in refused(publishing.submit, editor, small, reason="r")
    Statement.objects.filter(key="what").update(text="Other.")
    publish(small)
    assert "Nothing changed since release 1." in refused(publishing.submit, editor, small, reason="r")


def test_a_new_submission_supersedes_and_voids_the_approval(
    small: Condition, waiting: Release, editor: User, reviewer: User
) -> None:
    with acting_as(reviewer):
        publishing.approve(reviewer, waiting, interests="None.")
    edit(editor)
    with acting_as(editor):
        again = publishing.submit(editor, small, reason="More.")
        waiting.refresh_from_db()
        assert waiting.state == "superseded"
        assert "superseded" in refused(publishing.publish, editor, waiting)
        assert "only one that is approved" in refused(publishing.publish, editor, again)
    with acting_as(reviewer):
        assert "superseded" in refused(publishing.approve, reviewer, waiting, interests="None.")


def test_returned_with_a_note(waiting: Release, reviewer: User) -> None:
    with acting_as(reviewer):
        assert "what the editors should change" in refused(
            publishing.return_to_editors, reviewer, waiting, note=" "
        )
        assert "2,000" in refused(publishing.return_to_editors, reviewer, waiting, note="x" * 2001)
        returned = publishing.return_to_editors(reviewer, waiting, note="Cite the trial.")
        assert returned.state == "returned"
        assert "returned" in refused(publishing.approve, reviewer, returned, interests="None.")


def test_who_approved_may_still_return_before_publication(waiting: Release, reviewer: User) -> None:
    with acting_as(reviewer):
        approved = publishing.approve(reviewer, waiting, interests="None.")
        returned = publishing.return_to_editors(reviewer, approved, note="Wait.")
    assert (returned.state, returned.clinically_approved) == ("returned", False)


def test_withdrawn_by_who_approved_it(small: Condition, publish: Publish, reviewer: User) -> None:
    release = publish(small)
    with acting_as(reviewer):
        assert "Say why" in refused(publishing.withdraw, reviewer, release, reason="")
        withdrawn = publishing.withdraw(reviewer, release, reason="A figure is wrong.")
    assert not Release.objects.published().exists()
    assert Approval.objects.get(verdict="withdrawn").note == "A figure is wrong."
    assert withdrawn.number == 1


def test_numbers_follow_each_other(small: Condition, publish: Publish, editor: User, reviewer: User) -> None:
    first = publish(small)
    with acting_as(reviewer):
        publishing.withdraw(reviewer, first, reason="Wrong.")
    edit(editor)
    assert publish(small).number == 2


class TestFourEyes:
    def test_the_submitter_cannot_approve(self, small: Condition, second_editor: User) -> None:
        with acting_as(second_editor):
            own = publishing.submit(second_editor, small, reason="r")
            assert "You submitted" in refused(publishing.approve, second_editor, own, interests="None.")

    def test_who_edited_cannot_approve_even_when_another_submits(
        self, small: Condition, editor: User, second_editor: User, reviewer: User
    ) -> None:
        edit(second_editor)
        with acting_as(editor):
            release = publishing.submit(editor, small, reason="r")
        with acting_as(second_editor):
            assert "Nobody approves what they edited" in refused(
                publishing.approve, second_editor, release, interests="None."
            )
        with acting_as(reviewer):
            assert publishing.approve(reviewer, release, interests="None.").clinically_approved

    def test_an_edit_before_the_last_release_is_forgiven(
        self, small: Condition, publish: Publish, editor: User, second_editor: User
    ) -> None:
        edit(second_editor)
        publish(small)
        edit(editor, "By another.")
        with acting_as(editor):
            release = publishing.submit(editor, small, reason="r")
        with acting_as(second_editor):
            assert publishing.approve(second_editor, release, interests="None.").state == "approved"

    def test_the_database_refuses_who_edited(
        self, small: Condition, editor: User, second_editor: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With our own check gone, the trigger still says no, and its refusal becomes the sentence."""
        edit(second_editor)
        with acting_as(editor):
            release = publishing.submit(editor, small, reason="r")
        monkeypatch.setattr(publishing, "why_not_approve", lambda user, release: "")
        with acting_as(second_editor):
            assert (
                refused(publishing.approve, second_editor, release, interests="None.")
                == publishing.REFUSALS["approval_four_eyes"]
            )
        release.refresh_from_db()
        assert release.state == "submitted"

    @pytest.mark.parametrize("word", ["editor", "second_editor", "family"])
    def test_a_raw_approval_is_refused(
        self, word: str, waiting: Release, editor: User, request: pytest.FixtureRequest
    ) -> None:
        user = request.getfixturevalue(word)
        if word == "second_editor":
            edit(user)
        with acting_as(user):
            assert raw_approval(waiting, user.pk, waiting.digest) in {
                "approval_by_reviewer",
                "approval_four_eyes",
            }

    def test_a_raw_approval_in_anothers_name_is_refused(
        self, waiting: Release, editor: User, reviewer: User
    ) -> None:
        with acting_as(editor):
            assert raw_approval(waiting, reviewer.pk, waiting.digest) == "approval_by_reviewer"

    def test_a_raw_approval_of_other_content_is_refused(self, waiting: Release, reviewer: User) -> None:
        with acting_as(reviewer):
            assert raw_approval(waiting, reviewer.pk, "0" * 64) == "approval_of_this_content"

    def test_raw_states_and_snapshots_are_refused(self, waiting: Release, editor: User) -> None:
        with acting_as(editor):
            assert (
                raw("UPDATE conditions_release SET state = 'approved' WHERE id = %s", waiting.pk)
                == "release_states"
            )
            numbered = "state = 'published', number = 1, published_at = now()"
            assert (
                raw(f"UPDATE conditions_release SET {numbered} WHERE id = %s", waiting.pk) == "release_states"
            )
            assert "permission denied" in raw(
                "UPDATE conditions_release SET snapshot = '{}' WHERE id = %s", waiting.pk
            )
            assert "permission denied" in raw(
                "DELETE FROM conditions_edit WHERE condition_id = %s", waiting.condition_id
            )


def raw(statement: str, *values: object) -> str:
    """Run it as this identity; give the constraint or the words that refused it."""
    with pytest.raises(DatabaseError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return refusal.value.__cause__.diag.constraint_name or str(refusal.value)


def raw_approval(release: Release, reviewer: int, digest: str) -> str:
    return raw(
        "INSERT INTO conditions_approval (release_id, reviewer_id, verdict, digest, note, at)"
        " VALUES (%s, %s, 'approved', %s, '', now())",
        *(release.pk, reviewer, digest),
    )


def test_a_snapshot_that_does_not_match_its_digest_is_refused(
    small: Condition, editor: User, reviewer: User
) -> None:
    with acting_as(editor):
        forged = Release.objects.create(
            condition=small, snapshot=snapshot.take(small), digest="0" * 64, submitted_by=editor
        )
    with acting_as(reviewer):
        assert "does not match its digest" in refused(publishing.approve, reviewer, forged, interests="None.")


def test_edits_are_noted_for_whoever_is_signed_in(small: Condition, editor: User) -> None:
    assert set(Edit.objects.values_list("editor_id", flat=True)) == {None}
    edit(editor)
    noted = Edit.objects.get(editor_id=editor.pk)
    assert (noted.condition, noted.table) == (small, "conditions_statement")


class TestUnapproved:
    def test_only_a_demonstration(self, small: Condition, settings: Settings) -> None:
        release = publishing.submit(None, small, reason="Demo.")
        assert "Only a demonstration" in refused(publishing.publish_unapproved, release)
        settings.DEMO = True
        assert "Only a demonstration" in refused(publishing.publish_unapproved, release)

    def test_without_the_mark_the_database_refuses(
        self, small: Condition, settings: Settings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.DEMO = True
        release = publishing.submit(None, small, reason="Demo.")
        monkeypatch.setattr(DemoMark.objects.__class__, "exists", lambda self: True)
        assert refused(publishing.publish_unapproved, release) == publishing.REFUSALS["release_states"]


def test_another_database_error_stays_what_it_is() -> None:
    with pytest.raises(DatabaseError, match="elsewhere"), steps.explained():
        raise DatabaseError("elsewhere")
