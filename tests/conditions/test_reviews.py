"""What reviewers do beside approving: declare interests, re-affirm, withdraw with two signatures."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from conditions import duties, publishing, standing
from conditions.models import Approval, Condition, Release, Statement
from portal.identity import acting_as
from portal.models import User
from tests.conditions.test_publishing import edit, raw, refused

Publish = Callable[..., Release]
URL = "/conditions/small-syndrome/"


@pytest.fixture
def published(small: Condition, publish: Publish) -> Release:
    return publish(small)


def words(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status, url
    return re.sub(r"\s+", " ", response.content.decode())


def long_ago(release: Release, reviewer: User, verdict: str, ago: timedelta) -> Release:
    """Give the verdict as if it had been given then, and move the release."""
    with acting_as(reviewer):
        Approval.objects.create(
            release=release,
            reviewer=reviewer,
            verdict=verdict,
            digest=release.digest,
            note="A figure is wrong.",
            interests="None.",
            at=timezone.now() - ago,
        )
        release.state = verdict
        release.clinically_approved = True
        release.save(update_fields=["state", "clinically_approved"])
    return release


def raw_verdict(
    release: Release, reviewer: User, verdict: str, *, note: str = "n", interests: str = "i"
) -> str:
    return raw(
        "INSERT INTO conditions_approval (release_id, reviewer_id, verdict, digest, note, interests, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, now())",
        *(release.pk, reviewer.pk, verdict, release.digest, note, interests),
    )


class TestInterests:
    @pytest.mark.parametrize("interests", ["", "  ", "x" * 601])
    def test_no_approval_without_a_word_on_them(
        self, small: Condition, editor: User, reviewer: User, interests: str
    ) -> None:
        with acting_as(editor):
            waiting = publishing.submit(editor, small, reason="First.")
        with acting_as(reviewer):
            said = refused(publishing.approve, reviewer, waiting, interests=interests)
            assert "which interests you have, or that you have none" in said
            assert raw_verdict(waiting, reviewer, "approved", interests="") == "approval_with_interests"

    def test_readers_see_them(self, client: Client, small: Condition, editor: User, reviewer: User) -> None:
        with acting_as(editor):
            waiting = publishing.submit(editor, small, reason="First.")
        with acting_as(reviewer):
            approved = publishing.approve(reviewer, waiting, interests=" Paid talks for <b>Example</b>. ")
            publishing.publish(reviewer, approved)
        shown = words(client, URL)
        assert "The reviewer’s interests: Paid talks for &lt;b&gt;Example&lt;/b&gt;." in shown
        data = json.loads(client.get(f"{URL}data.json").content)["release"]["review"]
        assert data["interests"] == "Paid talks for <b>Example</b>."
        assert "Paid talks" in " ".join(said_of(waiting_of(small)))


def said_of(release: Release) -> list[str]:
    """What reviewers say of a published release, in words."""
    found = standing.of(release.condition.slug, release.number)
    assert found
    return found.sentences


def waiting_of(condition: Condition) -> Release:
    return Release.objects.get(condition=condition)


@pytest.fixture
def overdue(small: Condition, editor: User, reviewer: User) -> Release:
    """A release that was approved thirteen months ago."""
    with acting_as(editor):
        waiting = publishing.submit(editor, small, reason="First.")
    long_ago(waiting, reviewer, "approved", timedelta(days=396))
    with acting_as(editor):
        return publishing.publish(editor, waiting)


class TestReviewDue:
    def test_readers_see_when(self, client: Client, published: Release) -> None:
        shown = words(client, URL)
        assert "The next review is due by" in shown
        assert "has not been done" not in shown

    def test_overdue_says_so(self, client: Client, overdue: Release) -> None:
        assert "has not been done" in words(client, URL)
        assert json.loads(client.get(f"{URL}data.json").content)["release"]["review"]["overdue"]
        assert any("has not been done" in each for each in said_of(overdue))

    def test_reviewers_find_it_in_the_list(
        self, sign_in: Callable[[User], Client], overdue: Release, reviewer: User, editor: User
    ) -> None:
        listed = "/admin/conditions/release/"
        assert "has not been done" in words(sign_in(reviewer), listed)
        assert "has not been done" not in words(sign_in(editor), listed)
        with acting_as(reviewer):
            publishing.reaffirm(reviewer, overdue, interests="None.")
        assert "has not been done" not in words(sign_in(reviewer), listed)

    def test_reaffirmed_by_a_reviewer_it_is_not_overdue(
        self, client: Client, overdue: Release, reviewer: User
    ) -> None:
        with acting_as(reviewer):
            publishing.reaffirm(reviewer, overdue, interests="None.", note="Nothing new.")
        shown = words(client, URL)
        assert "reviewed again and left unchanged" in shown
        assert "The reviewer’s note: Nothing new." in shown
        assert "has not been done" not in shown

    def test_year_after_year(self, published: Release, reviewer: User) -> None:
        with acting_as(reviewer):
            for _ in range(2):
                publishing.reaffirm(reviewer, published, interests="None.")
        assert Approval.objects.filter(verdict="reaffirmed").count() == 2

    def test_a_date_in_the_future_is_not_believed(self, published: Release, reviewer: User) -> None:
        with acting_as(reviewer):
            given = Approval.objects.create(
                release=published,
                reviewer=reviewer,
                verdict="reaffirmed",
                digest=published.digest,
                interests="None.",
                at="2099-01-01T00:00:00Z",
            )
        given.refresh_from_db()
        assert given.at.year < 2099


class TestReaffirming:
    def test_not_by_who_submitted_or_edited_it(
        self, small: Condition, published: Release, publish: Publish, editor: User, second_editor: User
    ) -> None:
        edit(second_editor)
        with acting_as(second_editor):
            publishing.reaffirm(second_editor, published, interests="None.")  # not edited in this one
        second = publish(small, reason="More.")
        with acting_as(second_editor):
            assert "You edited what is in this release" in refused(
                publishing.reaffirm, second_editor, second, interests="None."
            )
            assert raw_verdict(second, second_editor, "reaffirmed") == "approval_four_eyes"

    def test_an_edit_that_was_under_way_on_submission_counts(
        self, small: Condition, editor: User, second_editor: User, reviewer: User
    ) -> None:
        with acting_as(editor):
            waiting = publishing.submit(editor, small, reason="First.")
        edit(second_editor)
        with acting_as(reviewer):
            approved = publishing.approve(reviewer, waiting, interests="None.")
            published = publishing.publish(reviewer, approved)
        with acting_as(second_editor):
            assert "You edited what is in this release" in refused(
                publishing.reaffirm, second_editor, published, interests="None."
            )
            assert raw_verdict(published, second_editor, "reaffirmed") == "approval_four_eyes"

    def test_not_an_editor_not_a_draft_not_without_interests(
        self, small: Condition, published: Release, editor: User, reviewer: User
    ) -> None:
        assert "Only a clinical reviewer" in refused(
            publishing.reaffirm, editor, published, interests="None."
        )
        with acting_as(reviewer):
            assert "interests" in refused(publishing.reaffirm, reviewer, published, interests="")
        edit(editor)
        with acting_as(editor):
            waiting = publishing.submit(editor, small, reason="More.")
        with acting_as(reviewer):
            assert "only one that is published" in refused(
                publishing.reaffirm, reviewer, waiting, interests="None."
            )
            assert raw_verdict(waiting, reviewer, "reaffirmed") == "approval_state"


class TestWithdrawing:
    @pytest.fixture
    def withdrawn(self, published: Release, reviewer: User) -> Release:
        with acting_as(reviewer):
            return publishing.withdraw(reviewer, published, reason="A figure is wrong.")

    @pytest.mark.parametrize("page", ["", "releases/1/", "changes/", "data.json", "handout.pdf"])
    def test_readers_see_the_notice_and_never_the_content(
        self, client: Client, withdrawn: Release, page: str
    ) -> None:
        shown = words(client, URL + page, status=410)
        assert "A figure is wrong." in shown
        for word in ("wobble", "tremble", "rare", "Small syndrome", "First work"):
            assert word not in shown
        assert "public" not in client.get(URL + page)["Cache-Control"]

    def test_the_release_before_comes_back_with_the_notice(
        self,
        client: Client,
        small: Condition,
        published: Release,
        publish: Publish,
        editor: User,
        reviewer: User,
    ) -> None:
        edit(editor, "Wrong words.")
        wrong = publish(small, reason="More.")
        with acting_as(reviewer):
            publishing.withdraw(reviewer, wrong, reason="A figure is wrong.")
        notice = "Release 2 was withdrawn on"
        shown = words(client, URL)
        assert notice in shown
        assert "A figure is wrong." in shown
        assert "Wrong words" not in shown
        told = json.loads(client.get(f"{URL}data.json").content)["release"]["withdrawals"]
        assert told[0].startswith(notice)
        assert said_of(published)[0].startswith(notice)
        assert "Wrong words" not in words(client, f"{URL}releases/2/", status=410)
        edit(editor, "Right words.")
        publish(small, reason="Mended.")
        assert notice not in words(client, URL)

    def test_nobody_published_is_not_there(self, client: Client, small: Condition) -> None:
        assert client.get(URL).status_code == 404
        assert client.get(f"{URL}releases/{2**40}/").status_code == 404

    def test_two_people_sign(self, withdrawn: Release, reviewer: User, second_editor: User) -> None:
        assert "has to sign the withdrawal by" in duties.waiting_signatures()[0][1]
        with acting_as(reviewer):
            assert "another reviewer has to sign" in refused(
                publishing.confirm_withdrawal, reviewer, withdrawn
            )
            assert raw_verdict(withdrawn, reviewer, "confirmed") == "withdrawal_second_reviewer"
        with acting_as(second_editor):
            publishing.confirm_withdrawal(second_editor, withdrawn)
            assert "signed this withdrawal already" in refused(
                publishing.confirm_withdrawal, second_editor, withdrawn
            )
        assert duties.waiting_signatures() == []

    def test_late_is_shown_to_reviewers_and_may_still_be_signed(
        self, sign_in: Callable[[User], Client], published: Release, reviewer: User, second_editor: User
    ) -> None:
        withdrawn = long_ago(published, reviewer, "withdrawn", timedelta(hours=25))
        listed = words(sign_in(reviewer), "/admin/conditions/release/")
        assert "Nobody signed the withdrawal of release 1 in time" in listed
        own = f"/admin/conditions/release/{withdrawn.pk}/"
        assert f"{own}confirm/" not in words(sign_in(reviewer), f"{own}change/")
        other = sign_in(second_editor)
        assert f"{own}confirm/" in words(other, f"{own}change/")
        assert other.post(f"{own}confirm/", {"words": ""}).status_code == 302
        assert "Nobody signed" not in words(other, "/admin/conditions/release/")

    def test_an_editor_does_not_sign(self, withdrawn: Release, editor: User) -> None:
        assert "Only a clinical reviewer" in refused(publishing.confirm_withdrawal, editor, withdrawn)


def test_no_verdict_changes_the_content(published: Release, reviewer: User, second_editor: User) -> None:
    before = Release.objects.values_list("snapshot", "digest").get(pk=published.pk)
    with acting_as(reviewer):
        publishing.reaffirm(reviewer, published, interests="Changed: a new post.", note="Read again.")
        publishing.withdraw(reviewer, published, reason="Wrong.")
    with acting_as(second_editor):
        publishing.confirm_withdrawal(second_editor, published)
    assert Release.objects.values_list("snapshot", "digest").get(pk=published.pk) == before
    assert Statement.objects.get(key="what").text == "It is *rare*."
    assert publishing.snapshot.digest(before[0]) == before[1]
