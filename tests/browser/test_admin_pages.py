"""axe looks at every page about conditions, of editors, reviewers and readers; a new one is noticed."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from conditions.models import Condition, Statement
from portal.models import User
from tests.access_table import ACCESS
from tests.browser import content
from tests.browser.conftest import Visitor
from tests.browser.content import Look, Stages
from tests.browser.test_accessibility import EVERY_LOOK, faults, unfold
from tests.matrix import routes
from tests.tiers import sample

# Addresses that answer with no page.
NO_PAGE = {
    *(
        "conditions:feed",
        "conditions:feed-of-all",
        "conditions:data",
        "conditions:handout",
        "conditions:release-data",
        "conditions:release-handout",
    ),
    *("conditions:sitemap", "conditions:robots"),
    *("admin:conditions_condition_sources", "admin:conditions_condition_statements"),
}
# Pages that are missing or gone are looked at as well.
MISSING = {
    **dict.fromkeys(("/conditions/there-is-none/", "/reviews/made-up/"), 404),
    "/conditions/small-syndrome/releases/99/": 404,
    "/lookup/?system=ORPHA&code=1": 404,
    "/conditions/withdrawn-syndrome/": 410,
    "/conditions/withdrawn-syndrome/changes/": 410,
    "/conditions/archived-syndrome/": 410,
}


@pytest.fixture
def stages(tmp_path: Path, editor: User, reviewer: User) -> Stages:
    return content.stages(tmp_path, editor, reviewer)


@pytest.fixture
def looks(stages: Stages, editor: User, reviewer: User) -> dict[str, list[Look]]:
    return {**content.office(stages, editor, reviewer), **content.public(stages)}


def test_no_page_is_missed(looks: dict[str, list[Look]]) -> None:
    ours = {name for name, _ in routes() if name.startswith(("admin:conditions_", "conditions:"))}
    nobodys = {name for name in ours if set(ACCESS[name]) <= set("LFR ")}
    assert ours - NO_PAGE - nobodys - set(looks) == set()
    assert (NO_PAGE | set(looks)) - ours == {"admin:index", "admin:app_list"}


@EVERY_LOOK
def test_axe_finds_nothing_on_any_page(
    visit: Callable[..., Visitor], looks: dict[str, list[Look]], size: dict, scheme: str
) -> None:
    told = sample([look for each in looks.values() for look in each], 8)
    visitors = {who: visit(who, size=size, scheme=scheme) for who in {who for who, _ in told}}
    found: list[tuple] = []
    for who, address in told:
        visitor = visitors[who]
        answer = visitor.page.goto(visitor.base + address)
        assert answer is not None
        if answer.status != MISSING.get(address, 200):
            found.append((address, answer.status))
        unfold(visitor.page)
        found += faults(visitor.page, address)
    for visitor in visitors.values():  # which Chromium logs for pages that are missing or gone
        visitor.faults[:] = [each for each in visitor.faults if "404" not in each and "410" not in each]
    assert found == []


def mistaken(page: Page, condition: Condition) -> None:
    """A form with a sentence at every field that lacks something."""
    page.goto(f"{page.url.split('/admin/')[0]}/admin/conditions/fact/add/?condition={condition.pk}")
    page.get_by_role("button", name="Save", exact=True).click()
    page.locator(".errornote").wait_for()


def previewed(page: Page, condition: Condition) -> None:
    """A statement as readers will see it, whose decision is dated on a day still to come."""
    key = Statement.objects.get(section__condition=condition, key="fits").pk
    page.goto(f"{page.url.split('/admin/')[0]}/admin/conditions/statement/{key}/change/")
    page.get_by_label("Decided on:").fill("9000-01-01")
    page.get_by_role("button", name="Preview", exact=True).click()
    page.locator(".as-readers-see").wait_for()
    page.get_by_text("This day has not come yet.").first.wait_for()


def several_chosen(page: Page, condition: Condition) -> None:
    """Whether to delete several rows."""
    page.goto(f"{page.url.split('/admin/')[0]}/admin/conditions/organisation/?condition={condition.pk}")
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option("delete_selected")
    page.get_by_role("button", name="Go").click()
    page.get_by_role("heading", name="Delete multiple objects").wait_for()


@EVERY_LOOK
def test_axe_finds_nothing_on_what_acts_lead_to(
    visit: Callable[..., Visitor], stages: Stages, editor: User, size: dict, scheme: str
) -> None:
    page, found = visit(editor, size=size, scheme=scheme).open("/admin/"), []
    for act in (mistaken, previewed, several_chosen):
        act(page, stages.condition)
        found += faults(page, act.__name__)
    assert found == []
