"""From a draft to readers and back, in the browser: nobody outside reads a draft's words on the way."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from conditions import handouts, loading, publishing, shelf
from conditions.models import Condition, KeptPage, Release, Statement
from conditions.pack import read
from portal.identity import acting_as
from portal.models import User
from tests.browser.conftest import faults_seen_by_axe
from tests.browser.test_accessibility import EVERY_LOOK, LONG_PAGES

Visit = Callable[..., object]
SLUG = "opsoclonus-myoclonus-syndrome"
PAGE = f"/conditions/{SLUG}/"
DRAFT, MENDED = "A zebrafinch sentence, first try.", "A zebrafinch sentence, mended."
# Everything that anybody may read, and every way to look for a word of the draft.
OPEN = [
    *("/", "/conditions/", "/conditions/?q=zebrafinch", "/conditions/?q=opsoclonus", "/lookup/"),
    *("/lookup/?system=ORPHA&code=1183", "/sitemap.xml"),
    *(
        PAGE,
        f"{PAGE}?for=child",
        f"{PAGE}?for=adult",
        f"{PAGE}changes/",
        f"{PAGE}data.json",
        f"{PAGE}changes.atom",
        "/conditions/changes.atom",
    ),
    *(f"{PAGE}releases/{number}/" for number in range(5)),
]


@pytest.fixture
def published(editor: User, reviewer: User) -> Condition:
    """The shipped pack, approved and published."""
    loading.load(read(Path(settings.BASE_DIR) / "conditions" / "packs" / SLUG))
    condition = Condition.objects.get(slug=SLUG)
    with acting_as(editor):
        release = publishing.submit(editor, condition, reason="First release.")
    with acting_as(reviewer):
        publishing.publish(reviewer, publishing.approve(reviewer, release, interests="None."))
    return condition


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What every handout is set from: its bytes are packed, so that words could hide in them."""
    seen: list[str] = []
    compiled = handouts._compile

    def compile_and_tell(data: str, *more: object) -> bytes:
        seen.append(data)
        return compiled(data, *more)

    monkeypatch.setattr(handouts, "_compile", compile_and_tell)
    return seen


def assert_nothing_leaks(printed: list[str]) -> None:
    """Nobody who is not signed in reads a word of the draft anywhere."""
    anonymous = Client()
    for address in OPEN:
        told = anonymous.get(address)
        # A search repeats what was asked for, which is no draft.
        body = told.content.decode().replace('value="zebrafinch"', "").replace("“zebrafinch”", "")
        body = body.replace("?q=zebrafinch&amp;lang=", "")
        assert "zebrafinch" not in body, address
        assert "sentence, first try" not in body, address
    printed.clear()
    shelf.place_of.cache_clear()  # else the handout that was printed before is given again
    KeptPage.objects.all().delete()
    assert anonymous.get(f"{PAGE}handout.pdf").status_code == 200
    assert printed
    assert "zebrafinch" not in "".join(printed)


def write(page: Page, text: str, statement: int) -> None:
    """Change a statement in the admin, as an editor does."""
    page.goto(f"{page.url.split('/admin/')[0]}/admin/conditions/statement/{statement}/change/")
    page.locator("#id_text").fill(text)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("readers still see")


def submit(page: Page, condition: int, reason: str) -> None:
    page.goto(f"{page.url.split('/admin/')[0]}/admin/conditions/condition/{condition}/submit/")
    page.get_by_label("What changed", exact=False).fill(reason)
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator(".messagelist")).to_contain_text("Submitted.")


def step(page: Page, word: str, button: str, **typed: str) -> None:
    """Take a step of the newest release that waits."""
    newest = Release.objects.latest("pk")
    page.goto(f"{page.url.split('/admin/')[0]}/admin/conditions/release/{newest.pk}/change/")
    page.get_by_role("link", name=word, exact=True).click()
    for label, text in typed.items():
        page.get_by_label(label, exact=False).fill(text)
    page.get_by_role("button", name=button).click()
    expect(page.locator(".messagelist")).to_be_visible()


def test_from_draft_to_readers(
    visit: Visit, published: Condition, editor: User, reviewer: User, printed: list[str]
) -> None:
    statement = Statement.objects.filter(section__condition=published, population="all").first()
    desk, second, reader = visit(editor), visit(reviewer), visit()
    page, review = desk.open("/admin/"), second.open("/admin/")
    write(page, DRAFT, statement.pk)
    assert_nothing_leaks(printed)
    submit(page, published.pk, "One sentence of a zebrafinch.")
    assert_nothing_leaks(printed)
    step(review, "Return", "Return to the editors", **{"What should change": "Not mended yet."})
    assert_nothing_leaks(printed)

    page.goto(f"{desk.base}/admin/conditions/release/{Release.objects.latest('pk').pk}/change/")
    expect(page.locator("#content")).to_contain_text("Not mended yet.")
    write(page, MENDED, statement.pk)
    submit(page, published.pk, "One zebrafinch sentence.")
    assert_nothing_leaks(printed)
    step(review, "Approve", "Approve", **{"Note for readers": "Read.", "Your interests": "None at all."})
    assert_nothing_leaks(printed)
    step(page, "Publish", "Publish")

    shown = reader.open(PAGE)
    expect(shown.locator("main")).to_contain_text(MENDED)
    expect(shown.locator("main")).to_contain_text("The reviewer’s interests: None at all.")
    expect(shown.locator("main")).not_to_contain_text("first try")
    shown.get_by_role("link", name="What changed, and when").click()
    expect(shown.locator("main")).to_contain_text("One zebrafinch sentence.")
    expect(shown.locator("ins").filter(has_text="zebrafinch").first).to_be_attached()
    assert json.loads(Client().get(f"{PAGE}data.json").content)["release"]["number"] == 2


def test_withdrawn_with_two_signatures(
    visit: Visit, published: Condition, reviewer: User, second_editor: User
) -> None:
    review, second = visit(reviewer), visit(second_editor)
    page, other = review.open("/admin/"), second.open("/admin/")
    step(page, "Withdraw", "Withdraw", **{"Notice to readers": "A figure is wrong."})
    expect(page.locator("#content")).to_contain_text("Another reviewer has to sign the withdrawal by")
    assert page.get_by_role("link", name="Confirm", exact=True).count() == 0
    step(other, "Confirm", "Sign the withdrawal")
    expect(other.locator("#content")).not_to_contain_text("has to sign")
    gone = Client().get(PAGE)
    assert gone.status_code == 410
    assert "A figure is wrong." in gone.content.decode()


@LONG_PAGES
@EVERY_LOOK
def test_the_pages_of_a_review_by_axe(
    visit: Visit, published: Condition, editor: User, reviewer: User, size: dict, scheme: str
) -> None:
    with acting_as(editor):
        Statement.objects.filter(section__condition=published).update(text="Take 5 mg of it.")
    release = Release.objects.get()
    own = f"/admin/conditions/release/{release.pk}"
    pages = {
        editor: [f"/admin/conditions/condition/{published.pk}/submit/"],
        reviewer: [f"{own}/change/", f"{own}/reaffirm/", f"{own}/withdraw/", "/admin/conditions/release/"],
    }
    for user, addresses in pages.items():
        visitor = visit(user, size=size, scheme=scheme)
        for address in addresses:
            assert faults_seen_by_axe(visitor.open(address)) == [], address
    with acting_as(reviewer):
        publishing.withdraw(reviewer, release, reason="Wrong.")
    visitor = visit(None, size=size, scheme=scheme)
    assert faults_seen_by_axe(visitor.open(PAGE)) == []
    visitor.faults = [fault for fault in visitor.faults if "410" not in fault]  # which Chromium logs
