"""A release waits for its time, and is published then with the checks of that moment."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from conditions import planning, publishing
from conditions.models import Condition, Release, Source
from conditions.tasks import PUBLISH, publish_planned
from portal.identity import acting_as, speaking_as
from portal.models import AuditEvent, User
from tests.conditions.test_publishing import edit, raw, refused

SignIn = Callable[[User], Client]
NUMBERED = "state = 'published', number = 1, published_at = now()"


@pytest.fixture
def approved(small: Condition, editor: User, reviewer: User) -> Release:
    Source.objects.filter(key="one").update(pmid="77")
    with acting_as(editor):
        waiting = publishing.submit(editor, small, reason="First.")
    with acting_as(reviewer):
        return publishing.approve(reviewer, waiting, interests="None.")


@pytest.fixture
def late(approved: Release, editor: User) -> Release:
    """Its time has come: planned, and then let the time pass."""
    with acting_as(editor):
        approved.publish_at = timezone.now() - timedelta(minutes=1)
        approved.save(update_fields=["publish_at"])
    return approved


def test_not_before_its_time(approved: Release, editor: User) -> None:
    with acting_as(editor):
        planning.plan(editor, approved, timezone.now() + timedelta(hours=1))
    publish_planned(0)
    assert not Release.objects.published().exists()
    with speaking_as(PUBLISH):
        assert raw(f"UPDATE conditions_release SET {NUMBERED} WHERE id = %s", approved.pk) == "release_states"


def test_at_its_time(late: Release, trail: Callable[..., list[AuditEvent]]) -> None:
    publish_planned(0)
    published = Release.objects.published().get()
    assert (published.pk, published.number, published.clinically_approved) == (late.pk, 1, True)
    assert [each.actor_id for each in trail(action="release.published")] == [None]
    publish_planned(0)  # which finds nothing more to do


def test_without_a_time_the_job_publishes_nothing(approved: Release) -> None:
    publish_planned(0)
    with speaking_as(PUBLISH):
        assert raw(f"UPDATE conditions_release SET {NUMBERED} WHERE id = %s", approved.pk) == "release_states"
    assert not Release.objects.published().exists()


def test_a_guard_of_that_moment_holds_it_back_and_its_page_says_why(
    sign_in: SignIn, late: Release, editor: User, settings: Settings, tmp_path: Path
) -> None:
    listed = tmp_path / "retracted.txt"
    listed.write_text("77\n")
    settings.RETRACTED_FILE = str(listed)
    publish_planned(0)
    assert not Release.objects.published().exists()
    shown = sign_in(editor).get(reverse("admin:conditions_release_change", args=[late.pk])).content.decode()
    assert "Its time to be published has come" in shown
    assert "The source one was retracted." in shown
    settings.RETRACTED_FILE = ""
    publish_planned(0)
    assert Release.objects.published().get() == late


def test_what_is_held_back_stands_on_the_editors_home(
    sign_in: SignIn, late: Release, editor: User, settings: Settings, tmp_path: Path
) -> None:
    listed = tmp_path / "retracted.txt"
    listed.write_text("77\n")
    settings.RETRACTED_FILE = str(listed)
    browser, own = sign_in(editor), reverse("admin:conditions_release_change", args=[late.pk])
    assert "No planned release is held back." in browser.get("/admin/").content.decode(), "the job may come"
    with acting_as(editor):
        Release.objects.filter(pk=late.pk).update(publish_at=timezone.now() - timedelta(hours=1))
    publish_planned(0)
    home = browser.get("/admin/").content.decode()
    assert "Held back at their time: 1" in home
    assert f'<a href="{own}">Small syndrome, planned for ' in home
    assert own in browser.get("/admin/conditions/release/?held=yes").content.decode()
    settings.RETRACTED_FILE = ""
    publish_planned(0)
    assert "No planned release is held back." in browser.get("/admin/").content.decode()
    assert own not in browser.get("/admin/conditions/release/?held=yes").content.decode()
    assert browser.get("/admin/conditions/release/?held=made-up").status_code == 200


@pytest.mark.parametrize("act", ["return", "supersede", "clear"])
def test_what_is_no_longer_approved_or_planned_is_not_published(
    small: Condition, late: Release, editor: User, reviewer: User, act: str
) -> None:
    if act == "return":
        with acting_as(reviewer):
            publishing.return_to_editors(reviewer, late, note="Wait.")
    if act == "supersede":
        edit(editor)
        with acting_as(editor):
            publishing.submit(editor, small, reason="More.")
    if act == "clear":
        with acting_as(editor):
            planning.plan(editor, late, None)
    publish_planned(0)
    assert not Release.objects.published().exists()


@pytest.mark.parametrize("days", [-1, 0, 366])
def test_a_time_to_come_within_a_year(approved: Release, editor: User, days: int) -> None:
    with acting_as(editor):
        said = refused(planning.plan, editor, approved, timezone.now() + timedelta(days=days))
    assert "still to come, at most a year" in said


def test_who_may_set_it(small: Condition, approved: Release, family: User, editor: User) -> None:
    later = timezone.now() + timedelta(days=1)
    assert "Only an editor or a clinical reviewer" in refused(planning.plan, family, approved, later)
    with acting_as(family):
        said = raw("UPDATE conditions_release SET publish_at = now() WHERE id = %s", approved.pk)
        assert said == "release_frozen"
    with acting_as(editor):
        publishing.publish(editor, approved)
        assert "only one that is approved" in refused(planning.plan, editor, approved, later)
        said = raw("UPDATE conditions_release SET publish_at = now() WHERE id = %s", approved.pk)
        assert said == "release_frozen"


class TestPage:
    @pytest.fixture
    def address(self, approved: Release) -> str:
        return reverse("admin:conditions_release_plan", args=[approved.pk])

    def test_set_and_cleared(self, sign_in: SignIn, editor: User, approved: Release, address: str) -> None:
        browser = sign_in(editor)
        later = timezone.localtime() + timedelta(days=2)
        assert 'type="datetime-local"' in browser.get(address).content.decode()
        assert browser.post(address, {"at": f"{later:%Y-%m-%dT%H:%M}"}).status_code == 302
        approved.refresh_from_db()
        assert approved.publish_at == later.replace(second=0, microsecond=0)
        assert browser.post(address, {"at": ""}).status_code == 302
        approved.refresh_from_db()
        assert approved.publish_at is None

    @pytest.mark.parametrize("at", ["soon", "2001-01-01T00:00", "9999-12-31T23:59", "\0", "2026-13-45T99:99"])
    def test_bad_times(self, sign_in: SignIn, editor: User, approved: Release, address: str, at: str) -> None:
        answer = sign_in(editor).post(address, {"at": at})
        assert answer.status_code in {200, 400}
        if answer.status_code == 200:
            assert "errorlist" in answer.content.decode()
        approved.refresh_from_db()
        assert approved.publish_at is None


def test_the_self_audit_is_kept_with_the_release(sign_in: SignIn, approved: Release, editor: User) -> None:
    items = {answer["item"]: answer["statements"] for answer in approved.self_audit}
    assert list(items) == list(range(8, 16))
    shown = (
        sign_in(editor).get(reverse("admin:conditions_release_change", args=[approved.pk])).content.decode()
    )
    assert "8. What is uncertain: nothing found" in shown
    with acting_as(editor):
        assert "permission denied" in raw("UPDATE conditions_release SET self_audit = '[]'")
