"""The demonstration: invented people only, in an empty database only, told by the real writers."""

import io
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from portal.demo import ACCOUNTS, PASSWORD
from portal.identity import acting_as
from portal.models import User
from tracker.management.commands import demo
from tracker.models import (
    CheckIn,
    ClinicalEvent,
    ClinicianRating,
    Patient,
    PatientStatus,
    Review,
    Rules,
    Seat,
    Treatment,
)
from tracker.stories import course

ALL = dict(demo.STORIES)
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def empty(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Demo mode, nobody in the database, one story to tell."""
    settings.DEMO = True
    monkeypatch.setattr(demo, "STORIES", {"dana": demo.STORIES["dana"]})
    with connections["owner"].cursor() as cursor:
        # The owner may silence the triggers that keep everybody from emptying an append-only table.
        cursor.execute(
            "SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = 'append_only'"
            " AND (tgrelid::regclass::text LIKE 'tracker_%%'"
            " OR tgrelid = 'conditions_translationverdict'::regclass)"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")
        cursor.execute("TRUNCATE portal_user, tracker_clinic CASCADE")
    yield
    connections["owner"].close()


def load() -> str:
    output = io.StringIO()
    call_command("demo", stdout=output)
    return output.getvalue()


def test_only_in_demo_mode() -> None:
    with pytest.raises(CommandError, match="STEADY_MODE=demo"):
        load()


def test_only_in_an_empty_database(settings: Settings) -> None:
    settings.DEMO = True
    with pytest.raises(CommandError, match="holds something already"):
        load()


def test_tells_the_story_once_and_as_it_was_made(empty: None, client: Client) -> None:
    before = timezone.now()
    assert "Dana Example" in load()
    assert load().strip() == "The demonstration is ready."
    told = course("dana", before.date(), now=before)
    clinician = User.objects.get(email="clinician@demo.example")
    with acting_as(clinician):
        patient = Patient.objects.get()
        entries = CheckIn.objects.order_by("occurred_at").with_details()
        assert [entry.occurred_at for entry in entries] == [entry.occurred_at for entry in told.entries]
        for entry, original in zip(entries, told.entries, strict=True):
            assert {rating.item: rating.value for rating in entry.ratings.all()} == original.ratings
            assert entry.local_date == original.local_date
        assert Treatment.objects.count() == len(told.treatments)
        assert Seat.objects.of_family().count() == len(told.caregivers)
        assert PatientStatus.objects.get().unreviewed == 0
        assert {row.scale for row in ClinicianRating.objects.all()} == {"mitchell-pike"}
        assert ClinicianRating.objects.count() >= len(told.entries) / 100
        assert Rules.objects.get(clinic=patient.clinic).safety_officer == "Sam Safety Example"
        assert patient.taggings.exists()
        assert patient.due_items.exists()
        assert Review.objects.filter(patient=patient, at__lt=before - timedelta(days=8)).exists()
    for pack in demo.PACKS:
        assert "Not clinically approved" in client.get(f"/conditions/{pack.name}/").content.decode()


def test_what_changed_is_not_years_of_plans(
    empty: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clinic wrote plans, events and marks down on their days, not when the demonstration was loaded."""
    monkeypatch.setattr(demo, "STORIES", {"chidi": ALL["chidi"]})
    load()
    clinician = User.objects.get(email="clinician@demo.example")
    client.force_login(clinician)
    with acting_as(clinician):
        patient = Patient.objects.get()
        now = timezone.now()
        for rows in (patient.treatments, patient.events, patient.marks, patient.due_items, patient.episodes):
            dated = rows.values_list("recorded_at" if rows.model in (Treatment, ClinicalEvent) else "set_at")
            assert all(moment <= now for (moment,) in dated)
    page = client.get(patient.get_absolute_url()).content.decode()
    told = page.split("Since your review of")[1].split("</div>")[0]
    assert "new entr" in told
    assert told.count("<li>") <= 6, told
    assert "New plan" not in told


def test_accounts_sign_in(empty: None) -> None:
    load()
    for account in ACCOUNTS:
        browser = Client()
        browser.post("/accounts/login/", {"login": account.email, "password": PASSWORD})
        assert browser.get("/").status_code == 302, account.email
