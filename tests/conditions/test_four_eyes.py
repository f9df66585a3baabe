"""Nobody approves what they wrote: not a superuser, not with raw SQL, not by being quick."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from conditions import publishing, snapshot
from conditions.models import Condition, Edit, Release, Section, Statement
from portal.identity import acting_as
from portal.models import User
from tests.conditions.test_publishing import edit, raw, raw_approval, refused

Publish = Callable[..., Release]
SignIn = Callable[[User], Client]


@pytest.fixture
def waiting(small: Condition, editor: User) -> Release:
    with acting_as(editor):
        return publishing.submit(editor, small, reason="First release.")


@pytest.fixture
def approved(waiting: Release, reviewer: User) -> Release:
    with acting_as(reviewer):
        return publishing.approve(reviewer, waiting, interests="None.")


def page(step: str, release: Release) -> str:
    return reverse(f"admin:conditions_release_{step}", args=[release.pk])


class TestSuperusers:
    """There are none; were there one, the rules would not ask."""

    @pytest.fixture
    def almighty(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(User, "is_superuser", True)
        monkeypatch.setattr(User, "is_staff", True, raising=False)

    def test_who_edited(self, sign_in: SignIn, waiting: Release, second_editor: User, almighty: None) -> None:
        edit(second_editor)
        answer = sign_in(second_editor).post(page("approve", waiting), {"words": "", "interests": "None."})
        assert "Nobody approves what they edited" in answer.content.decode()
        waiting.refresh_from_db()
        assert waiting.state == "submitted"

    @pytest.mark.parametrize("word", ["administrator", "editor", "family"])
    def test_who_is_no_reviewer(
        self, sign_in: SignIn, waiting: Release, word: str, request: pytest.FixtureRequest, almighty: None
    ) -> None:
        sent = {"words": "", "interests": "None."}
        answer = sign_in(request.getfixturevalue(word)).post(page("approve", waiting), sent)
        assert answer.status_code in {200, 403, 404}
        waiting.refresh_from_db()
        assert waiting.state == "submitted"


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("number = 7", "release_frozen"),
        ("published_at = now()", "release_frozen"),
        ("published_at = NULL", "release_frozen"),
        ("clinically_approved = false", "release_frozen"),
        ("state = 'approved'", "release_states"),
        ("state = 'submitted'", "release_states"),
        ("state = 'superseded'", "release_states"),
        ("state = 'withdrawn'", "release_states"),
        ("state = 'returned'", "release_states"),
        ("snapshot = '{}'", "permission denied"),
        ("digest = repeat('0', 64)", "permission denied"),
        ("reason = 'Another.'", "permission denied"),
        ("submitted_by_id = NULL", "permission denied"),
        ("submitted_at = now()", "permission denied"),
        ("condition_id = condition_id", "permission denied"),
    ],
)
@pytest.mark.parametrize("word", ["editor", "reviewer"])
def test_raw_changes_of_a_published_release(
    small: Condition,
    publish: Publish,
    word: str,
    change: str,
    constraint: str,
    request: pytest.FixtureRequest,
) -> None:
    release = publish(small)
    with acting_as(request.getfixturevalue(word)):
        assert constraint in raw(f"UPDATE conditions_release SET {change} WHERE id = %s", release.pk)
        assert "permission denied" in raw("DELETE FROM conditions_release WHERE id = %s", release.pk)
        assert "permission denied" in raw("UPDATE conditions_approval SET interests = 'x'")
        assert "permission denied" in raw("DELETE FROM conditions_approval")


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("change", ["snapshot = '{}'", "digest = repeat('0', 64)", "reason = 'Another.'"])
def test_the_owner_of_the_table_does_not_change_one_by_mistake(waiting: Release, change: str) -> None:
    with connections["owner"].cursor() as cursor, pytest.raises(Exception, match="a release never changes"):
        cursor.execute(f"UPDATE conditions_release SET {change} WHERE id = %s", [waiting.pk])


class TestAfterApproval:
    def test_an_edit_is_not_in_what_was_approved(
        self, approved: Release, editor: User, reviewer: User
    ) -> None:
        edit(editor, "Slipped in.")
        with acting_as(editor):
            published = publishing.publish(editor, approved)
        published.refresh_from_db()
        assert "Slipped in." not in str(published.snapshot)
        assert snapshot.digest(published.snapshot) == published.digest == approved.digest

    def test_edited_content_needs_an_approval_of_its_own(
        self, small: Condition, approved: Release, editor: User, reviewer: User
    ) -> None:
        edit(editor, "Slipped in.")
        with acting_as(editor):
            second = publishing.submit(editor, small, reason="More.")
            shown = "state = 'published', number = 1, published_at = now()"
            assert raw(f"UPDATE conditions_release SET {shown} WHERE id = %s", second.pk) == "release_states"
            unread = f"{shown}, clinically_approved = true"
            assert raw(f"UPDATE conditions_release SET {unread} WHERE id = %s", second.pk) == "release_states"
            assert (
                raw(f"UPDATE conditions_release SET {shown} WHERE id = %s", approved.pk) == "release_states"
            )
        with acting_as(reviewer):
            assert raw_approval(second, reviewer.pk, approved.digest) == "approval_of_this_content"
            assert raw_approval(approved, reviewer.pk, approved.digest) == "approval_state"


class TestWhoSubmits:
    """Content of one's own, put in another's name, could be approved by oneself."""

    @pytest.mark.parametrize("word", ["reviewer", "second_editor", "family"])
    def test_a_raw_submission_in_anothers_name(
        self, small: Condition, editor: User, word: str, request: pytest.FixtureRequest
    ) -> None:
        assert raw_release(small, editor.pk, request.getfixturevalue(word)) == "release_by_submitter"

    def test_a_raw_submission_by_who_is_no_editor(self, small: Condition, reviewer: User) -> None:
        assert raw_release(small, reviewer.pk, reviewer) == "release_by_submitter"

    def test_a_raw_publication_by_who_is_neither(self, approved: Release, family: User) -> None:
        shown = "state = 'published', number = 1, published_at = now()"
        with acting_as(family):
            assert (
                raw(f"UPDATE conditions_release SET {shown} WHERE id = %s", approved.pk) == "release_states"
            )


def raw_release(condition: Condition, submitter: int, speaker: User) -> str:
    with acting_as(speaker):
        return raw(
            "INSERT INTO conditions_release (condition_id, state, snapshot, digest, reason,"
            " clinically_approved, submitted_by_id, submitted_at)"
            " VALUES (%s, 'submitted', '{}', repeat('0', 64), 'r', false, %s, now())",
            *(condition.pk, submitter),
        )


class TestRoleTakenAway:
    @pytest.fixture
    def both(self, colleague: User, appoint: Callable[..., None]) -> User:
        """An editor and reviewer whose clinic's administrator can change that."""
        appoint(colleague, roles=["editor", "reviewer"])
        return User.objects.get(pk=colleague.pk)

    def test_between_opening_and_approving(
        self, sign_in: SignIn, waiting: Release, both: User, appoint: Callable[..., None]
    ) -> None:
        browser = sign_in(both)
        assert browser.get(page("approve", waiting)).status_code == 200
        appoint(both, roles=["editor"])
        sent = {"words": "Half a page of notes.", "interests": "None."}
        answer = sign_in(both).post(page("approve", waiting), sent).content.decode()
        assert "Only a clinical reviewer approves." in answer
        assert "Half a page of notes." in answer
        waiting.refresh_from_db()
        assert waiting.state == "submitted"

    def test_while_it_is_done(self, waiting: Release, both: User, appoint: Callable[..., None]) -> None:
        """The right was asked of a person as they were; the database asks who they are now."""
        appoint(User.objects.get(pk=both.pk), roles=["editor"])
        assert "reviewer" in both.roles
        with acting_as(both):
            said = refused(publishing.approve, both, waiting, interests="None.")
        assert said == publishing.REFUSALS["approval_by_reviewer"]


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_publication_that_races_an_edit(
    approved: Release, editor: User, second_editor: User, reviewer: User
) -> None:
    """The edit is under way, not yet committed, when the release is published."""
    under_way, published = threading.Event(), threading.Event()

    def write() -> None:
        with acting_as(second_editor):
            Statement.objects.filter(key="what").update(text="Slipped in.")
            under_way.set()
            published.wait(timeout=0.2)  # it cannot come: publishing waits for this edit
        connections.close_all()

    def show() -> None:
        under_way.wait(timeout=5)
        with acting_as(reviewer):
            publishing.publish(reviewer, approved)
        published.set()
        connections.close_all()

    threads = [threading.Thread(target=act) for act in (write, show)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=10)
    shown = Release.objects.published().get()
    assert Statement.objects.get(key="what").text == "Slipped in."
    assert "Slipped in." not in str(shown.snapshot)
    assert shown.digest == approved.digest


def test_words_that_were_withdrawn_are_still_their_authors(
    small: Condition, publish: Publish, editor: User, second_editor: User, reviewer: User
) -> None:
    """A reviewer compares with what readers see, and there the words are new again."""
    publish(small)
    edit(second_editor, "What was wrong.")
    wrong = publish(small, reason="Second.")
    with acting_as(reviewer):
        publishing.withdraw(reviewer, wrong, reason="A sentence was wrong.")
    edit(editor, "Another sentence.", key="adults")
    with acting_as(editor):
        waiting = publishing.submit(editor, small, reason="Third.")
    with acting_as(second_editor):
        assert "You edited this content" in refused(
            publishing.approve, second_editor, waiting, interests="None."
        )
        assert raw_approval(waiting, second_editor.pk, waiting.digest) == "approval_four_eyes"


def test_whoever_moves_a_row_away_edited_what_it_left(
    small: Condition, editor: User, second_editor: User
) -> None:
    other = Condition.objects.create(slug="other", name="Other", summary="Another one.")
    with acting_as(editor):
        waiting = publishing.submit(editor, small, reason="First.")
    with acting_as(second_editor):
        Section.objects.filter(condition=small, key="overview").update(condition=other)
    for condition in (small, other):
        assert Edit.objects.filter(condition=condition, editor_id=second_editor.pk).count() == 1
    with acting_as(second_editor):
        assert raw_approval(waiting, second_editor.pk, waiting.digest) == "approval_four_eyes"
