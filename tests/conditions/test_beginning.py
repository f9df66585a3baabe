"""A new condition begins with the usual sections; what is empty shows to editors and never to readers."""

import json
import re

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from conditions.beginning import USUAL, begin
from conditions.handouts import contents
from conditions.models import Condition, Section, Statement
from conditions.reading import edition
from portal.identity import acting_as
from portal.models import User
from tests.conditions.editors import form_of
from tests.conditions.test_admin import Publish, SignIn, page, words


@pytest.fixture
def begun(sign_in: SignIn, editor: User) -> Condition:
    """A condition that an editor has just added in the admin."""
    browser, address = sign_in(editor), page("condition", "add")
    sent = form_of(browser.get(address)) | {
        "slug": "new",
        "name": "New",
        "summary": "S",
        "review_months": "12",
    }
    assert browser.post(address, sent).status_code == 302
    return Condition.objects.get(slug="new")


def test_it_has_the_usual_sections_in_their_order(begun: Condition) -> None:
    made = list(begun.sections.values_list("key", "title", "kind", "urgency"))
    assert made == [(key, title, str(kind), str(urgency)) for key, title, kind, urgency in USUAL]


def test_one_event_of_the_trail_says_so(begun: Condition, sign_in: SignIn, auditor: User) -> None:
    trail = words(sign_in(auditor).get("/trail/"))
    assert trail.count("condition.begun") == trail.count("condition.added") == 1


def test_the_gaps_are_counted_with_links(begun: Condition, sign_in: SignIn, editor: User) -> None:
    browser = sign_in(editor)
    shown = words(browser.get(page("condition", "change", begun.pk)))
    assert f"{len(USUAL) + 3} gaps to fill" in shown
    links = re.findall(r'<li><a href="([^"]+)">[^<]*(?:no statement|no source|no other name|no code)', shown)
    assert len(links) == len(USUAL) + 3
    for link in links:
        assert browser.get(link.partition("#")[0]).status_code == 200
    section = begun.sections.get(key="signs")
    add = words(browser.get(f"{page('statement', 'add')}?section={section.pk}"))
    assert f'<option value="{section.pk}" selected>' in add


def test_a_gap_that_is_filled_is_gone(small: Condition, sign_in: SignIn, editor: User) -> None:
    browser, address = sign_in(editor), page("condition", "change", small.pk)
    assert 'id="gaps"' not in words(browser.get(address))
    with acting_as(editor):
        Section.objects.create(condition=small, key="empty", title="Empty so far")
    assert "1 gap to fill" in words(browser.get(address))
    assert "“Empty so far” has no statement yet." in words(browser.get(address))


def test_readers_meet_no_gap(small: Condition, editor: User, publish: Publish, client: Client) -> None:
    publish(small)
    with acting_as(editor):
        Section.objects.create(condition=small, key="empty", title="Empty so far")
        Statement.objects.filter(key="what").update(text="Another word.")
    release = publish(small)
    for address in ("", "data.json", "changes/"):
        assert "Empty so far" not in client.get(f"/conditions/small-syndrome/{address}").content.decode()
    assert "Another" in client.get("/conditions/small-syndrome/changes/").content.decode()
    assert "Empty so far" not in json.dumps(contents(release, edition(release.snapshot)))


def test_a_condition_with_sections_keeps_them(small: Condition, editor: User) -> None:
    with acting_as(editor):
        assert begin(editor, small) == []
    assert small.sections.count() == 1


def test_a_change_begins_nothing(small: Condition, sign_in: SignIn, editor: User) -> None:
    browser, address = sign_in(editor), page("condition", "change", small.pk)
    with acting_as(editor):
        small.sections.all().delete()
    assert browser.post(address, form_of(browser.get(address))).status_code == 302
    assert not small.sections.exists()
    assert "There is no section yet." in words(browser.get(address))


def test_a_section_that_the_database_refuses_leaves_no_event(
    editor: User, db: None, monkeypatch: pytest.MonkeyPatch, sign_in: SignIn, auditor: User
) -> None:
    monkeypatch.setattr("conditions.beginning.USUAL", (("a", "A", "text", "urgent"),))
    with acting_as(editor), pytest.raises(IntegrityError), transaction.atomic():
        begin(editor, Condition.objects.create(slug="new", name="New", summary="S"))
    assert "condition.begun" not in words(sign_in(auditor).get("/trail/"))


@pytest.mark.parametrize("role", ["reviewer", "family", "clinician", "administrator"])
def test_nobody_else_begins_one(sign_in: SignIn, role: str, db: None, request: pytest.FixtureRequest) -> None:
    browser = sign_in(request.getfixturevalue(role))
    sent = {"slug": "new", "name": "New", "summary": "S"}
    assert browser.post(page("condition", "add"), sent).status_code == 403
    assert not Condition.objects.filter(slug="new").exists()
