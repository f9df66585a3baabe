"""axe finds nothing, at phone and desk width, light and dark; no console error, no foreign request."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.utils import timezone

from conditions import loading, publishing
from conditions.models import Condition, Statement
from conditions.pack import read
from portal.identity import acting_as
from portal.models import User
from tests.browser.conftest import DESK, PHONE
from tests.tracker.diary import check_in, weeks_of_checks
from tracker import reviews
from tracker.models import Patient
from tracker.reviews import Verdict

SLUG = "opsoclonus-myoclonus-syndrome"


@pytest.fixture
def pages(patient: Patient, family: User, clinician: User, editor: User, reviewer: User) -> list[tuple]:
    """(who, address) of every page a job passes through, with something on it."""
    with acting_as(family):
        weeks_of_checks(family, patient, [1, 2, None, 1, 2, 9])
        check_in(family, patient, kind="daily", ratings={"eyes": 2, "mood": None}, note="A note.")
    with acting_as(clinician):
        said = {"message": "Seen.", "private_note": "Hm."}
        reviews.sign_off(clinician, patient, Verdict("watch", **said), covers_until=timezone.now())
    with acting_as(family):
        check_in(family, patient, worried=True)
    loading.load(read(Path(settings.BASE_DIR) / "conditions" / "packs" / SLUG))
    with acting_as(editor):
        release = publishing.submit(editor, Condition.objects.get(slug=SLUG), reason="First")
    with acting_as(reviewer):
        publishing.publish(reviewer, publishing.approve(reviewer, release))
    log, record = f"/log/{patient.pk}/", f"/patients/{patient.pk}/"
    return [
        (None, "/"),
        (None, "/accounts/login/"),
        (None, "/conditions/"),
        (None, f"/conditions/{SLUG}/"),
        (None, f"/conditions/{SLUG}/?for=adult"),
        (family, log),
        (family, f"{log}check-in/"),
        (family, f"{log}check-in/?kind=home_check"),
        (family, f"{log}messages/"),
        (clinician, "/worklist/"),
        (clinician, record),
        (clinician, f"{record}invite/"),
        (clinician, f"{record}seats/"),
        (clinician, f"{record}freeze/"),
        (clinician, f"{record}state/"),
        (clinician, f"{record}merge/"),
        (clinician, "/patients/register/"),
        (clinician, "/hand-over/"),
        (clinician, f"/rules/{patient.clinic_id}/"),
    ]


LOOKS = [
    pytest.param(PHONE, "light", id="390-light"),
    pytest.param(DESK, "dark", id="1280-dark"),
]
# The other two double the time and differ in colours alone: CI looks at them as well.
REST = [pytest.param(PHONE, "dark", id="390-dark"), pytest.param(DESK, "light", id="1280-light")]


@pytest.mark.parametrize(("size", "scheme"), [*LOOKS, *(REST if os.environ.get("CI") else [])])
def test_axe_finds_nothing(visit: Callable, pages: list[tuple], size: dict, scheme: str) -> None:
    visitors = {user: visit(user, size=size, scheme=scheme) for user in {user for user, _ in pages}}
    found = []
    for user, address in pages:
        page = visitors[user].open(address)
        for violation in Axe().run(page).response["violations"]:
            found.append((address, violation["id"], [node["html"][:120] for node in violation["nodes"][:3]]))
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            found.append((address, "scrolls sideways", wide))
    assert found == []


def test_every_page_works_at_320_pixels(visit: Callable, pages: list[tuple]) -> None:
    narrow = {"width": 320, "height": 640}
    visitors = {user: visit(user, size=narrow) for user in {user for user, _ in pages}}
    for user, address in pages:
        page = visitors[user].open(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, address


def test_a_check_in_without_javascript(visit: Callable, patient: Patient, family: User) -> None:
    page = visit(family, size=PHONE, java_script_enabled=False).open(f"/log/{patient.pk}/check-in/")
    page.get_by_role("link", name="All quiet today").click()
    page.get_by_role("button", name="Save").click()
    assert "Saved" in page.content()


def test_admin_keeps_to_the_content_policy(
    visit: Callable, pages: list[tuple], editor: User, reviewer: User, administrator: User, patient: Patient
) -> None:
    """Every widget that editors, reviewers and administrators meet; a violation is a console error."""
    condition = Condition.objects.get(slug=SLUG)
    statement = Statement.objects.filter(section__condition=condition).first()
    release = condition.releases.first()
    asked = {
        editor: [
            "",
            "conditions/condition/",
            f"conditions/condition/{condition.pk}/change/",
            "conditions/statement/?condition=1",
            f"conditions/statement/{statement.pk}/change/",
            f"conditions/statement/{statement.pk}/delete/",
            "conditions/section/add/",
            "conditions/source/add/",
        ],
        reviewer: ["conditions/release/", f"conditions/release/{release.pk}/change/"],
        administrator: [
            "portal/user/",
            f"portal/user/{editor.pk}/change/",
            f"tracker/patient/{patient.pk}/change/",
        ],
    }
    for user, addresses in asked.items():
        visitor = visit(user)
        for address in addresses:
            visitor.open(f"/admin/{address}")
