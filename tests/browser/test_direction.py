"""Pages in a language that runs from right to left: mirrored, no wider than the screen, clean to axe."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Page

from conditions import loading, publishing
from conditions.models import Condition
from conditions.pack import read
from portal.identity import acting_as
from portal.models import User
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.browser.test_accessibility import faults, unfold
from tests.pseudo import CODE, right_to_left
from tests.tiers import sample

__all__ = ["right_to_left"]

SLUG = "opsoclonus-myoclonus-syndrome"
PAGES = [
    *("/", "/conditions/", "/conditions/?q=tumour", "/conditions/?q=nowhere"),
    "/lookup/?system=ICD-10&code=X1",
    *(f"/conditions/{SLUG}/{rest}" for rest in ("", "changes/", "feedback/?kind=error")),
    f"/conditions/{SLUG}/feedback/?sent=error",
]
SIZES = [pytest.param(DESK, id="1280"), pytest.param(PHONE, id="390")]
WIDTHS = pytest.mark.parametrize("size", sample(SIZES, len(SIZES)))


@pytest.fixture
def published(editor: User, reviewer: User) -> None:
    loading.load(read(Path(settings.BASE_DIR) / "conditions" / "packs" / SLUG))
    with acting_as(editor):
        release = publishing.submit(editor, Condition.objects.get(slug=SLUG), reason="First")
    with acting_as(reviewer):
        publishing.publish(reviewer, publishing.approve(reviewer, release, interests="None."))


def opened(visitor: Visitor, address: str) -> Page:
    page = visitor.open(f"{address}{'&' if '?' in address else '?'}lang={CODE}")
    assert page.locator("html").get_attribute("dir") == "rtl"
    return page


def edges(page: Page, selector: str) -> tuple[float, float]:
    """How far the element's box lies from the left and from the right edge of the screen."""
    box = page.locator(selector).first.bounding_box()
    assert box
    return box["x"], page.viewport_size["width"] - box["x"] - box["width"]


@WIDTHS
@pytest.mark.usefixtures("right_to_left", "published")
def test_no_fault(visit: Callable[..., Visitor], size: dict) -> None:
    visitor, found = visit(size=size), []
    for address in sample(PAGES, 3):
        page = opened(visitor, address)
        unfold(page)
        found += faults(page, address)
    visitor.faults[:] = [fault for fault in visitor.faults if "404" not in fault]  # the code that nothing has
    assert found == []


@WIDTHS
@pytest.mark.usefixtures("right_to_left", "published")
def test_the_layout_is_mirrored(visit: Callable[..., Visitor], size: dict) -> None:
    """The name stands at the right, the tools at the left, and the contents on the right of the text."""
    page = opened(visit(size=size), f"/conditions/{SLUG}/")
    assert edges(page, ".brand")[1] < edges(page, ".brand")[0]
    assert edges(page, ".site-tools")[0] < edges(page, ".site-tools")[1]
    if size is DESK:
        assert edges(page, ".contents")[1] < edges(page, ".condition-text")[1]
    card = page.locator(".care-card").first
    assert card.evaluate("(one) => getComputedStyle(one).borderRightWidth") == "6px"
    assert card.evaluate("(one) => getComputedStyle(one).borderLeftWidth") == "1px"
    assert page.locator(".sources").evaluate("(one) => getComputedStyle(one).paddingLeft") == "0px"


@pytest.mark.usefixtures("right_to_left", "published")
def test_english_content_runs_from_left_to_right(visit: Callable[..., Visitor]) -> None:
    page = opened(visit(), f"/conditions/{SLUG}/")
    text = page.locator(".statement > div").first
    assert text.evaluate("(one) => [one.lang, getComputedStyle(one).direction]") == ["en", "ltr"]
    summary = page.locator(".support summary").first
    assert summary.evaluate("(one) => getComputedStyle(one).direction") == "rtl"
