"""Translating in the browser: by keyboard, beside the English text, at phone and desk width."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page, expect

from conditions import loading, packed, publishing, translating
from conditions.models import Condition, TranslationRelease
from conditions.pack import read
from portal.identity import acting_as
from portal.models import User
from tests.browser.conftest import Visitor, faults_seen_by_axe
from tests.browser.test_accessibility import EVERY_LOOK, LONG_PAGES

SLUG = "opsoclonus-myoclonus-syndrome"


@pytest.fixture
def draft(editor: User, reviewer: User) -> TranslationRelease:
    """The shipped German draft beside a published release."""
    told = read(Path(settings.BASE_DIR) / "conditions" / "packs" / SLUG)
    loading.load(told)
    condition = Condition.objects.get(slug=SLUG)
    packed.load(condition, told.translations)
    with acting_as(editor):
        release = publishing.submit(editor, condition, reason="First")
    with acting_as(reviewer):
        publishing.publish(reviewer, publishing.approve(reviewer, release, interests="None."))
    with acting_as(editor):
        return TranslationRelease.objects.select_related("condition").get()


def sideways(page: Page) -> int:
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@LONG_PAGES
@EVERY_LOOK
def test_no_fault(
    visit: Callable[..., Visitor],
    draft: TranslationRelease,
    editor: User,
    reviewer: User,
    size: dict,
    scheme: str,
) -> None:
    """The draft for who writes, the check for who checks, the list, and the page for readers."""
    address = f"/admin/conditions/condition/{draft.condition_id}/translations/"
    found: list[tuple[str, object]] = []

    def look(page: Page, what: str) -> None:
        found.extend((what, each["id"], each["nodes"][0]["html"][:200]) for each in faults_seen_by_axe(page))
        if wide := sideways(page):
            found.append((what, wide))

    writer = visit(editor, size=size, scheme=scheme)
    look(writer.open(address), "list")
    look(writer.open(f"{address}de/"), "draft")
    with acting_as(editor):
        waiting = translating.submit(editor, draft, version=draft.version)
    look(visit(reviewer, size=size, scheme=scheme).open(f"{address}de/"), "check")
    with acting_as(reviewer):
        translating.publish(reviewer, waiting, version=waiting.version)
    look(visit(size=size, scheme=scheme).open(f"/conditions/{SLUG}/?lang=de"), "readers")
    assert found == []


def test_writing_and_saving_by_keyboard_alone(
    visit: Callable[..., Visitor], draft: TranslationRelease, editor: User
) -> None:
    page = visit(editor).open(f"/admin/conditions/condition/{draft.condition_id}/translations/de/")
    page.get_by_label("Translation of Name", exact=True).focus()
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Getippt")
    page.get_by_role("button", name="Save", exact=True).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved as draft.")).to_be_visible()
    expect(page.get_by_label("Translation of Name", exact=True)).to_have_value("Getippt")
