"""The editors' home, its lists, the search and where things are used."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from conditions import publishing
from conditions.admin import home
from conditions.models import Citation, Condition, Feature, Release, Section, Source, Statement
from portal.identity import acting_as
from portal.models import User
from tests.conditions.editors import form_of
from tests.conditions.test_admin import page, words

SignIn = Callable[[User], Client]
INDEX = "/admin/"


@pytest.fixture
def as_editor(sign_in: SignIn, editor: User) -> Client:
    return sign_in(editor)


def piles() -> list[home.Pile]:
    return home.piles(User.objects.get(email="editor@test.example"))


def counts() -> dict[str, int]:
    return {pile.title: pile.count for pile in piles()}


def test_an_empty_home_says_so_pile_by_pile(as_editor: Client, db: None) -> None:
    shown = words(as_editor.get(INDEX))
    for pile in piles():
        assert pile.count == 0
        assert pile.empty in shown


def test_a_condition_goes_from_pile_to_pile(
    as_editor: Client, small: Condition, editor: User, reviewer: User
) -> None:
    assert (counts()["Draft"], counts()["In review"]) == (1, 0)
    with acting_as(editor):
        waiting = publishing.submit(editor, small, reason="First.")
    assert (counts()["Draft"], counts()["In review"]) == (0, 1)
    with acting_as(reviewer):
        publishing.return_to_editors(reviewer, waiting, note="Cite the trial.")
    assert (counts()["In review"], counts()["Returned"]) == (0, 1)
    with acting_as(editor):
        Statement.objects.filter(key="what").update(text="Mended.")
    assert (counts()["Draft"], counts()["Returned"]) == (1, 1)
    with acting_as(editor):
        again = publishing.submit(editor, small, reason="Mended.")
    with acting_as(reviewer):
        publishing.publish(reviewer, publishing.approve(reviewer, again, interests="None."))
    assert counts()["Draft"] == counts()["In review"] == counts()["Returned"] == 0


def test_what_lacks_a_source_or_a_check(as_editor: Client, small: Condition) -> None:
    before = counts()
    Statement.objects.get(key="adults").citations.all().delete()
    small.sources.filter(key="one").update(checked=False)
    Citation.objects.filter(statement__key="what").update(checked=False)
    after = counts()
    assert after["Without a source"] == before["Without a source"] + 1
    assert after["Sources not checked"] == small.sources.filter(checked=False).count()
    shown = words(as_editor.get(INDEX))
    assert page("statement", "change", Statement.objects.get(key="adults").pk) in shown
    assert "adults" in words(as_editor.get(f"{page('statement')}?cited=none"))
    assert "Children wobble" not in words(as_editor.get(f"{page('statement')}?cited=none"))
    assert "Children wobble" not in words(as_editor.get(f"{page('statement')}?cited=uncompared"))


def test_what_the_operators_lists_say_is_brought_to_editors(
    as_editor: Client, small: Condition, settings: Settings, tmp_path: Path
) -> None:
    assert counts()["Retracted, or a broken link"] == 0
    (tmp_path / "dead").write_text("https://example.org/one\n")
    (tmp_path / "retracted").write_text("https://www.doi.org/10.1000/Two\n")
    settings.DEAD_LINKS_FILE, settings.RETRACTED_FILE = str(tmp_path / "dead"), str(tmp_path / "retracted")
    small.sources.filter(key="two").update(doi="10.1000/TWO")
    assert counts()["Retracted, or a broken link"] == 2
    assert "Second work" in words(as_editor.get(f"{page('source')}?checking=lost"))


def test_a_contradiction_that_is_settled_waits_for_nobody(small: Condition) -> None:
    Citation.objects.filter(statement__key="children", source__key="two").update(stance="contradicts")
    assert counts()["Contradicted by a source"] == 1
    Statement.objects.filter(key="children").update(dissent="The second work found none.")
    assert counts()["Contradicted by a source"] == 0


def test_a_withdrawal_waits_for_its_second_signature(
    as_editor: Client, small: Condition, publish: Callable[..., Release], reviewer: User, second_editor: User
) -> None:
    release = publish(small)
    with acting_as(reviewer):
        publishing.withdraw(reviewer, release, reason="A figure was wrong.")
    assert counts()["Withdrawn with one signature"] == 1
    assert "Small syndrome" in words(as_editor.get(f"{page('release')}?held=unsigned"))
    with acting_as(second_editor):
        publishing.confirm_withdrawal(second_editor, release)
    assert counts()["Withdrawn with one signature"] == 0


@pytest.mark.parametrize(
    "address",
    ["condition/?standing=x", "statement/?cited=x", "source/?checking=x", "condition/?standing=returned"],
)
def test_made_up_piles_are_no_error(as_editor: Client, small: Condition, address: str) -> None:
    assert as_editor.get(f"/admin/conditions/{address}").status_code == 200


def test_each_pile_leads_to_its_list(as_editor: Client, small: Condition) -> None:
    for pile in piles():
        listed = as_editor.get(pile.address)
        assert listed.status_code == 200
        assert listed.context["cl"].queryset.count() == pile.count, pile.title


def test_what_readers_asked_is_for_editors(sign_in: SignIn, editor: User, reviewer: User, db: None) -> None:
    assert "Asked by readers" in words(sign_in(editor).get(INDEX))
    assert "Asked by readers" not in words(sign_in(reviewer).get(INDEX))


def test_an_administrator_sees_no_piles(sign_in: SignIn, administrator: User, small: Condition) -> None:
    assert "Without a source" not in words(sign_in(administrator).get(INDEX))


def test_the_home_costs_the_same_for_many_rows(as_editor: Client, small: Condition) -> None:
    asked = []
    for number in (1, 40):
        for each in range(number):
            made = Condition.objects.create(slug=f"c{number}-{each}", name=f"C{number} {each}", summary="S")
            section = Section.objects.create(condition=made, key="s", title="S")
            Statement.objects.create(section=section, key="k", text="T")
            Source.objects.create(
                condition=made, key="s", kind="review", title="T", read="part", checked=False
            )
            Release.objects.create(condition=made, snapshot={}, digest="0" * 64)
        as_editor.get(INDEX)
        with CaptureQueriesContext(connection) as queries:
            assert as_editor.get(INDEX).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 29


class TestSearch:
    address = "/admin/conditions/statement/search/"

    def test_every_word_in_statements_and_sources(self, as_editor: Client, small: Condition) -> None:
        answer = as_editor.get(self.address, {"q": "children WOBBLE"})
        assert [each.key for each in answer.context["statements"]] == ["children"]
        source = small.sources.first()
        answer = as_editor.get(self.address, {"q": source.key})
        assert source in answer.context["sources"]
        assert page("source", "change", source.pk) in words(answer)

    @pytest.mark.parametrize("query", ["", " ", "\0", "%", "nothing has this", "x" * 5000, "<script>"])
    def test_odd_questions(self, as_editor: Client, small: Condition, query: str) -> None:
        answer = as_editor.get(self.address, {"q": query})
        assert answer.status_code in {200, 400}
        assert (
            "<script>"
            not in words(answer).split("Search statements and sources", 2)[-1].split("<footer")[0][:400]
        )

    def test_it_is_for_those_who_read_drafts(
        self, sign_in: SignIn, reviewer: User, administrator: User, clinician: User
    ) -> None:
        asked = [sign_in(user).get(self.address).status_code for user in (reviewer, administrator, clinician)]
        assert asked == [200, 403, 403]


def test_where_a_source_is_used(as_editor: Client, small: Condition) -> None:
    source = small.sources.get(key="one")
    Feature.objects.create(condition=small, hpo="HP:0000001", name="Wobbling", lay="wobble", source=source)
    shown = words(as_editor.get(page("source", "change", source.pk)))
    for each in Statement.objects.filter(citations__source=source):
        assert page("statement", "change", each.pk) in shown
    wobbling = Feature.objects.get(name="Wobbling")
    assert "HP:0000001 Wobbling" in shown
    assert page("feature", "change", wobbling.pk) in shown
    shown = words(as_editor.get(page("feature", "change", wobbling.pk)))
    assert page("statement", "change", Statement.objects.get(key="children").pk) in shown


class TestPicking:
    def post(self, browser: Client, statement: Statement, key: str) -> object:
        address = page("statement", "change", statement.pk)
        opened = browser.get(address)
        assert '<datalist id="source-keys">' in words(opened)
        return browser.post(address, form_of(opened) | {"citations-0-source": key})

    def test_by_key(self, as_editor: Client, small: Condition) -> None:
        statement = Statement.objects.get(key="what")
        fresh = Source.objects.create(condition=small, key="fresh", kind="review", title="F", read="part")
        assert self.post(as_editor, statement, "fresh").status_code == 302
        assert statement.citations.first().source == fresh

    def test_a_key_that_no_source_has(self, as_editor: Client, small: Condition) -> None:
        answer = self.post(as_editor, Statement.objects.get(key="what"), "made-up")
        assert "There is no source “made-up”" in words(answer)
        assert 'value="made-up"' in words(answer)

    def test_another_conditions_key_is_none_of_these(self, as_editor: Client, small: Condition) -> None:
        other = Condition.objects.create(slug="other", name="Other", summary="S")
        Source.objects.create(condition=other, key="foreign", kind="review", title="F", read="part")
        answer = self.post(as_editor, Statement.objects.get(key="what"), "foreign")
        assert "There is no source “foreign”" in words(answer)
