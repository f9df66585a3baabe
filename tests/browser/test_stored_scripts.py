"""Scripts stored in every text field, seen by every role in Chromium: none runs, none is even refused.

A refused script would show as a violation of our content policy, so the pages must not contain one.
Here each long field gets sixty of the two hundred at once; `make drill` turns the list until every field
of two hundred letters has held each one.
"""

from collections.abc import Callable, Iterator
from urllib.parse import urljoin, urlparse

import pytest
from django.apps import apps
from django.db import models
from playwright.sync_api import Page

from conditions import publishing
from conditions.models import (
    Citation,
    Code,
    Condition,
    Fact,
    Feature,
    MustSay,
    Name,
    Organisation,
    Saying,
    Section,
    Source,
    Statement,
)
from portal.identity import acting_as
from portal.models import IdentityKey, User
from tests import database, scene
from tests.browser.conftest import PHONE
from tests.payloads import PAYLOADS
from tests.tracker.diary import check_in, weeks_of_checks
from tracker import events, journal, people, plan, records, reviews, rules, treatments
from tracker.models import ClinicalEvent, DueItem, Patient, Rules, Treatment
from tracker.reviews import Verdict

# Texts with a form of their own, which a validator or a constraint holds: no payload could be stored.
FORMED = {
    *("zone", "digest", "slug", "key", "email", "password", "locale", "table", "scale", "version", "item"),
    *("chain", "hpo", "unit", "actor_name", "target", "action", "route", "directive", "blocked", "pgh_label"),
    *("value", "low", "high"),
}
BESIDE = ("glance/", "flowsheet/?days=all", "entries/", "due/", "tags/")
SKIPPED_LINKS = ("/accounts/logout/", "/accounts/password/", "/admin/logout/", "/handout.pdf", ".csv")


@pytest.fixture
def world(patient: Patient, clinician: User, family: User, editor: User) -> Condition:
    """At least one row in every table that people write into."""
    with acting_as(family):
        weeks_of_checks(family, patient, [1, 2, None, 1, 9])
        check_in(family, patient, worried=True, note="note")
        wrong = check_in(family, patient, note="wrong")
        journal.mark_in_error(family, wrong, "by mistake")
    with acting_as(clinician):
        treatments.plan_treatment(
            clinician, patient, Treatment(agent="A", form="daily", starts_on="2026-01-01", note="n")
        )
        events.note_event(clinician, patient, ClinicalEvent(kind="illness", on="2026-01-02", text="t"))
        said = {"message": "m", "private_note": "p"}
        reviews.sign_off(clinician, patient, Verdict("watch", **said), covers_until=wrong.received_at)
        offer = {"name": "New", "email": "new@test.example", "basis": "guardian", "ground": "court"}
        people.invite(clinician, patient, **offer)
        people.refuse(clinician, patient, name="Who", basis="parent", reason="Not shown")
        treated(clinician, patient)
        records.redact(clinician, wrong, family, "why")
        records.freeze(clinician, patient, "why")
        records.thaw(clinician, patient, "why")
    with acting_as(editor):
        return content()


def treated(clinician: User, patient: Patient) -> None:
    """What a clinic writes beside a diary."""
    scene.chart(patient, clinician, "x")
    item = plan.add_due(clinician, patient, DueItem(kind="other", text="x", due_on="2026-01-02"))
    plan.drop_due(clinician, item, "x")
    agreed = {"mode": "flags", "safety_officer": "x", "reason": "x"}
    rules.decide(clinician, Rules(clinic=patient.clinic, **agreed))


def content() -> Condition:
    """A condition with a row of every kind."""
    condition = Condition.objects.create(slug="scripts", name="Scripts", short_name="S", summary="s")
    Name.objects.create(condition=condition, text="n", kind=Name.Kind.values[0])
    source = Source.objects.create(condition=condition, key="s", kind="review", title="S", read="part")
    Code.objects.create(condition=condition, system="ORPHA", code="1", relation="exact", source=source)
    Feature.objects.create(condition=condition, hpo="HP:0001250", name="f", lay="l", source=source)
    section = Section.objects.create(condition=condition, key="one", title="One")
    statement = Statement.objects.create(section=section, key="first", text="It is so.")
    Statement.objects.update(professional="p", dissent="d")
    Citation.objects.create(statement=statement, source=source, locator="p")
    about = {"about": "a", "unit": "u", "denominator": "d", "place": "p", "period": "p", "reason": "r"}
    Fact.objects.create(condition=condition, key="f", measure="incidence", value="1", source=source, **about)
    said = MustSay.objects.create(condition=condition, key="m", text="m")
    Saying.objects.create(must_say=said, statement=statement)
    Organisation.objects.create(
        condition=condition, key="o", kind="centre", name="o", country="c", url="https://o.test", note="n"
    )
    return condition


def text_fields() -> Iterator[tuple[type[models.Model], models.Field]]:
    """Every free text field of ours."""
    for label in ("portal", "conditions", "tracker"):
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.concrete_fields:
                free = isinstance(field, models.CharField | models.TextField) and not field.choices
                free = free and model is not IdentityKey  # whose name is a file's
                if free and field.name not in FORMED and not field.unique:
                    yield model, field


def poison(payloads: list[str]) -> int:
    """Write payloads, as many as fit, into every free text of every row; how many columns took some."""
    columns = 0
    with database.SERVER.connect(database.NAME) as server:
        server.execute("SET session_replication_role = replica")  # past the triggers, not the constraints
        for index, (model, field) in enumerate(text_fields()):
            turned = payloads[index % len(payloads) :] + payloads[: index % len(payloads)]
            text = ""
            for payload in turned:
                if len(text) + len(payload) + 1 <= (field.max_length or 4000) - 12:
                    text += payload + " "
            where = f" WHERE {field.column} <> ''"
            row = f"{field.column} = %s || ctid::text"
            columns += server.execute(f"UPDATE {model._meta.db_table} SET {row}{where}", [text]).rowcount > 0
    return columns


def crawl(page: Page, start: str, limit: int) -> list[str]:
    """Follow links within the site from `start`, breadth first; the paths visited."""
    waiting, seen = [start], []
    base = f"{urlparse(page.url).scheme}://{urlparse(page.url).netloc}"
    while waiting and len(seen) < limit:
        address = waiting.pop(0)
        if address in seen:
            continue
        seen.append(address)
        page.goto(base + address)
        for link in page.eval_on_selector_all("a[href]", "all => all.map(one => one.getAttribute('href'))"):
            path = urlparse(urljoin(page.url, link))
            if f"{path.scheme}://{path.netloc}" == base and not any(word in link for word in SKIPPED_LINKS):
                waiting.append(path.path + (f"?{path.query}" if path.query else ""))
    return seen


def walk(visit: Callable, condition: Condition, patient: Patient, people: dict[str, User], limit: int) -> int:
    """Every role reads what it can reach; the number of pages. A dialog fails the test."""
    starts = {
        "clinician": [
            *("/worklist/", "/due/", f"/rules/{patient.clinic_id}/"),
            *(f"/patients/{patient.pk}/{page}" for page in ("?days=all", *BESIDE)),
        ],
        "family": [f"/log/{patient.pk}/", f"/log/{patient.pk}/messages/"],
        "editor": ["/admin/", f"/admin/conditions/condition/{condition.pk}/change/"],
        "administrator": ["/admin/tracker/patient/"],
        "auditor": ["/trail/"],
    }
    pages = len(crawl(watched(visit()), f"/conditions/{condition.slug}/", limit))
    for word, addresses in starts.items():
        page = watched(visit(people[word], size=PHONE))
        pages += sum(len(crawl(page, address, limit)) for address in addresses)
    return pages


def watched(visitor: object) -> Page:
    """The visitor's page, on which no dialog may open."""

    def shout(dialog: object) -> None:
        visitor.faults.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    visitor.page.on("dialog", shout)
    return visitor.open("/health/live")


@pytest.fixture
def everybody(
    clinician: User, family: User, editor: User, administrator: User, auditor: User
) -> dict[str, User]:
    return {
        "clinician": clinician,
        "family": family,
        "editor": editor,
        "administrator": administrator,
        "auditor": auditor,
    }


def test_no_stored_script_runs(
    visit: Callable, world: Condition, patient: Patient, everybody: dict[str, User], reviewer: User
) -> None:
    assert len(PAYLOADS) == len(set(PAYLOADS)) == 200
    assert poison(PAYLOADS) > 30
    publish(world, everybody["editor"], reviewer)
    assert walk(visit, world, patient, everybody, limit=6) > 30


@pytest.mark.drill
def test_no_stored_script_of_two_hundred_runs(
    visit: Callable, world: Condition, patient: Patient, everybody: dict[str, User], reviewer: User
) -> None:
    """Four more of the list in each round: as many as the shortest of the shown fields holds."""
    record, log = f"/patients/{patient.pk}/", f"/log/{patient.pk}/"
    pages = {
        "clinician": [
            *("/worklist/", f"{record}?days=all", f"{record}seats/", f"{record}state/"),
            *(f"{record}{page}" for page in BESIDE),
        ],
        "family": [log, f"{log}messages/", f"{log}visitors/"],
        "editor": [f"/admin/conditions/condition/{world.pk}/change/", "/admin/conditions/statement/"],
        "administrator": ["/admin/tracker/patient/", "/admin/portal/user/"],
        "auditor": ["/trail/", f"/trail/patients/{patient.pk}/"],
    }
    tabs = {word: watched(visit(everybody[word])) for word in pages}
    base = tabs["family"].url.removesuffix("/health/live")
    for turn in range(0, len(PAYLOADS), 4):
        poison(PAYLOADS[turn:] + PAYLOADS[:turn])
        for word, addresses in pages.items():
            for address in addresses:
                answer = tabs[word].goto(base + address)
                assert answer.status == 200, address


def publish(condition: Condition, editor: User, reviewer: User) -> None:
    """Readers get the poisoned texts in a release."""
    with acting_as(editor):
        release = publishing.submit(editor, Condition.objects.get(pk=condition.pk), reason=PAYLOADS[2])
    with acting_as(reviewer):
        publishing.publish(reviewer, publishing.approve(reviewer, release))
