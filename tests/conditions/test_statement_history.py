"""A statement's history, read by those who may read drafts."""

from collections.abc import Callable

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conditions.models import Condition, Source, Statement
from portal.identity import acting_as
from portal.models import User
from tests.conditions.test_admin import page, words

SignIn = Callable[[User], Client]


def test_who_changed_what_word_by_word(
    sign_in: SignIn, editor: User, reviewer: User, small: Condition
) -> None:
    statement = Statement.objects.get(key="what")
    source = Source.objects.create(condition=small, key="fresh", kind="review", title="F", read="part")
    with acting_as(editor):
        Statement.objects.filter(pk=statement.pk).update(text="It is **most** rare.", population="adult")
        cited = statement.citations.create(source=source, locator="p. 7", checked=False)
        cited.delete()
    shown = words(sign_in(reviewer).get(page("statement", "history", statement.pk)))
    assert f"Changed by {editor}" in shown
    assert "<ins><strong>most</strong></ins>" in shown
    assert "<del>all</del><ins>adult</ins>" in shown
    assert f"Citation added by {editor}" in shown
    assert "<ins>fresh supports p. 7 (to be verified)</ins>" in shown
    assert f"Citation removed by {editor}" in shown
    assert "<del>fresh supports p. 7 (to be verified)</del>" in shown
    assert "Written by a command" in shown


def test_what_a_source_does_to_a_statement_and_when_it_was_compared_is_told(
    sign_in: SignIn, editor: User, reviewer: User, small: Condition
) -> None:
    statement = Statement.objects.get(key="what")
    with acting_as(editor):
        statement.citations.update(stance="contradicts", checked=True, checked_on="2026-02-03")
    shown = words(sign_in(reviewer).get(page("statement", "history", statement.pk)))
    assert "<ins>contradicts</ins>" in shown
    assert "2026-02-03" in shown


def test_a_decision_is_kept_with_who_wrote_it(
    sign_in: SignIn, editor: User, reviewer: User, small: Condition
) -> None:
    statement = Statement.objects.get(key="what")
    with acting_as(editor):
        decided = {"decision": "It is newer.", "decided_by": "The board", "decided_on": "2026-02-01"}
        Statement.objects.filter(pk=statement.pk).update(**decided)
    shown = words(sign_in(reviewer).get(page("statement", "history", statement.pk)))
    assert f"Changed by {editor}" in shown
    for word in ("It is newer.", "The board", "2026-02-01"):
        assert f"<ins>{word}</ins>" in shown
    assert "None" not in shown.split("<ins>2026-02-01")[0].rsplit("<dl", 1)[-1]


def test_a_long_history_costs_the_same(sign_in: SignIn, editor: User, small: Condition) -> None:
    browser, statement, asked = sign_in(editor), Statement.objects.get(key="what"), []
    address = page("statement", "history", statement.pk)
    for number in (5, 150):
        for each in range(number):
            Statement.objects.filter(pk=statement.pk).update(text=f"Version {number} {each}")
        browser.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(address).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 20


def test_what_is_not_there(sign_in: SignIn, editor: User, family: User, small: Condition) -> None:
    assert sign_in(editor).get(page("statement", "history", 99999999)).status_code == 302
    assert sign_in(editor).get(page("statement", "history", "x")).status_code == 302
    statement = Statement.objects.get(key="what")
    assert sign_in(family).get(page("statement", "history", statement.pk)).status_code == 403
