"""axe finds nothing, at phone and desk width, light and dark; no console error, no foreign request."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page

from conditions import loading, publishing, sharing
from conditions.models import Condition, Feedback, Statement
from conditions.pack import read
from portal.identity import acting_as
from portal.models import User
from tests.browser.conftest import DESK, PHONE, Visitor, faults_seen_by_axe
from tests.tiers import IN_FULL, sample
from tests.tracker import course
from tests.tracker.diary import check_in, weeks_of_checks
from tracker import reviews
from tracker.models import CheckIn, ClinicianRating, DueItem, Episode, Mark, Patient
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
        publishing.publish(reviewer, publishing.approve(reviewer, release, interests="None."))
    asked = Feedback(
        condition=release.condition, release=release, kind="question", text="Why?", due_on="2030-01-01"
    )
    Feedback.objects.bulk_create([asked])
    log, record = f"/log/{patient.pk}/", f"/patients/{patient.pk}/"
    return [
        (None, "/"),
        (None, "/accounts/login/"),
        (None, "/conditions/"),
        (None, f"/conditions/{SLUG}/"),
        (None, f"/conditions/{SLUG}/?for=adult"),
        (None, "/conditions/?q=tumour"),
        (None, "/conditions/?q=8A00"),
        (None, "/lookup/?system=ICD-10&code=G25.3"),
        (None, f"/conditions/{SLUG}/feedback/?kind=question"),
        (None, f"/conditions/{SLUG}/feedback/?sent=question"),
        (editor, "/admin/conditions/feedback/"),
        (editor, f"/admin/conditions/feedback/{asked.pk}/change/"),
        (editor, f"/admin/conditions/feedback/{asked.pk}/answer/"),
        (editor, f"/admin/conditions/feedback/{asked.pk}/close/"),
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


@pytest.fixture
def treated(
    patient: Patient, family: User, other_family: User, clinician: User, seat: Callable[..., object]
) -> Patient:
    """A patient of three months with two caregivers and all that a chart holds."""
    seat(patient, other_family)
    course.diary(family, patient, 90, other=other_family)
    course.besides(clinician, family, patient, 90)
    return patient


@pytest.fixture
def chart(treated: Patient, clinician: User) -> list[str]:
    """Every page about a patient for those who treat, and those about all of one's patients."""
    with acting_as(clinician):
        rows = {
            model: model.objects.filter(patient=treated).order_by("-pk")
            for model in (CheckIn, ClinicianRating, DueItem, Episode, Mark)
        }
        keys = {model: found.values_list("pk", flat=True)[0] for model, found in rows.items()}
        plan = treated.treatments.unreplaced().filter(agent="Prednisolone").get().pk
    inner = [
        *("?days=14", "?days=540", "?days=all", "entries/", f"entries/{keys[CheckIn]}/"),
        *("flowsheet/?days=30", "flowsheet/?days=90&feature=home_check", "flowsheet/?days=90&by=week"),
        *("ratings/new/", f"ratings/{keys[ClinicianRating]}/correct/"),
        f"ratings/{keys[ClinicianRating]}/mistake/",
        *("episodes/new/", f"episodes/{keys[Episode]}/edit/", f"episodes/{keys[Episode]}/end/"),
        *("treatments/new/", f"treatments/{plan}/change/", f"treatments/{plan}/stop/"),
        *(f"treatments/{plan}/dose/", "marks/new/", f"marks/{keys[Mark]}/end/"),
        *("due/", f"due/{keys[DueItem]}/done/", f"due/{keys[DueItem]}/drop/", "tags/", "notes/new/"),
    ]
    return [*(f"/patients/{treated.pk}/{rest}" for rest in inner), "/due/", "/hand-over/", "/worklist/"]


def previewed(page: Page) -> None:
    """A plan with its steps made by a rule, not saved."""
    typed = {"agent": "Prednisone", "starts_on": "2027-01-04", "amount": "20", "doses_per_day": "1"}
    typed |= {"reduce_by": "5", "reduce_every": "14", "reduce_until": "5"}
    for name, words in typed.items():
        page.locator(f"[name={name}]").fill(words)
    page.locator("[name=unit]").select_option("mg")
    page.get_by_label("Taper", exact=True).check()
    page.get_by_role("button", name="Make the steps").click()
    page.locator(".preview").wait_for()


def tried_out(page: Page) -> None:
    """Rules with their try-out beside them, not in force."""
    page.get_by_label("Why this change").fill("To see.")
    page.get_by_role("button", name="Try out on past diaries").click()
    page.locator("#trial").wait_for()


def glanced_at(page: Page) -> None:
    """The panel beside the worklist."""
    page.locator("a[data-open]").first.click()
    page.locator("#glance .patient-banner").wait_for()


def signed_without_a_seat(page: Page) -> None:
    """A sign-off that comes when the seat has ended; nothing is stored, the words are shown."""
    page.get_by_label("Needs a visit").check()
    page.get_by_label("Message to the family").fill("Please come on Monday.")
    gone = page.locator("#review form")
    gone.evaluate("(form) => { form.action = form.action.replace(/[0-9a-f]{8}-/, '00000000-'); }")
    page.get_by_role("button", name="Sign off").click()
    page.get_by_label("What you typed").wait_for()


LOOKS = [
    pytest.param(PHONE, "light", id="390-light"),
    pytest.param(DESK, "dark", id="1280-dark"),
    pytest.param(PHONE, "dark", id="390-dark"),
    pytest.param(DESK, "light", id="1280-light"),
]
# Each look takes minutes over all pages, and they differ in colours and width alone.
EVERY_LOOK = pytest.mark.parametrize(("size", "scheme"), sample(LOOKS, len(LOOKS)))
# Pages of a whole condition: axe takes half a minute over them; by hand short ones of each kind are asked.
LONG_PAGES = pytest.mark.skipif(not IN_FULL, reason="axe looks at long pages in continuous integration")
NARROW = {"width": 320, "height": 640}


def faults(page: Page, address: str) -> list[tuple]:
    """What axe finds, and whether the page scrolls sideways."""
    found: list[tuple] = []
    for violation in faults_seen_by_axe(page):
        found.append((address, violation["id"], [node["html"][:120] for node in violation["nodes"][:3]]))
    return found + too_wide(page, address)


def too_wide(page: Page, address: str) -> list[tuple]:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [(address, "scrolls sideways", wide)] if wide > 0 else []


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")


@EVERY_LOOK
def test_axe_finds_nothing(visit: Callable, pages: list[tuple], size: dict, scheme: str) -> None:
    visitors = {user: visit(user, size=size, scheme=scheme) for user in {user for user, _ in pages}}
    found = []
    for user, address in sample(pages, 6):
        found += faults(visitors[user].open(address), address)
    assert found == []


@pytest.fixture
def editing(editor: User, reviewer: User) -> list[tuple]:
    """(who, address) of pages that are long with a whole condition; `test_admin_pages` has every page."""
    loading.load(read(Path(settings.BASE_DIR) / "conditions" / "packs" / SLUG))
    condition = Condition.objects.get(slug=SLUG)
    statement = Statement.objects.filter(section__condition=condition).order_by("pk")[0]
    with acting_as(editor):
        statement.text += " It was **changed**."
        statement.save()
        waiting = publishing.submit(editor, condition, reason="First")
        key = sharing.share(editor, waiting, days=7)
    row, lists = f"/admin/conditions/statement/{statement.pk}", "/admin/conditions"
    return [
        *((user, address) for user in (editor, reviewer) for address in ("/admin/", f"{row}/change/")),
        *((editor, f"{lists}/{word}/") for word in ("section", "statement", "source")),
        (editor, f"{lists}/condition/{condition.pk}/change/"),
        (editor, f"{lists}/statement/search/?q=tumour"),
        (editor, f"{row}/history/"),
        (reviewer, f"{lists}/release/{waiting.pk}/change/"),
        (reviewer, f"{lists}/release/{waiting.pk}/share/"),
        (None, f"/reviews/{key}/"),
    ]


@LONG_PAGES
@EVERY_LOOK
def test_axe_finds_nothing_where_content_is_edited(
    visit: Callable, editing: list[tuple], size: dict, scheme: str
) -> None:
    visitors = {user: visit(user, size=size, scheme=scheme) for user in {user for user, _ in editing}}
    found = []
    for user, address in editing:
        found += faults(visitors[user].open(address), address)
    assert found == []


@EVERY_LOOK
def test_axe_finds_nothing_where_patients_are_treated(
    visit: Callable, chart: list[str], clinician: User, size: dict, scheme: str
) -> None:
    visitor, found = visit(clinician, size=size, scheme=scheme), []
    for address in sample(chart, 6):
        page = visitor.open(address)
        assert page.locator("main h1").count() == 1, address
        unfold(page)
        found += faults(page, address)
    assert found == []


def reached(visitor: Visitor, treated: Patient) -> Iterator[tuple[Page, str]]:
    """Pages that something has to be done for."""
    record = f"/patients/{treated.pk}/"
    for address, act in (
        ("/worklist/", glanced_at),
        (f"{record}treatments/new/", previewed),
        (f"/rules/{treated.clinic_id}/", tried_out),
        (record, signed_without_a_seat),
    ):
        page = visitor.open(address)
        act(page)
        yield page, act.__name__


@EVERY_LOOK
def test_axe_finds_nothing_on_what_acts_lead_to(
    visit: Callable, treated: Patient, clinician: User, size: dict, scheme: str
) -> None:
    visitor, found = visit(clinician, size=size, scheme=scheme), []
    for page, act in reached(visitor, treated):
        found += faults(page, act)
    visitor.faults[:] = [fault for fault in visitor.faults if "404" not in fault]  # the refusal itself
    assert found == []


def test_every_page_of_treating_works_at_320_pixels(
    visit: Callable, chart: list[str], treated: Patient, clinician: User
) -> None:
    visitor, found = visit(clinician, size=NARROW), []
    for address in sample(chart, 3):
        page = visitor.open(address)
        unfold(page)
        found += too_wide(page, address)
    for page, act in reached(visitor, treated):
        found += too_wide(page, act)
    visitor.faults[:] = [fault for fault in visitor.faults if "404" not in fault]
    assert found == []


def test_every_page_works_at_320_pixels(visit: Callable, pages: list[tuple]) -> None:
    visitors = {user: visit(user, size=NARROW) for user in {user for user, _ in pages}}
    for user, address in sample(pages, 3):
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
            f"conditions/condition/{condition.pk}/import/",
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
