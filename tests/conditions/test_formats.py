"""A release of an older form keeps its digest and is read as ever."""

import copy
from typing import Any

import pytest
from django.test import Client

from conditions import publishing, reading, snapshot
from conditions.difference import difference
from conditions.formats import current
from conditions.models import Condition, Release
from portal.identity import acting_as
from portal.models import User
from tests.conditions.test_publishing import refused

OLD: Any = {
    "format": 1,
    "condition": {"slug": "small-syndrome", "name": "Small", "short_name": "", "summary": "Short."},
    "names": [{"text": "b", "kind": "lay", "note": ""}, {"text": "A", "kind": "lay", "note": ""}],
    "codes": [],
    "features": [],
    "sources": [
        {
            "key": "one",
            "kind": "review",
            "title": "Work",
            "authors": "",
            "year": None,
            "published_in": "",
            "doi": "",
            "pmid": "1",
            "url": "",
            "read": "part",
            "checked": True,
            "note": "",
        }
    ],
    "sections": [
        {
            "key": "overview",
            "title": "Overview",
            "statements": [
                {
                    "key": "what",
                    "population": "all",
                    "question": "",
                    "text": "It is rare.",
                    "citations": [{"source": "one", "locator": "", "checked": True}],
                }
            ],
        }
    ],
}
# As the release of the time computed it.
DIGEST = "596b9750cf858fba25f5764a7552664a668038a0fa3cbd430298361a428abecd"


def test_the_digest_of_an_old_release_stays() -> None:
    assert snapshot.digest(OLD) == DIGEST


def test_what_an_old_release_lacks_is_filled_in() -> None:
    before = copy.deepcopy(OLD)
    read = current(OLD)
    assert before == OLD, "reading changes nothing that is stored"
    assert read["format"] == snapshot.FORMAT
    assert read["condition"]["review_months"] == 12
    assert read["facts"] == read["must_says"] == read["organisations"] == []
    (section,) = read["sections"]
    assert (section["kind"], section["urgency"]) == ("text", "")
    (statement,) = section["statements"]
    assert (statement["professional"], statement["dissent"]) == ("", "")
    assert statement["citations"][0]["stance"] == "supports"
    assert statement["citations"][0]["checked_on"] is None


def test_a_snapshot_of_today_is_given_back_as_it_is(full: Condition) -> None:
    taken = snapshot.take(full)
    assert current(taken) is taken
    assert set(current(OLD)) == set(taken)
    filled = current(OLD)["sections"][0]["statements"][0]
    assert set(filled) == set(taken["sections"][0]["statements"][0])
    assert set(filled["citations"][0]) == set(taken["sections"][0]["statements"][0]["citations"][0])
    assert set(current(OLD)["condition"]) == set(taken["condition"])
    assert set(current(OLD)["names"][0]) == set(taken["names"][0])


def test_an_old_form_of_the_same_content_differs_in_nothing() -> None:
    assert difference(OLD, current(OLD)) == []


def test_a_release_from_before_decisions_keeps_its_digest_and_is_read_the_same(full: Condition) -> None:
    taken: Any = snapshot.take(full)
    second = copy.deepcopy(taken) | {"format": 2}
    for section in second["sections"]:
        for statement in section["statements"]:
            for field in ("decision", "decided_by", "decided_on"):
                del statement[field]
    before = snapshot.digest(second)
    read = current(second)
    assert snapshot.digest(second) == before != snapshot.digest(read)
    assert [read[word] for word in ("facts", "must_says", "organisations")] == [
        taken[word] for word in ("facts", "must_says", "organisations")
    ]
    assert {str(change) for change in difference(second, taken)} == {
        f"statement fits changed: {field}" for field in ("decision", "decided_by", "decided_on")
    }


def test_the_same_content_in_todays_form_is_no_news(small: Condition, editor: User, reviewer: User) -> None:
    stored: Any = snapshot.take(small) | {"format": 2}
    for section in stored["sections"]:
        for statement in section["statements"]:
            for field in ("decision", "decided_by", "decided_on"):
                del statement[field]
    digest = snapshot.digest(stored)
    with acting_as(editor):
        waiting = Release.objects.create(condition=small, snapshot=stored, digest=digest, submitted_by=editor)
    with acting_as(reviewer):
        publishing.publish(reviewer, publishing.approve(reviewer, waiting, interests="None."))
    with acting_as(editor):
        assert "Nothing changed since release 1" in refused(publishing.submit, editor, small, reason="N.")


@pytest.fixture
def old_release(small: Condition, editor: User, reviewer: User) -> Release:
    """A published release as it was stored before facts and care cards."""
    with acting_as(editor):
        waiting = Release.objects.create(condition=small, snapshot=OLD, digest=DIGEST, submitted_by=editor)
    with acting_as(reviewer):
        return publishing.publish(reviewer, publishing.approve(reviewer, waiting, interests="None."))


@pytest.mark.parametrize("tail", ["", "?for=child", "releases/1/", "changes/", "data.json", "handout.pdf"])
def test_an_old_release_is_still_read(client: Client, old_release: Release, tail: str) -> None:
    assert client.get(f"/conditions/small-syndrome/{tail}").status_code == 200


def test_the_page_of_an_old_release(client: Client, old_release: Release) -> None:
    assert "It is rare." in client.get("/conditions/small-syndrome/").content.decode()
    assert reading.edition(old_release.snapshot).sections[0].title == "Overview"
