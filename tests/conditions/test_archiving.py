"""Content that nobody keeps up any more: who says so, what readers meet, how it comes back."""

import json
from collections.abc import Callable

import pytest
from django.test import Client

from conditions import archiving, duties, publishing, search
from conditions.models import Condition, Release
from portal.identity import acting_as
from portal.models import AuditEvent, User
from tests.conditions.test_publishing import edit, refused
from tests.conditions.test_reviews import overdue, published, raw_verdict, words

__all__ = ["overdue", "published"]  # fixtures

Publish = Callable[..., Release]
SignIn = Callable[[User], Client]
URL = "/conditions/small-syndrome/"
WHY = "The clinic <b>closed</b>."
SHOWN = "The clinic &lt;b&gt;closed&lt;/b&gt;."
CONTENT = ("wobble", "tremble", "is *rare*", "First work")


@pytest.fixture
def archived(published: Release, reviewer: User) -> Release:
    with acting_as(reviewer):
        return archiving.archive(reviewer, published, reason=WHY)


@pytest.mark.parametrize("page", ["", "?for=child", "data.json", "handout.pdf"])
def test_what_looks_current_answers_that_it_is_not(client: Client, archived: Release, page: str) -> None:
    shown = words(client, URL + page, status=410)
    assert "No longer kept up since" in shown
    assert SHOWN in shown or WHY in shown
    assert "/conditions/small-syndrome/releases/1/" in shown
    for word in CONTENT:
        assert word not in shown
    assert "public" not in client.get(URL + page)["Cache-Control"]


@pytest.mark.parametrize(("page", "kind"), [("data.json", "application/json"), ("handout.pdf", "text/plain")])
def test_the_answer_is_of_a_kind_that_was_asked_for(
    client: Client, archived: Release, page: str, kind: str
) -> None:
    response = client.get(URL + page)
    assert response["Content-Type"].startswith(kind)
    assert "<html" not in response.content.decode()
    if page == "data.json":
        told = json.loads(response.content)
        assert told["last"] == "http://testserver/conditions/small-syndrome/releases/1/"


@pytest.mark.parametrize("page", ["releases/1/", "changes/"])
def test_the_last_release_is_still_read_and_says_so(client: Client, archived: Release, page: str) -> None:
    shown = words(client, URL + page)
    assert SHOWN in shown
    assert "The next review is due" not in shown
    assert ("Children wobble." in shown) == (page == "releases/1/")


def test_lists_and_search_lose_it_and_the_feed_tells(client: Client, archived: Release) -> None:
    for query in ("", "?q=small", "?q=tiny+eyes", "?q=wobble", "?q=ORPHA:9999"):
        assert "/conditions/small-syndrome/" not in words(client, f"/conditions/{query}")
    assert "small-syndrome" not in words(client, "/sitemap.xml")
    for feed in ("/conditions/changes.atom", f"{URL}changes.atom"):
        told = words(client, feed)
        assert "Small syndrome: no longer kept up" in told
        assert told.index("no longer kept up</title>") < told.index("release 1</title>")


@pytest.mark.parametrize("form", ["json", "html"])
def test_a_lookup_says_so(client: Client, archived: Release, form: str) -> None:
    shown = words(client, f"/lookup/?system=ORPHA&code=9999&format={form}", status=404)
    assert "Small syndrome carries ORPHA 9999. No longer kept up since" in shown
    assert "wobble" not in shown


def test_no_review_of_it_is_overdue(overdue: Release, reviewer: User) -> None:
    assert duties.overdue_reviews()
    with acting_as(reviewer):
        archiving.archive(reviewer, overdue, reason=WHY)
    assert duties.overdue_reviews() == []


def test_a_new_release_brings_it_back_even_unchanged(
    client: Client, small: Condition, archived: Release, publish: Publish
) -> None:
    publish(small, reason="Kept up again.")
    assert "No longer kept up" not in words(client, URL)
    assert "Children wobble." in words(client, URL)
    assert "No longer kept up" not in words(client, f"{URL}releases/1/")
    assert [each.slug for each in search.everything()] == ["small-syndrome"]
    assert "/conditions/small-syndrome/" in words(client, "/conditions/?q=wobble")


def test_a_withdrawal_brings_nothing_back(
    client: Client, small: Condition, published: Release, publish: Publish, editor: User, reviewer: User
) -> None:
    edit(editor)
    second = publish(small, reason="More.")
    with acting_as(reviewer):
        archiving.archive(reviewer, second, reason=WHY)
        publishing.withdraw(reviewer, second, reason="And wrong.")
    assert SHOWN in words(client, URL, status=410)
    assert SHOWN in words(client, f"{URL}releases/1/")
    assert "/conditions/small-syndrome/" not in words(client, "/conditions/?q=wobble")


def test_no_hash_changes_and_the_trail_knows(
    archived: Release, reviewer: User, trail: Callable[..., list[AuditEvent]]
) -> None:
    stored = Release.objects.get(pk=archived.pk)
    assert stored.state == "published"
    assert publishing.snapshot.digest(stored.snapshot) == stored.digest == archived.digest
    assert [event.actor_id for event in trail(action="release.archived")] == [reviewer.pk]


def test_not_by_an_editor_not_without_a_reason_not_twice(
    archived: Release, editor: User, reviewer: User, second_editor: User
) -> None:
    with acting_as(editor):
        assert "Only a clinical reviewer" in refused(archiving.archive, editor, archived, reason=WHY)
        assert raw_verdict(archived, editor, "archived") == "approval_by_reviewer"
    with acting_as(second_editor):
        assert "Say why" in refused(archiving.archive, second_editor, archived, reason=" ")
        assert "is archived" in refused(archiving.archive, second_editor, archived, reason=WHY)
        assert raw_verdict(archived, second_editor, "archived") == "approval_archived"
    with acting_as(reviewer):
        assert "is archived" in refused(publishing.reaffirm, reviewer, archived, interests="None.")
        assert raw_verdict(archived, reviewer, "reaffirmed") == "approval_archived"


def test_only_what_readers_see_first_and_never_without_a_reason(
    small: Condition, published: Release, publish: Publish, editor: User, reviewer: User
) -> None:
    with acting_as(reviewer):
        assert raw_verdict(published, reviewer, "archived", note="") == "approval_returned_with_reason"
    edit(editor)
    publish(small, reason="More.")
    with acting_as(reviewer):
        assert "Readers see a newer release" in refused(archiving.archive, reviewer, published, reason=WHY)
        assert raw_verdict(published, reviewer, "archived") == "approval_newest"
    with acting_as(editor):
        edit(editor, "Yet more.")
        waiting = publishing.submit(editor, small, reason="Yet more.")
    with acting_as(reviewer):
        assert "only one that is published" in refused(archiving.archive, reviewer, waiting, reason=WHY)
        assert raw_verdict(waiting, reviewer, "archived") == "approval_state"


def test_a_reviewer_archives_in_the_admin(
    client: Client, sign_in: SignIn, published: Release, reviewer: User
) -> None:
    browser, own = sign_in(reviewer), f"/admin/conditions/release/{published.pk}/"
    assert f"{own}archive/" in words(browser, f"{own}change/")
    assert "Write a sentence" in browser.post(f"{own}archive/", {"words": ""}).content.decode()
    assert browser.post(f"{own}archive/", {"words": WHY}).status_code == 302
    page = words(browser, f"{own}change/")
    assert "Archived: no longer kept up by" in page
    assert f"{own}archive/" not in page
    assert SHOWN in words(client, URL, status=410)


def test_the_handout_of_what_was_withdrawn_is_answered_in_words(
    client: Client, published: Release, reviewer: User
) -> None:
    with acting_as(reviewer):
        publishing.withdraw(reviewer, published, reason=WHY)
    response = client.get(f"{URL}handout.pdf")
    assert (response.status_code, response["Content-Type"]) == (410, "text/plain; charset=utf-8")
    told = response.content.decode()
    assert told.startswith("This handout was withdrawn.\n")
    assert f": {WHY}\n" in told
    assert "http://testserver/conditions/" in told
