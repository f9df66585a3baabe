"""Two browsers at one statement, and editing by keyboard alone, under the content policy."""

from collections.abc import Callable

import pytest
from django.conf import settings
from playwright.sync_api import Page

from conditions import loading
from conditions.models import Statement
from conditions.pack import read
from portal.models import User
from tests.browser.conftest import Visitor, faults_seen_by_axe
from tests.browser.test_accessibility import SLUG


@pytest.fixture
def statement(db: None) -> Statement:
    loading.load(read(settings.BASE_DIR / "conditions" / "packs" / SLUG))
    return Statement.objects.order_by("section__position", "position")[0]


def opened(visitor: Visitor, statement: Statement) -> Page:
    page = visitor.open(f"/admin/conditions/statement/{statement.pk}/change/")
    page.locator("html[data-editing=ready]").wait_for()
    return page


def test_two_editors_at_one_statement(
    visit: Callable, statement: Statement, editor: User, second_editor: User
) -> None:
    one, two = (opened(visit(user), statement) for user in (editor, second_editor))
    one.get_by_label("Text:").fill("The first editor wrote *this*.")
    two.get_by_label("Text:").fill("The second editor wrote *that*.")
    one.get_by_role("button", name="Save", exact=True).click()
    one.get_by_text("was changed successfully").wait_for()
    two.get_by_role("button", name="Save", exact=True).click()
    conflict = two.locator("#conflict")
    conflict.wait_for()
    assert f"{editor} saved this on" in conflict.inner_text()
    assert "The first editor wrote *this*." in conflict.inner_text()
    assert conflict.locator("dd ins").all_inner_texts() == ["second", "*that*."]
    assert two.get_by_label("Text:").input_value() == "The second editor wrote *that*."
    assert faults_seen_by_axe(two) == []
    statement.refresh_from_db()
    assert statement.text == "The first editor wrote *this*."
    two.get_by_role("button", name="Save mine over theirs").click()
    two.get_by_text("was changed successfully").wait_for()
    statement.refresh_from_db()
    assert statement.text == "The second editor wrote *that*."
    assert "The first editor wrote *this*." in set(statement.past.values_list("text", flat=True))


def test_the_preview_follows_and_unsaved_text_comes_back(
    visit: Callable, statement: Statement, editor: User
) -> None:
    visitor = visit(editor)
    page = opened(visitor, statement)
    with page.expect_response(lambda answer: answer.status == 204):
        page.get_by_label("Text:").fill("Seen **at once**.")
    page.locator("#preview strong", has_text="at once").wait_for()
    page.get_by_text("Unsaved text kept at").wait_for()
    page = opened(visitor, statement)
    assert page.get_by_label("Text:").input_value() == statement.text
    first = "(form) => [...form.elements].find((each) => each.type === 'submit').name"
    assert page.locator("#statement_form").evaluate(first) == "_save", "which Enter in a field presses"
    page.get_by_role("button", name="Bring it back").click()
    page.locator("html[data-editing=ready]").wait_for()
    assert page.get_by_label("Text:").input_value() == "Seen **at once**."
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_text("was changed successfully").wait_for()
    assert opened(visitor, statement).locator("[data-left]").count() == 0


def test_saving_and_going_on_by_keyboard_alone(visit: Callable, statement: Statement, editor: User) -> None:
    page = opened(visit(editor), statement)
    page.get_by_label("Text:").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("Typed by keyboard.")
    page.keyboard.press("Control+s")
    page.get_by_text("was changed successfully").wait_for()
    page.locator("html[data-editing=ready]").wait_for()
    page.get_by_label("Text:").focus()
    for _ in range(60):
        if page.evaluate("document.activeElement.name") == "_next":
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("This is the next statement").wait_for()
    statement.refresh_from_db()
    assert statement.text == "Typed by keyboard."
    assert f"/{statement.pk}/" not in page.url


def test_preview_and_saving_without_javascript(visit: Callable, statement: Statement, editor: User) -> None:
    page = visit(editor, java_script_enabled=False).open(
        f"/admin/conditions/statement/{statement.pk}/change/"
    )
    page.get_by_label("Text:").fill("Seen **on request** <b>here</b>.")
    page.get_by_role("button", name="Preview").click()
    assert page.locator("#preview strong").inner_text() == "on request"
    assert "Line 1: HTML is shown as it is typed." in page.locator("#preview").inner_text()
    assert page.get_by_label("Text:").input_value() == "Seen **on request** <b>here</b>."
    page.get_by_role("button", name="Save", exact=True).click()
    statement.refresh_from_db()
    assert statement.text == "Seen **on request** <b>here</b>."
