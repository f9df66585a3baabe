"""A sheet comes in through a real browser: chosen as a file or pasted, tried, written; axe finds nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from conditions import loading, pack
from conditions.models import Condition, Section, Statement
from portal.identity import acting_as
from portal.models import User
from tests.browser.conftest import PHONE, faults_seen_by_axe
from tests.browser.test_accessibility import EVERY_LOOK
from tests.conditions import packs

Visit = Callable[..., object]
SHEET = """key,section,text,citations
what,overview,"It is *very* rare.\n\n<script>alert(1)</script>",one
new,overview,It is new.,two: table 2
"""


@pytest.fixture
def small(tmp_path: Path) -> Condition:
    """A condition of three statements."""
    loading.load(pack.read(packs.write(tmp_path)))
    return Condition.objects.get()


@EVERY_LOOK
def test_a_file_is_tried_and_written(
    visit: Visit, small: Condition, editor: User, size: dict, scheme: str
) -> None:
    page = visit(editor, size=size, scheme=scheme).open(f"/admin/conditions/condition/{small.pk}/change/")
    page.get_by_role("link", name="Import a sheet").click()
    expect(page.get_by_label("A CSV file")).to_be_visible()  # the click does not wait for the next page
    assert faults_seen_by_axe(page) == []
    chosen = {"name": "sheet.csv", "mimeType": "text/csv", "buffer": SHEET.encode()}
    page.get_by_label("A CSV file").set_input_files(chosen)
    expect(page.get_by_label("Its cells")).to_have_value(SHEET)
    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_role("row", name="what")).to_contain_text("<script>alert(1)</script>")
    expect(page.get_by_role("row", name="new (new)")).to_contain_text("It is new.")
    assert faults_seen_by_axe(page) == []
    page.get_by_role("button", name="Write into the draft").click()
    expect(page.locator(".messagelist")).to_contain_text("1 row is new, 1 changed, 0 were the same.")
    assert Statement.objects.filter(key="new").exists()


def test_by_keyboard_without_script(visit: Visit, small: Condition, editor: User) -> None:
    visitor = visit(editor, java_script_enabled=False)
    page = visitor.open(f"/admin/conditions/condition/{small.pk}/import/")
    expect(page.get_by_label("A CSV file")).to_be_hidden()
    page.get_by_label("Sources", exact=True).focus()
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("key\ttitle\none\tAnother title\n")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("dd ins").first).to_contain_text("Another")
    page.get_by_role("button", name="Write into the draft").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("1 changed")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_gaps(visit: Visit, small: Condition, editor: User, scheme: str) -> None:
    with acting_as(editor):
        Section.objects.create(condition=small, key="empty", title="Empty so far")
    page = visit(editor, size=PHONE, scheme=scheme).open(f"/admin/conditions/condition/{small.pk}/change/")
    page.get_by_role("link", name="1 gap").click()
    seen = Axe().run(page, context="#gaps", options={"preload": False})
    assert seen.response["violations"] == []
    page.get_by_role("link", name="“Empty so far” has no statement yet.").click()
    expect(page.get_by_label("Section", exact=False).first).to_have_value(
        str(Section.objects.get(key="empty").pk)
    )
