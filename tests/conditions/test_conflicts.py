"""Two editors at one row: the second save stores nothing, shows both texts, and may go over knowingly."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from conditions.models import Citation, Condition, Source, Statement
from portal.models import User
from tests.conditions.editors import form_of
from tests.conditions.test_admin import words

SignIn = Callable[[User], Client]


@pytest.fixture
def statement(small: Condition) -> Statement:
    return Statement.objects.get(key="what")


@pytest.fixture
def address(statement: Statement) -> str:
    return reverse("admin:conditions_statement_change", args=[statement.pk])


@pytest.fixture
def first(sign_in: SignIn, editor: User) -> Client:
    return sign_in(editor)


@pytest.fixture
def second(sign_in: SignIn, second_editor: User) -> Client:
    return sign_in(second_editor)


def test_the_second_save_stores_nothing_and_shows_both(
    first: Client, second: Client, statement: Statement, address: str, editor: User
) -> None:
    opened, also = form_of(first.get(address)), form_of(second.get(address))
    assert first.post(address, opened | {"text": "It is seldom seen."}).status_code == 302
    answer = second.post(address, also | {"text": "It is common."})
    statement.refresh_from_db()
    assert answer.status_code == 200
    assert statement.text == "It is seldom seen."
    shown = words(answer)
    assert f"{editor} saved this on" in shown
    assert "It is seldom seen." in shown
    assert ">It is common.</textarea>" in shown.replace("> It", ">It"), "typed text stays in its field"
    assert "<del>seldom seen.</del><ins>common.</ins>" in shown
    assert answer.context["conflict"].differences[0].label == "Text"


def test_plain_save_stays_refused_and_knowing_save_goes_over(
    first: Client, second: Client, statement: Statement, address: str
) -> None:
    opened, also = form_of(first.get(address)), form_of(second.get(address))
    first.post(address, opened | {"text": "Theirs."})
    mine = also | {"text": "Mine."}
    conflict = second.post(address, mine).context["conflict"]
    assert second.post(address, mine).status_code == 200, "saving again is not knowing"
    assert second.post(address, mine | {"_over": conflict.version}).status_code == 302
    statement.refresh_from_db()
    assert statement.text == "Mine."
    assert "Theirs." in set(statement.past.values_list("text", flat=True)), "theirs stays in the history"


def test_a_third_save_in_between_is_a_new_conflict(
    first: Client, second: Client, statement: Statement, address: str
) -> None:
    also = form_of(second.get(address)) | {"text": "Mine."}
    first.post(address, form_of(first.get(address)) | {"text": "One."})
    shown = second.post(address, also).context["conflict"]
    first.post(address, form_of(first.get(address)) | {"text": "Two."})
    again = second.post(address, also | {"_over": shown.version})
    assert again.context["conflict"].differences[0].theirs == "Two."
    statement.refresh_from_db()
    assert statement.text == "Two."


def test_a_citation_that_another_added_is_a_conflict(
    first: Client, second: Client, small: Condition, statement: Statement, address: str
) -> None:
    opened = form_of(second.get(address))
    source = Source.objects.create(condition=small, key="new", kind="review", title="New", read="part")
    Citation.objects.create(statement=statement, source=source, locator="p. 9")
    conflict = second.post(address, opened).context["conflict"]
    assert [each.label for each in conflict.differences] == ["Citations"]
    assert "p. 9" in conflict.differences[0].theirs


def test_a_citation_that_another_removed_comes_back_knowingly(
    first: Client, second: Client, statement: Statement, address: str
) -> None:
    opened = form_of(second.get(address))
    before = set(statement.citations.values_list("source__key", "locator"))
    statement.citations.all().delete()
    conflict = second.post(address, opened).context["conflict"]
    assert conflict.differences[0].theirs == ""
    assert second.post(address, opened | {"_over": conflict.version}).status_code == 302
    assert set(statement.citations.values_list("source__key", "locator")) == before


@pytest.mark.parametrize("sent", [{}, {"opened": ""}, {"opened": "made up"}])
def test_a_save_without_its_version_is_refused(
    first: Client, statement: Statement, address: str, sent: dict[str, str]
) -> None:
    form = form_of(first.get(address))
    del form["opened"]
    answer = first.post(address, form | {"text": "Unseen."} | sent)
    assert answer.status_code == 200
    assert "Unseen." in words(answer)
    statement.refresh_from_db()
    assert statement.text != "Unseen."


def test_a_row_that_was_deleted_meanwhile(second: Client, statement: Statement, address: str) -> None:
    opened = form_of(second.get(address))
    statement.delete()
    assert second.post(address, opened).status_code == 302
    assert not Statement.objects.filter(key="what").exists()


@pytest.mark.parametrize(("word", "field"), [("condition", "summary"), ("source", "title")])
def test_conditions_and_sources_too(
    first: Client, second: Client, small: Condition, word: str, field: str
) -> None:
    row = small if word == "condition" else small.sources.first()
    address = reverse(f"admin:conditions_{word}_change", args=[row.pk])
    opened, also = form_of(first.get(address)), form_of(second.get(address))
    assert first.post(address, opened | {field: "Theirs."}).status_code == 302
    answer = second.post(address, also | {field: "Mine."})
    assert [each.theirs for each in answer.context["conflict"].differences] == ["Theirs."]
    row.refresh_from_db()
    assert getattr(row, field) == "Theirs."


@pytest.mark.parametrize(
    "sent",
    [
        {"citations-INITIAL_FORMS": "x"},
        {"citations-TOTAL_FORMS": "9" * 30},
        {"citations-INITIAL_FORMS": "١", "citations-0-id": "١"},
        {"citations-0-id": "9" * 30},
        {"citations-0-id": "x"},
        {"citations-0-source": "9" * 30},
        {"opened": "x" * 100_000},
        {"_over": "made up", "opened": "made up"},
    ],
)
def test_odd_forms_are_answered_and_store_nothing(
    first: Client, statement: Statement, address: str, sent: dict[str, str]
) -> None:
    form = form_of(first.get(address)) | {"text": "Changed."}
    assert first.post(address, form | sent).status_code in {200, 400}
    statement.refresh_from_db()
    assert statement.text != "Changed."


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_of_two_at_the_same_moment_one_is_told(
    first: Client, second: Client, statement: Statement, address: str
) -> None:
    def send(browser: Client, form: dict[str, str]) -> int:
        try:
            return browser.post(address, form).status_code
        finally:
            connections.close_all()

    for turn in range(4):
        forms = [
            form_of(browser.get(address)) | {"text": f"{turn} {browser is first}"}
            for browser in (first, second)
        ]
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(send, (first, second), forms))
        assert sorted(answers) == [200, 302]
