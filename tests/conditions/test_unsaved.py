"""Unsaved text: kept sealed on the server, offered back to its editor alone, gone once saved."""

from collections.abc import Callable

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from conditions.models import Condition, Statement, UnsavedText
from portal.identity import acting_as
from portal.models import User
from tests.conditions.editors import form_of
from tests.conditions.test_admin import words

SignIn = Callable[[User], Client]


@pytest.fixture
def address(small: Condition) -> str:
    return reverse("admin:conditions_statement_change", args=[Statement.objects.get(key="what").pk])


@pytest.fixture
def browser(sign_in: SignIn, editor: User) -> Client:
    return sign_in(editor)


@pytest.fixture
def left(browser: Client, address: str) -> dict[str, str]:
    """What the editor typed and left."""
    typed = form_of(browser.get(address)) | {"text": "Half a sentence about Quagga"}
    assert browser.post(address, typed | {"_keep": "1"}).status_code == 204
    return typed


def test_keeping_changes_no_content(left: dict[str, str], editor: User) -> None:
    assert Statement.objects.get(key="what").text != left["text"]
    with acting_as(editor):
        kept = UnsavedText.objects.get()
    assert b"Quagga" not in bytes(kept.sealed)


def test_it_is_offered_with_its_time_and_brought_back(
    browser: Client, address: str, left: dict[str, str]
) -> None:
    offered = browser.get(address)
    assert "You left unsaved text here on" in words(offered)
    assert left["text"] not in words(offered)
    back = browser.post(address, form_of(offered) | {"_restore": "1"})
    assert back.context["adminform"].form["text"].value() == left["text"]
    assert Statement.objects.get(key="what").text != left["text"], "brought back is not saved"
    assert browser.post(address, left).status_code == 302
    assert Statement.objects.get(key="what").text == left["text"]
    assert "You left unsaved text" not in words(browser.get(address))


def test_text_brought_back_over_a_newer_save_is_a_conflict(
    browser: Client, address: str, left: dict[str, str], sign_in: SignIn, second_editor: User
) -> None:
    other = sign_in(second_editor)
    assert other.post(address, form_of(other.get(address)) | {"text": "Newer."}).status_code == 302
    back = browser.post(address, {"_restore": "1"})
    assert back.context["adminform"].form["opened"].value() == left["opened"]
    assert browser.post(address, left).context["conflict"] is not None


def test_it_can_be_discarded(browser: Client, address: str, left: dict[str, str], editor: User) -> None:
    assert browser.post(address, {"_discard": "1"}).status_code == 302
    with acting_as(editor):
        assert not UnsavedText.objects.exists()
    assert browser.post(address, {"_restore": "1"}).status_code == 302, "there is nothing to bring back"


def test_nobody_else_is_offered_it(
    address: str, left: dict[str, str], sign_in: SignIn, second_editor: User, reviewer: User
) -> None:
    for other in (second_editor, reviewer):
        assert "You left unsaved text" not in words(sign_in(other).get(address))
        with acting_as(other):
            assert not UnsavedText.objects.exists()
            assert UnsavedText.objects.all().delete()[0] == 0


def test_the_database_lets_nobody_write_for_another(
    left: dict[str, str], editor: User, second_editor: User
) -> None:
    with acting_as(second_editor), pytest.raises(ProgrammingError), transaction.atomic():
        UnsavedText.objects.create(editor=editor, path="/x/", sealed=b"x")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM conditions_unsavedtext")
        assert cursor.fetchone() == (0,)


def test_who_may_not_edit_keeps_nothing(address: str, sign_in: SignIn, reviewer: User) -> None:
    browser = sign_in(reviewer)
    for button in ("_keep", "_restore", "_discard"):
        assert browser.post(address, {button: "1"}).status_code == 403
    with acting_as(reviewer):
        assert not UnsavedText.objects.exists()


def test_it_is_kept_for_a_new_statement_too(browser: Client, small: Condition) -> None:
    add = reverse("admin:conditions_statement_add")
    assert browser.post(add, {"text": "New and unsaved.", "_keep": "1"}).status_code == 204
    assert "You left unsaved text" in words(browser.get(add))
    back = browser.post(add, {"_restore": "1"})
    assert back.context["adminform"].form["text"].value() == "New and unsaved."
