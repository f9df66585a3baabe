"""The condition page as readers use it: cards, figures, support one tap away, in both schemes and sizes."""

from collections.abc import Callable

import pytest

from conditions import loading, pack, publishing
from conditions.models import Condition, Release
from portal.identity import acting_as
from portal.models import User
from tests.browser.conftest import DESK, PHONE, faults_seen_by_axe
from tests.browser.test_accessibility import LONG_PAGES
from tests.conditions.conftest import OMS

NARROW = {"width": 320, "height": 640}
URL = f"/conditions/{OMS.name}/"


@pytest.fixture
def release(editor: User, reviewer: User) -> Release:
    """The pack that ships, published."""
    loading.load(pack.read(OMS))
    with acting_as(editor):
        waiting = publishing.submit(editor, Condition.objects.get(slug=OMS.name), reason="First release.")
    with acting_as(reviewer):
        return publishing.publish(reviewer, publishing.approve(reviewer, waiting, interests="None."))


@LONG_PAGES
@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESK, "light")])
def test_the_page_with_everything_open_is_accessible(
    visit: Callable, release: Release, size: dict, scheme: str
) -> None:
    page = visit(size=size, scheme=scheme).open(f"{URL}?words=professional")
    page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
    assert faults_seen_by_axe(page) == []


def test_support_opens_by_keyboard_and_leads_to_the_source(visit: Callable, release: Release) -> None:
    page = visit().open(URL)
    support = page.locator("#statement-overview-tumour-half details")
    assert not support.locator("ul").is_visible()
    support.locator("summary").focus()
    page.keyboard.press("Enter")
    assert "Contradicts:" in support.inner_text()
    assert "Who says otherwise" in support.inner_text()
    support.locator("a").first.click()
    assert page.url.endswith("#source-orpha")


def test_the_switches_stay_in_the_address(visit: Callable, release: Release) -> None:
    page = visit(size=PHONE).open(URL)
    page.get_by_role("link", name="Professional words").click()
    page.get_by_role("link", name="Children", exact=True).click()
    assert page.url.endswith("?for=child&words=professional")
    page.reload()
    shown = page.locator("main").inner_text()
    assert "three of four" in shown.lower()
    assert "Mayo" not in shown.split("Sources")[0]


@pytest.mark.parametrize("size", [NARROW, PHONE])
def test_nothing_is_wider_than_the_screen(visit: Callable, release: Release, size: dict) -> None:
    page = visit(size=size).open(URL)
    page.locator("details").evaluate_all("all => all.forEach(each => each.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
