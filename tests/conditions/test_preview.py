"""The preview: by the readers' own rendering, of what is typed, and storing nothing."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from conditions.admin.preview import problems
from conditions.models import Condition, Statement
from portal.models import User
from tests.conditions.editors import form_of
from tests.conditions.test_admin import words

SignIn = Callable[[User], Client]
AS_SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


@pytest.fixture
def address(small: Condition) -> str:
    return reverse("admin:conditions_statement_change", args=[Statement.objects.get(key="what").pk])


@pytest.fixture
def browser(sign_in: SignIn, editor: User) -> Client:
    return sign_in(editor)


def test_the_script_gets_the_panel_alone(browser: Client, address: str) -> None:
    typed = form_of(browser.get(address)) | {"text": "Now **strong**.", "_preview": "1"}
    answer = browser.post(address, typed, headers=AS_SCRIPT)
    assert answer.status_code == 200
    assert "<strong>strong</strong>" in words(answer)
    assert "[1]</a>" in words(answer)
    assert "<html" not in words(answer)
    assert Statement.objects.get(key="what").text != typed["text"]


def test_a_decision_is_shown_as_readers_see_it(browser: Client, address: str) -> None:
    decided = {"decision": "It is <b>newer</b>.", "decided_by": "The board", "decided_on": "2026-02-01"}
    typed = form_of(browser.get(address)) | {"_preview": "1"}
    shown = words(browser.post(address, typed | decided, headers=AS_SCRIPT))
    assert "Decided by The board on 1 February 2026. Why: It is &lt;b&gt;newer&lt;/b&gt;." in shown
    half = words(browser.post(address, typed | decided | {"decided_on": ""}, headers=AS_SCRIPT))
    assert "Decided by" not in half


def test_both_wordings_are_shown_and_looked_at(browser: Client, address: str) -> None:
    typed = form_of(browser.get(address)) | {"_preview": "1", "dissent": "Somebody else."}
    typed["professional"] = "Very **rare**.\n\n# Not a heading"
    shown = words(browser.post(address, typed, headers=AS_SCRIPT))
    assert "Very <strong>rare</strong>." in shown
    assert "Who says otherwise: Somebody else." in shown
    assert "In the professional words: A heading is shown with its signs" in shown


def test_without_a_script_the_page_comes_back_with_what_was_typed(browser: Client, address: str) -> None:
    typed = form_of(browser.get(address)) | {"text": "Now *slanted*.", "_preview": "1"}
    answer = browser.post(address, typed)
    assert "<em>slanted</em>" in words(answer)
    assert answer.context["adminform"].form["text"].value() == "Now *slanted*."
    assert "Please correct" not in words(answer)
    assert Statement.objects.get(key="what").text != typed["text"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "- " * 50 + "deep",
        "x" * 200_000,
    ],
)
def test_hostile_text_is_shown_and_does_nothing(browser: Client, address: str, text: str) -> None:
    typed = form_of(browser.get(address)) | {"text": text, "_preview": "1"}
    answer = browser.post(address, typed, headers=AS_SCRIPT)
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert not any(bad in shown for bad in ("<script", "<img", 'href="javascript', 'href="data'))
    assert "What readers would not get as meant" in shown


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Fine *so*.\nAnd [here](https://example.org/).", []),
        ("One.\n<b>Two</b>.", [(2, "HTML")]),
        ("# Title", [(1, "heading")]),
        ("One.\n\n![x](https://example.org/x.png)", [(3, "picture")]),
        ("[x](javascript:alert(1))", [(1, "link")]),
        ("| a | b |", [(1, "table")]),
        ("- - - - deep", [(1, "list")]),
        ("`code`", [(1, "Code")]),
        ("turned \u202e here", [(1, "direction")]),
        ("<https://example.org/>", []),
        ("x" * 2001, [(0, "2001 characters")]),
    ],
)
def test_the_place_of_what_does_not_come_through(text: str, told: list[tuple[int, str]]) -> None:
    found = problems(text)
    assert [each.line for each in found] == [line for line, _ in told]
    assert all(word in each.sentence for each, (_, word) in zip(found, told, strict=True))


def test_nothing_cited_is_said(browser: Client, address: str) -> None:
    typed = form_of(browser.get(address)) | {"_preview": "1", "citations-0-DELETE": "on"}
    assert "Nothing is cited yet" in words(browser.post(address, typed, headers=AS_SCRIPT))


def test_who_may_not_edit_sees_no_preview(sign_in: SignIn, reviewer: User, address: str) -> None:
    assert sign_in(reviewer).post(address, {"text": "x", "_preview": "1"}).status_code == 403


def test_the_last_statement_leads_to_the_list(browser: Client, small: Condition) -> None:
    last = Statement.objects.order_by("section__position", "section__key", "position", "key").last()
    address = reverse("admin:conditions_statement_change", args=[last.pk])
    answer = browser.post(address, form_of(browser.get(address)) | {"_next": "1"})
    assert answer["Location"] == reverse("admin:conditions_statement_changelist")
