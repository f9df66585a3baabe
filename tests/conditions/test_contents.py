"""A condition's page is short and leads to all that it holds: a list of each kind, a page for each row."""

import re

import pytest
from django.apps import apps
from django.test import Client

from conditions import loading
from conditions.models import Condition, Fact, MustSay, Statement
from portal.middleware import counted_queries
from portal.models import User
from tests.conditions.conftest import OMS, oms_pack
from tests.conditions.editors import form_of
from tests.conditions.test_admin import SignIn, page, said, words
from tests.writing_parts import PARTS


@pytest.fixture
def as_editor(sign_in: SignIn, editor: User) -> Client:
    return sign_in(editor)


def test_the_page_of_a_large_condition_is_short(as_editor: Client, db: None) -> None:
    loading.load(oms_pack())
    condition = Condition.objects.get(slug=OMS.name)
    address = page("condition", "change", condition.pk)
    as_editor.get(address)  # the first request of a session writes it
    with counted_queries() as queries:
        shown = as_editor.get(address)
    fields = re.findall(r"<(?:input|select|textarea)\b", shown.content.decode())
    names = condition.names.count() * 7  # four of their own, two hidden ones, and whether to delete it
    assert len(fields) <= names + 30
    assert len(shown.content) < 160_000
    assert queries[0] <= 20


def test_every_kind_is_counted_with_its_list_and_the_way_to_add(as_editor: Client, full: Condition) -> None:
    shown = words(as_editor.get(page("condition", "change", full.pk)))
    for number, word in (
        ("2 sections", "section"),
        ("4 statements", "statement"),
        ("2 sources", "source"),
        ("2 codes", "code"),
        ("1 feature", "feature"),
        ("3 facts", "fact"),
        ("1 must-say", "mustsay"),
        ("2 organisations", "organisation"),
    ):
        listed, add = (f"{page(word, name)}?condition={full.pk}" for name in ("changelist", "add"))
        assert f'<a href="{listed}">{number}</a>' in shown
        assert as_editor.get(listed).status_code == 200
        assert add in shown
        if word != "statement":  # it belongs to a section, which is chosen there
            assert f'<option value="{full.pk}" selected>' in words(as_editor.get(add))


@pytest.mark.parametrize("word", ["section", "source", "statement", *PARTS])
def test_a_rows_page_leads_back_to_its_condition(as_editor: Client, full: Condition, word: str) -> None:
    model = apps.get_model("conditions", word)
    shown = words(as_editor.get(page(word, "change", model.objects.all()[0].pk)))
    assert f'<a href="{page("condition", "change", full.pk)}">Condition: Small syndrome</a>' in shown
    assert "Condition: Small syndrome" not in words(as_editor.get(page("condition", "change", full.pk)))


def test_a_reviewer_is_offered_nothing_to_add(sign_in: SignIn, reviewer: User, full: Condition) -> None:
    shown = words(sign_in(reviewer).get(page("condition", "change", full.pk)))
    assert f"{page('fact', 'changelist')}?condition={full.pk}" in shown
    assert page("fact", "add") not in shown


@pytest.mark.parametrize("word", PARTS)
def test_a_part_is_added_changed_and_deleted(as_editor: Client, full: Condition, word: str) -> None:
    rows = apps.get_model("conditions", word).objects.filter(condition=full)
    told = {
        name: full.sources.first().pk if value == "source" else value for name, value in PARTS[word].items()
    }
    told |= (
        {"key": "fresh"} if "key" in told else {"system": "S"} if word == "code" else {"hpo": "HP:0000009"}
    )
    told |= {"about": "Something new"} if word == "fact" else {}
    before = set(rows.values_list("pk", flat=True))
    answer = as_editor.post(page(word, "add"), {"condition": full.pk, **told})
    assert "readers still see nothing of it yet" in said(answer)
    (row,) = rows.exclude(pk__in=before)
    address = page(word, "change", row.pk)
    opened = as_editor.get(address)
    assert page("condition", "change", full.pk) in words(opened)
    last = "it was the last" if row == list(rows)[-1] else ""
    answer = as_editor.post(address, form_of(opened) | {"_next": "Save and next"})
    assert answer.status_code == 302
    assert last in said(answer).lower()
    assert as_editor.post(page(word, "delete", row.pk), {"post": "yes"}).status_code == 302
    assert set(rows.values_list("pk", flat=True)) == before


def test_one_goes_from_part_to_part_within_the_condition(as_editor: Client, full: Condition) -> None:
    other = Condition.objects.create(slug="other", name="Other", summary="S")
    MustSay.objects.create(condition=other, key="a", text="Elsewhere.")
    first, second, third = full.facts.order_by("key")
    filters = f"?_changelist_filters=condition%3D{full.pk}"
    for row, after in ((first, second), (second, third)):
        address = page("fact", "change", row.pk) + filters
        answer = as_editor.post(address, form_of(as_editor.get(address)) | {"_next": "1"})
        assert answer["Location"] == page("fact", "change", after.pk) + filters
    address = page("fact", "change", third.pk) + filters
    answer = as_editor.post(address, form_of(as_editor.get(address)) | {"_next": "1"})
    assert answer["Location"] == f"{page('fact')}?condition={full.pk}"


@pytest.mark.parametrize("query", ["condition=x", "condition=999", "condition=²", "condition=" + "9" * 30])
def test_odd_questions_for_a_new_part(as_editor: Client, full: Condition, query: str) -> None:
    for word in PARTS:
        shown = as_editor.get(f"{page(word, 'add')}?{query}")
        assert shown.status_code == 200
        assert "selected>Small syndrome" not in words(shown)


def test_a_must_say_shows_who_says_it(as_editor: Client, full: Condition) -> None:
    shown = words(as_editor.get(page("mustsay", "change", MustSay.objects.get().pk)))
    for key in ("what", "children"):
        assert page("statement", "change", Statement.objects.get(key=key).pk) in shown


def test_what_stands_in_the_way_leads_to_its_row(as_editor: Client, full: Condition) -> None:
    fact, said_by = full.facts.get(key="adults-well"), MustSay.objects.get()
    said_by.sayings.all().delete()
    Fact.objects.filter(pk=fact.pk).update(reason="Give 5 mg of it.")
    shown = words(as_editor.get(page("condition", "submit", full.pk)))
    assert page("mustsay", "change", said_by.pk) in shown
    assert page("fact", "change", fact.pk) in shown
