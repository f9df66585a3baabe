"""The three jobs, done by hand in a real browser."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from playwright.sync_api import Page, expect

from conditions import loading, publishing
from conditions.models import Condition
from conditions.pack import read
from portal.identity import acting_as
from portal.models import User
from tests.browser.conftest import DESK, PHONE, Visitor
from tests.cast import PASSWORD
from tests.tiers import sample
from tests.tracker.diary import check_in, weeks_of_checks
from tracker.models import Patient

Visit = Callable[..., object]
BOTH = [pytest.param(DESK, id="1280"), pytest.param(PHONE, id="390")]
SIZES = pytest.mark.parametrize("size", sample(BOTH, len(BOTH)))
MOST_CLICKS = 6
SAID = "Thank you for writing. We will call you today."
SLUG = "opsoclonus-myoclonus-syndrome"


def rate(page: Page, legend: str, value: int) -> None:
    """Tap one of the large buttons of a question."""
    question = page.get_by_role("group", name=legend)
    question.locator(f"input[value='{value}'] + label").click()


def test_family_logs_clinic_reviews_family_sees(
    visit: Visit, patient: Patient, family: User, clinician: User
) -> None:
    """Job 1 and 2: from a phone to the top of the worklist, and the receipt back."""
    with acting_as(family):
        weeks_of_checks(family, patient, [1, 1, 1, 1])
    phone = visit(family, size=PHONE)
    page = phone.open("/log/")
    page.get_by_role("link", name="Weekly Home check").first.click()
    for legend in ("How is walking?", "Do the eyes dance or dart?"):
        rate(page, legend, 3)
    for legend in ("How steady", "How do arms", "How are mood", "How is talking?"):
        rate(page, legend, 1)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Saved")).to_be_visible()

    desk = visit(clinician)
    work = desk.open("/worklist/")
    row = work.get_by_role("row", name=patient.name)
    expect(row).to_contain_text("10")
    expect(row).to_contain_text("9 points up, usually 1")
    row.get_by_role("link", name=patient.name).click()
    work.get_by_role("link", name="Open the whole page").click()
    expect(work.locator("svg.chart").first).to_be_visible()
    expect(work.locator("main")).to_contain_text("10 of 18")
    work.get_by_label("Family contacted").check()
    work.get_by_label("Message to the family").fill("Thank you. We will call you today.")
    work.get_by_role("textbox", name="Private note").fill("Between colleagues only.")
    work.get_by_role("button", name="Sign off").click()
    expect(work.locator("main")).to_contain_text("Family contacted")

    seen = phone.open(f"/log/{patient.pk}/")
    expect(seen.locator("main")).to_contain_text(f"Seen by {clinician.name} on")
    expect(seen.locator("main")).to_contain_text("We will call you today")
    expect(seen.locator("main")).not_to_contain_text("Between colleagues only")


@pytest.fixture
def worst(register: Callable[..., Patient], patient: Patient, family: User) -> Patient:
    """Tops the worklist: their family is worried, while the other patient is as usual."""
    register(name="Anna Aster")
    with acting_as(family):
        weeks_of_checks(family, patient, [1, 1, 1, 1])
        check_in(family, patient, kind="daily", worried=True, note="The eyes dance again.")
    return patient


def presses_in(visitor: Visitor) -> list[str]:
    """What is pressed from now on with mouse, pen or finger, on every page."""
    pressed: list[str] = []
    visitor.context.expose_binding("pressed", lambda _, what: pressed.append(what))
    told = "(event) => event.isTrusted && window.pressed(event.target.outerHTML.slice(0, 80))"
    visitor.context.add_init_script(f"addEventListener('pointerdown', {told}, true)")
    return pressed


def until_on(page: Page, selector: str, key: str = "Tab", most: int = 40) -> None:
    """Press a key until the focus is there."""
    for _ in range(most):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press(key)
    raise AssertionError(f"{most} times {key} do not lead to {selector}")


def family_reads_the_receipt(visitor: Visitor, patient: Patient, clinician: User) -> None:
    page = visitor.open(f"/log/{patient.pk}/")
    expect(page.locator("main")).to_contain_text(f"Seen by {clinician.name} on")
    expect(page.locator("main")).to_contain_text(SAID)


@SIZES
def test_from_sign_in_to_sign_off_in_six_clicks(
    visit: Visit, worst: Patient, family: User, clinician: User, size: dict
) -> None:
    """Job 2: the top patient, with a message to the family. Every press is counted by the browser."""
    desk = visit(size=size)
    pressed = presses_in(desk)
    page = desk.open("/accounts/login/")
    page.get_by_label("Email").click()
    page.keyboard.type(clinician.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.locator("main form[method=post] button[type=submit]").first.click()
    page.locator("a[data-open]").first.click()
    panel = page.locator("#glance")
    expect(panel.locator(".patient-banner-name")).to_have_text(worst.name)
    expect(panel).to_contain_text("The eyes dance again.")
    panel.get_by_label("Family contacted").click()
    panel.get_by_label("Message to the family").click()
    page.keyboard.type(SAID)
    panel.get_by_role("button", name="Sign off").click()
    expect(page.locator(".worklist-undo")).to_contain_text(worst.name)
    assert 0 < len(pressed) <= MOST_CLICKS, pressed

    family_reads_the_receipt(visit(family, size=PHONE), worst, clinician)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".messages")).to_contain_text("Taken back")
    expect(page.locator("a[data-open]").first).to_have_text(worst.name)


@SIZES
def test_from_sign_in_to_sign_off_by_keyboard_alone(
    visit: Visit, worst: Patient, family: User, clinician: User, size: dict
) -> None:
    """Tab, letters and Enter; no script of this test moves the focus."""
    desk = visit(size=size)
    pressed = presses_in(desk)
    page = desk.open("/accounts/login/")
    press = page.keyboard.press
    until_on(page, "[name=login]")
    page.keyboard.type(clinician.email)
    until_on(page, "[name=password]")
    page.keyboard.type(PASSWORD)
    press("Enter")
    expect(page.get_by_role("heading", name="Worklist", exact=True)).to_be_visible()
    page.wait_for_load_state("load")  # the heading is seen before the script listens
    press("j")
    press("k")
    press("r")
    panel = page.locator("#glance")
    expect(panel.locator(".patient-banner-name")).to_have_text(worst.name)
    page.wait_for_function("document.activeElement.name === 'outcome'")
    press("Space")
    until_on(page, "[name=message]")
    page.keyboard.type(SAID)
    until_on(page, "#review [type=submit]")
    press("Enter")
    expect(page.locator(".worklist-undo")).to_contain_text(worst.name)
    family_reads_the_receipt(visit(family, size=PHONE), worst, clinician)
    press("u")
    expect(page.locator(".messages")).to_contain_text("Taken back")
    expect(page.locator("a[data-open]").first).to_have_text(worst.name)
    assert pressed == []


def test_a_daily_check_in_takes_few_taps(visit: Visit, patient: Patient, family: User) -> None:
    page = visit(family, size=PHONE).open(f"/log/{patient.pk}/check-in/")
    page.get_by_role("link", name="All quiet today").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Saved")).to_be_visible()


def test_session_that_ended_in_the_middle_loses_nothing(visit: Visit, patient: Patient, family: User) -> None:
    """Sign-in opens over the live form; what was typed is saved afterwards."""
    phone = visit(family, size=PHONE)
    page = phone.open(f"/log/{patient.pk}/check-in/")
    page.get_by_role("link", name="All quiet today").click()
    page.locator("summary", has_text="More").click()
    page.get_by_label("Note").fill("Typed before the session ended.")
    phone.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.wait_for_load_state()  # before its script came, the page goes to the sign-in instead
    page.get_by_role("button", name="Save").click()
    dialog = page.get_by_role("dialog")
    # The probe and the sign-in page come first; beside other tests they have taken more than ten seconds.
    dialog.locator("[name=login]").fill(family.email, timeout=40_000)
    dialog.locator("[name=password]").fill(PASSWORD)
    dialog.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Saved")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Typed before the session ended.")
    phone.faults[:] = [fault for fault in phone.faults if "401" not in fault]  # the probe's own answer


def test_clinician_registers_and_invites_a_parent_who_logs(visit: Visit, clinician: User) -> None:
    page = visit(clinician).open("/worklist/")
    page.get_by_role("link", name="Register a patient").first.click()
    page.get_by_label("Name").fill("Ķristīne Example-王")
    page.get_by_label("Date of birth").fill("2023-02-03")
    page.get_by_label("Record number").fill("NEW-1")
    page.get_by_role("button", name="Register").click()
    page.get_by_role("link", name="Invite").first.click()
    page.get_by_label("Name").fill("Parent Example")
    page.get_by_label("E-mail").fill("parent@test.example")
    page.get_by_label("Parent", exact=True).check()
    page.get_by_label("Parental responsibility checked").check()
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.locator("main")).to_contain_text("parent@test.example")
    (letter,) = mail.outbox
    (link,) = re.findall(r"/invitation/\S+", letter.body)
    assert "Example-王" not in letter.body + letter.subject

    phone = visit(size=PHONE)
    page = phone.open(link)
    for field in page.locator("input[type=password]").all():
        field.fill("quiet green harbour")
    page.get_by_role("button", name="Make my account").click()
    page.get_by_role("link", name="Check in").first.click()
    page.get_by_role("link", name="All quiet today").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Saved")).to_be_visible()


@pytest.fixture
def published(editor: User, reviewer: User) -> Condition:
    """The shipped pack, approved and published."""
    loading.load(read(Path(settings.BASE_DIR) / "conditions" / "packs" / SLUG))
    condition = Condition.objects.get(slug=SLUG)
    with acting_as(editor):
        release = publishing.submit(editor, condition, reason="First release")
    with acting_as(reviewer):
        publishing.publish(reviewer, publishing.approve(reviewer, release, interests="None."))
    return condition


def test_editor_changes_reviewer_approves_reader_sees(
    visit: Visit, published: Condition, editor: User, reviewer: User
) -> None:
    """Job 3: a draft never leaks, nobody approves their own, and then the page changes."""
    new = "This sentence was changed in the browser."
    desk = visit(editor)
    page = desk.open("/admin/conditions/statement/")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_label("Text", exact=False).first.fill(new)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_be_visible()
    reader = visit()
    assert new not in reader.open(f"/conditions/{SLUG}/").content()

    desk.open(f"/admin/conditions/condition/{published.pk}/change/")
    page.get_by_role("link", name="Submit").first.click()
    page.get_by_label("What changed", exact=False).fill("One sentence clearer.")
    page.get_by_role("button", name="Submit").click()
    assert new not in reader.open(f"/conditions/{SLUG}/").content()

    second = visit(reviewer)
    page = second.open("/admin/conditions/release/")
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator("#content")).to_contain_text("1 change against release 1")
    expect(page.locator("#content ins").last).to_contain_text("browser.")
    page.get_by_role("link", name="Approve").first.click()
    page.get_by_label("Your interests", exact=False).fill("None.")
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("link", name="Publish").first.click()
    page.get_by_role("button", name="Publish").click()
    assert new in reader.open(f"/conditions/{SLUG}/").content()


def test_period_is_swapped_in_place(visit: Visit, patient: Patient, family: User, clinician: User) -> None:
    """htmx changes the picture alone: what stands in the sign-off form is not lost."""
    with acting_as(family):
        weeks_of_checks(family, patient, [1, 2, 1])
    page = visit(clinician).open(f"/patients/{patient.pk}/")
    page.get_by_label("Message to the family").fill("Half a sentence")
    page.get_by_role("link", name="90 days").click()
    expect(page.locator("#course .chip[aria-current]")).to_have_text("90 days")
    expect(page.get_by_label("Message to the family")).to_have_value("Half a sentence")
    assert page.url.endswith("?days=90")
