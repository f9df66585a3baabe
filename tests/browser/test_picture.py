"""The picture by mouse and by keys: periods, days, dragging; test_accessibility has it under axe."""

from collections.abc import Callable

import pytest

from portal.models import User
from tests.tracker import course
from tracker.models import Patient


@pytest.fixture
def charted(
    patient: Patient, family: User, other_family: User, clinician: User, seat: Callable[..., object]
) -> Patient:
    seat(patient, other_family)
    course.diary(family, patient, 60, other=other_family)
    course.besides(clinician, family, patient, 60)
    return patient


def test_periods_by_link_and_key_days_by_arrow_and_a_drag(
    visit: Callable, charted: Patient, clinician: User
) -> None:
    visitor = visit(clinician)
    page = visitor.open(f"/patients/{charted.pk}/?days=14")
    # At once: under Bootstrap's smooth scrolling the plot would still be moving when it is measured.
    page.evaluate("document.querySelector('.picture-wide').scrollIntoView({behavior: 'instant'})")
    plot = page.locator(".picture-wide > .chart").bounding_box()
    page.mouse.move(plot["x"] + plot["width"] / 2, plot["y"] + 300)
    page.mouse.down()
    page.mouse.move(plot["x"] + plot["width"] / 2 + 200, plot["y"] + 300, steps=4)
    with page.expect_response("**/?from=*"):
        page.mouse.up()
    page.locator("[data-step=later]").wait_for()
    page.wait_for_url("**/?from=*&days=14")
    page = visitor.open(f"/patients/{charted.pk}/?days=14")
    with page.expect_response("**/?from=*"):
        page.keyboard.press("[")
    page.wait_for_url("**/?from=*&days=14")
    page.locator("[data-step=later]").wait_for()
    with page.expect_response("**/?from=*"):
        page.keyboard.press("]")
    page.wait_for_function("!document.querySelector('[data-step=later]')")
    assert page.locator(".picture-wide .chart-day").count() > 8
    newest = page.locator(".picture-wide .chart-day[tabindex='0']")
    newest.focus()
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.getAttribute('tabindex')") == "0"
    page.keyboard.press("Enter")
    page.wait_for_url("**/entries/**")
    assert "/entries/" in page.url


def test_a_mark_leads_to_its_entry_without_a_script(
    visit: Callable, charted: Patient, clinician: User
) -> None:
    visitor = visit(clinician, java_script_enabled=False)
    page = visitor.open(f"/patients/{charted.pk}/?days=30")
    page.locator(".picture-wide .chart-day").nth(3).locator("rect").click(position={"x": 5, "y": 330})
    assert "/entries/" in page.url
    page.go_back()
    page.get_by_role("link", name="Earlier").click()
    assert "days=30" in page.url
    assert "from=" in page.url
