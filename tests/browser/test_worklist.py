"""The worklist by hand: keys, the panel beside it, stale answers, filters that stay."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from portal.identity import acting_as
from portal.models import User
from tests.browser.conftest import DESK, PHONE, faults_seen_by_axe
from tests.cast import PASSWORD
from tests.tracker.diary import check_in, weeks_of_checks
from tracker.models import Patient

Visit = Callable[..., object]


@pytest.fixture
def three(register: Callable[..., Patient], seat: Callable[..., object], family: User) -> list[Patient]:
    """Patients whom somebody should look at, in this order of their names."""
    known = [register(name=name) for name in ("Anna Aster", "Bela Birch", "Cleo Cedar")]
    for patient in known:
        seat(patient, family)
        with acting_as(family):
            weeks_of_checks(family, patient, [2, 2, None, 2])
            check_in(family, patient, kind="daily", worried=True, note=f"Note about {patient.first_name}")
    return known


def in_focus(page: Page) -> str:
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def test_by_keyboard_alone_from_the_list_to_a_sign_off_and_back(
    visit: Visit, three: list[Patient], clinician: User
) -> None:
    page = visit(clinician).open("/worklist/?sort=name")
    press = page.keyboard.press
    for key, name in (("j", "Anna"), ("j", "Bela"), ("j", "Cleo"), ("j", "Cleo"), ("k", "Bela")):
        press(key)
        assert in_focus(page).startswith(name)
    press("Enter")
    panel = page.locator("#glance")
    expect(panel).to_contain_text("Note about Bela")
    expect(panel).to_contain_text("Nobody has reviewed this diary yet.")
    assert in_focus(page) == "At a glance"
    press("Escape")
    expect(panel).to_be_hidden()
    assert in_focus(page) == "Bela Birch"
    press("r")
    expect(panel.locator("#review")).to_be_visible()
    page.wait_for_function("document.activeElement.name === 'outcome'")
    press("Space")
    panel.get_by_label("Message to the family").focus()
    page.keyboard.type("jk/u? are letters here")
    expect(panel).to_contain_text("Bela Birch")
    panel.get_by_role("button", name="Sign off").focus()
    press("Enter")
    expect(page.locator(".worklist-undo")).to_contain_text("Bela Birch")
    assert page.url.endswith("/worklist/?sort=name")
    press("u")
    expect(page.locator("main")).not_to_contain_text("seen, nothing to do, by you")
    expect(page.locator(".messages")).to_contain_text("Taken back")
    assert page.url.endswith("/worklist/?sort=name")


def test_help_search_and_ticks_have_keys(visit: Visit, three: list[Patient], clinician: User) -> None:
    page = visit(clinician).open("/worklist/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("undo my last sign-off")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-count]")).to_have_text("With the 1 ticked:")
    page.keyboard.press("/")
    page.keyboard.type("cleo j")
    assert page.evaluate("document.activeElement.value") == "cleo j"


def test_single_keys_are_switched_off_for_good(visit: Visit, three: list[Patient], clinician: User) -> None:
    """Who speaks to the device would set them off (WCAG 2.1.4)."""
    page = visit(clinician).open("/worklist/?sort=name")
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Single keys act").uncheck()
    page.get_by_role("button", name="Close").click()
    page.reload()
    for key in ("j", "x", "?"):
        page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert page.locator("input[name=patient]:checked").count() == 0
    page.get_by_role("link", name="Anna Aster").click()
    expect(page.locator("#glance")).to_contain_text("Note about Anna")
    page.keyboard.press("Escape")  # which is no letter
    expect(page.locator("#glance")).to_be_hidden()
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_label("Single keys act")).not_to_be_checked()
    page.get_by_label("Single keys act").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_stale_answer_never_replaces_a_newer_one(
    visit: Visit, three: list[Patient], clinician: User, size: dict
) -> None:
    """The first patient's answer is held back; the second was opened meanwhile and stays."""
    visitor = visit(clinician, size=size)
    first, second, _ = three
    page = visitor.open("/worklist/?sort=name")
    held: list[Route] = []
    page.route(re.compile(f"{first.pk}/glance"), lambda route: held.append(route))
    page.evaluate(
        "(keys) => { for (const key of keys) document.querySelector(`a[href*='${key}']`).click(); }",
        [str(first.pk), str(second.pk)],
    )
    panel = page.locator("#glance")
    expect(panel).to_contain_text("Note about Bela")
    let_go(page, held)
    expect(panel).to_contain_text("Note about Bela")
    expect(panel).not_to_contain_text("Anna")


def let_go(page: Page, held: list[Route]) -> None:
    """Have the one answer that was held back arrive, and the page do with it what it will."""
    [route] = held
    page.evaluate(
        "() => { window.arrived = new Promise((done) => addEventListener('htmx:afterRequest', done)); }"
    )
    route.continue_()
    page.evaluate("() => window.arrived")


def test_a_closed_panel_stays_closed(visit: Visit, three: list[Patient], clinician: User) -> None:
    page = visit(clinician).open("/worklist/?sort=name")
    held: list[Route] = []
    page.route(re.compile("/glance/"), lambda route: held.append(route))
    with page.expect_request(re.compile("/glance/")):
        page.get_by_role("link", name="Anna Aster").click()
    page.keyboard.press("Escape")
    let_go(page, held)
    expect(page.locator("#glance")).to_be_hidden()
    expect(page.locator("#glance-body")).to_be_empty()


def test_typed_words_are_not_lost_by_leaving_the_list(
    visit: Visit, three: list[Patient], clinician: User
) -> None:
    page = visit(clinician).open("/worklist/?sort=name")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Anna Aster").click()
    message = page.locator("#glance").get_by_label("Message to the family")
    message.fill("We called.")
    page.get_by_role("link", name="Due", exact=True).click()
    page.wait_for_function("() => true")
    assert asked == ["beforeunload"]
    expect(message).to_have_value("We called.")
    page.locator("#glance").get_by_label("Seen, watching").check()
    page.locator("#glance").get_by_role("button", name="Sign off").click()
    expect(page.locator(".worklist-undo")).to_contain_text("Anna Aster")
    assert asked == ["beforeunload"], "what is saved is not lost"


def test_typed_words_are_not_lost_by_opening_another(
    visit: Visit, three: list[Patient], clinician: User
) -> None:
    page = visit(clinician).open("/worklist/?sort=name")
    page.get_by_role("link", name="Anna Aster").click()
    field = page.locator("#glance").get_by_label("Message to the family")
    field.fill("Half a sentence")
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.locator("#glance-title").focus()
    page.keyboard.press("Escape")
    expect(field).to_have_value("Half a sentence")
    assert asked == ["Leave without saving what you typed?"]


def test_without_script_the_row_is_a_link(visit: Visit, three: list[Patient], clinician: User) -> None:
    page = visit(clinician, java_script_enabled=False).open("/worklist/")
    page.get_by_role("link", name="Anna Aster").click()
    expect(page.locator(".patient-banner-name")).to_have_text("Anna Aster")
    assert page.url.endswith(f"/patients/{three[0].pk}/")


def test_bootstrap_is_never_applied_without_our_own_rules(
    visit: Visit, three: list[Patient], clinician: User
) -> None:
    visitor = visit(clinician)
    visitor.context.route("**/portal/site.css", lambda route: route.fulfill(body="", content_type="text/css"))
    page = visitor.open("/worklist/")
    arrow = page.get_by_label("Order").evaluate("select => getComputedStyle(select).backgroundImage")
    assert arrow == "none"  # Bootstrap's is a data: image, which the policy refuses


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_filters_survive_back_reload_and_signing_in_again(
    visit: Visit, three: list[Patient], clinician: User, size: dict
) -> None:
    page = visit(clinician, size=size).open("/worklist/")
    page.get_by_label("Order").select_option("name")
    page.get_by_label("Owner").select_option("me")
    page.get_by_role("button", name="Apply").click()
    expect(page).to_have_url(re.compile(r"/worklist/\?owner=me&sort=name$"))
    page.wait_for_load_state()  # of the page that the form went to, by a redirect
    address = page.url
    page.reload()
    assert page.url == address
    page.goto(address.split("?")[0].replace("/worklist/", "/conditions/"))
    page.go_back()
    assert page.url == address
    page.goto(address.split("?")[0])
    assert page.url == address  # opened plainly, the last filters are used
    expect(page.get_by_label("Owner")).to_have_value("me")
    page.context.clear_cookies(name="sessionid")
    page.goto(address)
    expect(page).to_have_url(re.compile(r"next=/worklist/%3Fowner%3Dme%26sort%3Dname"))
    page.get_by_label("Email").fill(clinician.email)
    page.get_by_label("Password").first.fill(PASSWORD)
    page.locator("main form[method=post] button[type=submit]").first.click()
    expect(page).to_have_url(address)
    page.get_by_role("link", name="Reset filters").click()
    assert page.url.endswith("/worklist/")
    expect(page.get_by_label("Owner")).to_have_value("")


def test_only_ticked_rows_are_printed(visit: Visit, three: list[Patient], clinician: User) -> None:
    page = visit(clinician).open("/worklist/")
    page.get_by_label("Take Bela Birch along").check()
    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Bela Birch")).to_be_visible()
    expect(page.get_by_role("link", name="Anna Aster")).to_be_hidden()
    expect(page.get_by_label("Filters")).to_be_hidden()
    shown = page.locator(".worklist-part:has(:checked)")
    expect(shown.locator(".worklist-printed")).to_be_visible()
    expect(shown.locator(".panel-head")).to_be_hidden()


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "light"), (DESK, "dark")], ids=["phone", "desk"])
def test_axe_finds_nothing_with_the_panel_open(
    visit: Visit, three: list[Patient], clinician: User, size: dict, scheme: str
) -> None:
    page = visit(clinician, size=size, scheme=scheme).open("/worklist/?sort=name")
    page.get_by_role("link", name="Anna Aster").click()
    expect(page.locator("#glance")).to_contain_text("Note about Anna")
    found = faults_seen_by_axe(page)
    assert [(each["id"], [node["html"][:120] for node in each["nodes"][:3]]) for each in found] == []
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0
