"""The main tasks of editors and reviewers by keys alone: no pointer, and always in sight where one is."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from conditions import loading, pack, publishing
from conditions.models import Citation, Condition, Release, Statement
from portal.identity import acting_as
from portal.models import User
from tests.browser.conftest import Visitor
from tests.conditions import packs

MOST = 150  # presses of Tab on one page
# What has the focus: how it is called, what stands in it, and what is wrong with how it shows.
FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return { name: "", value: "", fault: "" };
  const labels = [...(one.labels || [])].map((label) => label.textContent).join(" ");
  const words = one.matches("input[type=submit]") ? one.value : one.textContent;
  const name = (one.getAttribute("aria-label") || labels || words || "").replace(/\\s+/g, " ").trim();
  const style = getComputedStyle(one), box = one.getBoundingClientRect();
  const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
  const tall = box.height > innerHeight;
  const inside = box.width > 0 && box.height > 0 && box.left < innerWidth && box.right > 0 &&
    (tall ? box.top < innerHeight && box.bottom > 0 : box.top >= -1 && box.bottom <= innerHeight + 1);
  const fault = !outlined && style.boxShadow === "none" ? "no sign of focus" : inside ? "" : "out of sight";
  return { name, value: one.value || "", fault, html: one.outerHTML.slice(0, 200) };
}"""


class Keys:
    """A page that is used by keys; every place that the focus passes is looked at."""

    def __init__(self, page: Page) -> None:
        self.page, self.faults = page, set[tuple[str, str]]()

    def reach(self, name: str, *, empty: bool = False) -> None:
        """Press Tab until what is called so has the focus; `empty` passes by what holds something."""
        passed = []
        for _ in range(MOST):
            self.page.keyboard.press("Tab")
            here = self.page.evaluate(FOCUSED)
            if here["fault"]:
                self.faults.add((here["fault"], here["html"]))
            if here["name"] == name and not (empty and here["value"]):
                return
            passed.append(here["name"])
        pytest.fail(f"Tab never comes to “{name}” on {self.page.url}, but to {passed}")

    def press(self, name: str, key: str = "Enter") -> None:
        """Reach it and press it."""
        self.reach(name)
        self.page.keyboard.press(key)

    def type(self, name: str, words: str, *, empty: bool = False) -> None:
        """Reach a field and write in place of what it holds."""
        self.reach(name, empty=empty)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(words)

    def told(self, words: str) -> None:
        """The next page says so."""
        expect(self.page.locator(".messagelist")).to_contain_text(words)


@pytest.fixture
def small(db: None, tmp_path: Path) -> Condition:
    loading.load(pack.read(packs.write(tmp_path / "full", packs.FULL)))
    return Condition.objects.get(slug="small-syndrome")


def start(visitor: Visitor) -> Keys:
    return Keys(visitor.open("/admin/"))


def edit(keys: Keys) -> None:
    """From the home to a statement, another text, one more citation, and on to the next."""
    keys.type("Search statements and sources", "wobble")
    keys.page.keyboard.press("Enter")
    expect(keys.page.get_by_role("heading", name="Statements: 1")).to_be_visible()
    keys.press("children")
    expect(keys.page.get_by_role("heading", name="Change statement")).to_be_visible()
    keys.type("Text:", "Children wobble and fall.")
    keys.page.locator("#preview").get_by_text("wobble and fall").wait_for()
    keys.type("Source", "three", empty=True)
    keys.type("Locator", "page 3", empty=True)
    keys.reach("Stance")
    keys.page.keyboard.type("men")
    keys.press("Checked", "Space")
    keys.press("Add another Citation")
    expect(keys.page.locator("#id_citations-3-source")).to_be_focused()
    keys.press("Save and next")
    keys.told("Children is saved. This is the next statement.")


def submit(keys: Keys) -> None:
    """Back to the home, to the draft that is listed there, and off to the reviewers."""
    keys.press("Home")
    expect(keys.page.get_by_role("heading", name="Draft: 1")).to_be_visible()
    keys.press("Small syndrome")
    expect(keys.page.get_by_role("heading", name="Change condition")).to_be_visible()
    keys.press("Submit for review")
    expect(keys.page.get_by_role("heading", name="Submit Small syndrome for review")).to_be_visible()
    keys.type("What changed (readers see it):", "They fall, too.")
    keys.press("Submit for review")
    keys.told("Submitted.")


def approve_and_publish(keys: Keys) -> None:
    keys.press("Small syndrome")
    expect(keys.page.get_by_role("heading", name="View condition")).to_be_visible()
    keys.press("Waiting: Submitted")
    expect(keys.page.get_by_role("heading", name="All of it is new")).to_be_visible()
    keys.press("Approve")
    expect(keys.page.get_by_role("button", name="Approve")).to_be_visible()
    keys.type("Note for readers (may stay empty):", "Read and compared.")
    keys.type("Your interests (readers see them):", "None.")
    keys.press("Approve")
    keys.told("Approved")
    keys.press("Publish")
    expect(keys.page.get_by_role("button", name="Publish")).to_be_visible()
    keys.press("Publish")
    keys.told("Published")


def test_from_a_changed_statement_to_readers(
    visit: Callable[..., Visitor], small: Condition, editor: User, reviewer: User
) -> None:
    small.sources.create(key="three", kind="review", title="Third work", read="part")
    writing, reviewing = start(visit(editor)), Keys(visit(reviewer).page)
    edit(writing)
    added = Citation.objects.get(statement__key="children", source__key="three")
    assert (added.locator, added.stance, added.checked) == ("page 3", "mentions", True)
    assert Statement.objects.get(key="children").text == "Children wobble and fall."
    submit(writing)
    reviewing.page.goto(writing.page.url.split("/admin/")[0] + "/admin/")
    approve_and_publish(reviewing)
    assert Release.objects.get().state == "published"
    assert "Children wobble and fall." in Client().get("/conditions/small-syndrome/").content.decode()
    assert writing.faults | reviewing.faults == set()


def test_another_name_and_another_figure(
    visit: Callable[..., Visitor], small: Condition, editor: User
) -> None:
    """From the condition's page, whose names are folded, and on which a figure is one of what it holds."""
    keys = start(visit(editor))
    keys.press("Small syndrome")
    expect(keys.page.get_by_role("heading", name="Change condition")).to_be_visible()
    keys.press("Names")
    keys.press("Add another Name")
    expect(keys.page.locator("#id_names-1-text")).to_be_focused()
    keys.page.keyboard.type("Wobbly eyes")
    keys.reach("Kind")
    keys.page.keyboard.type("lay")
    keys.press("Save and continue editing")
    keys.told("was changed successfully")
    assert small.names.get(text="Wobbly eyes").kind == "lay"
    keys.press("Add: fact")
    expect(keys.page.get_by_role("heading", name="Add fact")).to_be_visible()
    for label, words in (("Key:", "often"), ("About:", "Wobbling"), ("Value:", "7"), ("Reason:", "Alone.")):
        keys.type(label, words)
        if label == "Key:":
            keys.reach("Measure:")
            keys.page.keyboard.type("oth")
        if label == "Value:":
            keys.reach("Source:")
            keys.page.keyboard.type("two")
    keys.press("Save")
    keys.told("was added successfully")
    fact = small.facts.get(key="often")
    assert (fact.measure, fact.value, fact.source.key) == ("other", "7", "two")
    assert keys.faults == set()


def test_a_reviewer_returns_a_release(
    visit: Callable[..., Visitor], small: Condition, editor: User, reviewer: User
) -> None:
    with acting_as(editor):
        waiting = publishing.submit(editor, small, reason="First.")
    keys = start(visit(reviewer))
    keys.press("Small syndrome")
    expect(keys.page.get_by_role("heading", name="View condition")).to_be_visible()
    keys.press("Waiting: Submitted")
    expect(keys.page.get_by_role("heading", name="All of it is new")).to_be_visible()
    keys.press("Return")
    expect(keys.page.get_by_role("button", name="Return to the editors")).to_be_visible()
    keys.type("What should change:", "Cite the trial.")
    keys.press("Return to the editors")
    keys.told("Returned")
    waiting.refresh_from_db()
    assert waiting.state == "returned"
    assert keys.faults == set()
