"""A review shared by a link: read-only, for some days, revocable; every other key answers alike."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from conditions import publishing, sharing
from conditions.models import Condition, Release, SharedReview, Statement
from portal.identity import acting_as
from portal.models import User
from tests.conditions.test_admin import page, words

SignIn = Callable[[User], Client]


@pytest.fixture
def waiting(small: Condition, editor: User) -> Release:
    with acting_as(editor):
        return publishing.submit(editor, small, reason="First release.")


@pytest.fixture
def key(waiting: Release, editor: User) -> str:
    with acting_as(editor):
        return sharing.share(editor, waiting, days=7)


def address(key: str) -> str:
    return reverse("conditions:shared-review", args=[key])


def test_the_link_shows_the_submitted_text_alone(client: Client, key: str, editor: User) -> None:
    with acting_as(editor):
        Statement.objects.filter(key="what").update(text="Written after submitting: Quagga.")
    answer = client.get(address(key))
    shown = words(answer)
    assert answer.status_code == 200
    assert "Small syndrome" in shown
    assert "Children wobble" in shown
    assert "Quagga" not in shown
    assert "<form" not in shown.split("<main")[1].split("</main>")[0]
    assert answer["Cache-Control"] == "private, no-store"
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert 'name="robots" content="noindex' in shown


def test_it_shows_all_that_is_reviewed(client: Client, full: Condition, editor: User) -> None:
    with acting_as(editor):
        waiting = publishing.submit(editor, full, reason="First.")
        key = sharing.share(editor, waiting, days=1)
    shown = words(client.get(address(key)))
    assert "All of it is new" in shown
    assert "0.18 (0.1 to 0.20) per million people" in shown.split('id="figures"')[1]
    assert "The Group" in shown.split('id="organisations"')[1]
    assert "Reduced consciousness." in shown.split('id="statement-fits"')[1]
    assert "care-card-urgent" in shown
    assert "Adults tremble." in shown
    assert "of-adults" not in shown, "a reviewer reads all of it at once"


def test_it_shows_what_changed(client: Client, small: Condition, publish: Callable, editor: User) -> None:
    publish(small)
    with acting_as(editor):
        Statement.objects.filter(key="what").update(text="It is *very* rare.")
        again = publishing.submit(editor, small, reason="More.")
        key = sharing.share(editor, again, days=1)
    shown = words(client.get(address(key)))
    assert "1 change against release 1" in shown
    assert "<ins>" in shown


def test_every_opening_is_in_the_trail_without_the_key(
    client: Client, key: str, trail: Callable, sign_in: SignIn, family: User
) -> None:
    client.get(address(key))
    sign_in(family).get(address(key))
    acts = trail(action="shared review opened")
    assert [act.actor_name for act in acts] == ["not signed in", family.email]
    assert all(key not in act.target for act in acts)
    assert len(trail(action="shared review made")) == 1


def test_only_the_hash_is_stored(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(s)::text FROM conditions_sharedreview s")
        stored = cursor.fetchone()[0]
        cursor.execute("SELECT to_jsonb(s)::text FROM conditions_sharedreviewpast s")
        stored += cursor.fetchone()[0]
    assert key not in stored


def over(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    late = timezone.now() + timedelta(days=8)
    monkeypatch.setattr("conditions.sharing.timezone.now", lambda: late)


def test_made_up_expired_revoked_and_ended_answer_alike(
    client: Client, key: str, waiting: Release, editor: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = [client.get(address("made-up"))]
    with acting_as(editor):
        revoked = sharing.share(editor, waiting, days=7)
        sharing.revoke(editor, SharedReview.objects.order_by("-pk")[0])
    answers.append(client.get(address(revoked)))
    with monkeypatch.context() as later:
        over(key, later)
        answers.append(client.get(address(key)))
    assert client.get(address(key)).status_code == 200
    with acting_as(reviewer):
        publishing.return_to_editors(reviewer, waiting, note="Cite the trial.")
    answers.append(client.get(address(key)))
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


@pytest.mark.parametrize("made_up", ["x" * 5000, "%00", "%F0%9F%98%80", "0" * 64, "\ud800"])
def test_odd_keys(client: Client, db: None, made_up: str) -> None:
    path = f"/reviews/{made_up.encode(errors='replace').decode()}/"
    assert client.get(path).status_code in {400, 404}


def test_it_reads_and_nothing_else(client: Client, key: str) -> None:
    for method in (client.post, client.put, client.patch, client.delete):
        assert method(address(key)).status_code == 405


class TestPage:
    def test_making_and_revoking(
        self, sign_in: SignIn, client: Client, waiting: Release, editor: User
    ) -> None:
        browser = sign_in(editor)
        share = page("release", "share", waiting.pk)
        assert share in words(browser.get(page("release", "change", waiting.pk)))
        assert "None yet" in words(browser.get(share))
        made = browser.post(share, {"days": "7"}).context["address"]
        assert client.get(made).status_code == 200
        assert made not in words(browser.get(share)), "shown once"
        link = SharedReview.objects.get()
        assert browser.post(share, {"revoke": link.pk}).status_code == 302
        assert client.get(made).status_code == 404
        assert "revoked on" in words(browser.get(share))
        assert browser.post(share, {"revoke": link.pk}).status_code == 302, "twice is as good as once"

    def test_a_fresh_sign_in_is_asked_for(self, waiting: Release, editor: User) -> None:
        browser = Client()
        browser.force_login(editor)
        share = page("release", "share", waiting.pk)
        assert browser.get(share).status_code == 200
        assert "/accounts/" in browser.post(share, {"days": "7"})["Location"]
        assert not SharedReview.objects.exists()

    @pytest.mark.parametrize("sent", [{"days": "31"}, {"days": "0"}, {"days": "x"}, {}])
    def test_bad_times(self, sign_in: SignIn, waiting: Release, editor: User, sent: dict) -> None:
        answer = sign_in(editor).post(page("release", "share", waiting.pk), sent)
        assert "Choose one of the times" in words(answer) or "This field is required" in words(answer)
        assert not SharedReview.objects.exists()

    @pytest.mark.parametrize("number", ["x", "999999", "9" * 30, "-1", ""])
    def test_revoking_what_is_not_there(
        self, sign_in: SignIn, waiting: Release, editor: User, number: str
    ) -> None:
        answer = sign_in(editor).post(page("release", "share", waiting.pk), {"revoke": number})
        assert answer.status_code == 404

    def test_who_may_not(
        self, sign_in: SignIn, waiting: Release, administrator: User, clinician: User, auditor: User
    ) -> None:
        share = page("release", "share", waiting.pk)
        for user in (administrator, clinician, auditor):
            assert sign_in(user).get(share).status_code == 403
            assert sign_in(user).post(share, {"days": "7"}).status_code == 403
            with pytest.raises(publishing.NotAllowed):
                sharing.share(user, waiting, days=7)
            with pytest.raises(publishing.NotAllowed):
                sharing.revoke(user, SharedReview(pk=1))

    def test_what_no_longer_waits(
        self, sign_in: SignIn, waiting: Release, editor: User, reviewer: User
    ) -> None:
        with acting_as(reviewer):
            publishing.return_to_editors(reviewer, waiting, note="No.")
        answer = sign_in(editor).post(page("release", "share", waiting.pk), {"days": "7"})
        assert "no longer waits for review" in words(answer)
        assert not SharedReview.objects.exists()


class TestDatabase:
    """The same rules for SQL as the web role."""

    def row(self, release: Release, user: User, **fields: object) -> SharedReview:
        now = timezone.now()
        told = {"key_hash": "0" * 64, "made_at": now, "expires_at": now + timedelta(days=7)}
        return SharedReview(release=release, made_by=user, **(told | fields))

    def refused(self, row: SharedReview, error: type[Exception]) -> None:
        with pytest.raises(error), transaction.atomic():
            row.save(force_insert=True)

    def test_rules(self, waiting: Release, editor: User, reviewer: User, clinician: User) -> None:
        now = timezone.now()
        with acting_as(clinician):
            self.refused(self.row(waiting, clinician), ProgrammingError)
        with acting_as(editor):
            self.refused(self.row(waiting, reviewer), ProgrammingError)
            self.refused(self.row(waiting, editor, revoked_at=now), ProgrammingError)
            self.refused(self.row(waiting, editor, key_hash="the key itself"), IntegrityError)
            self.refused(self.row(waiting, editor, expires_at=now + timedelta(days=31)), IntegrityError)
            self.refused(self.row(waiting, editor, expires_at=now), IntegrityError)
            years = {"made_at": now + timedelta(days=900), "expires_at": now + timedelta(days=901)}
            self.refused(self.row(waiting, editor, **years), ProgrammingError)

    def test_a_revoked_link_stays_revoked(self, key: str, editor: User, family: User) -> None:
        links = SharedReview.objects.all()
        with acting_as(family):
            assert links.update(revoked_at=timezone.now()) == 0
        with acting_as(editor):
            sharing.revoke(editor, links.get())
            assert links.update(revoked_at=None) == 0
            for change in ({"expires_at": timezone.now()}, {"key_hash": "1" * 64}):
                with pytest.raises(ProgrammingError), transaction.atomic():
                    links.update(**change)
            with pytest.raises(ProgrammingError), transaction.atomic():
                links.all().delete()
