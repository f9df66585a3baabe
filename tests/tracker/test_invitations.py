"""From the clinic's link to the diary: one person, once, in time."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.db import IntegrityError
from django.test import Client

from portal.identity import acting_as
from portal.models import User
from tracker import people, records
from tracker.models import Invitation, Patient
from tracker.models.seats import Basis
from tracker.views import invitations

pytestmark = pytest.mark.django_db

NEW = {"name": "Sam New", "password": "a long enough one", "again": "a long enough one"}


@pytest.fixture
def invite(clinician: User, register: Callable[..., Patient]) -> Callable[..., str]:
    """Gives the address of an invitation to a patient called Kim Secret."""
    patient = register(name="Kim Secret")

    def invited(email: str = "sam@new.example") -> str:
        with acting_as(clinician):
            offer = people.invite(
                clinician, patient, name="Sam New", email=email, basis=Basis.GUARDIAN, ground="responsibility"
            )
        return f"/invitation/{people.invitation_token(offer)}/"

    return invited


def test_a_newcomer_makes_an_account_and_is_in_the_diary(
    client: Client, invite: Callable[..., str], trail: Callable
) -> None:
    there = invite()
    page = client.get(there)
    assert b"North Clinic" in page.content
    assert b"sam@new.example" in page.content
    assert b"Kim" not in page.content
    assert "no-store" in page["Cache-Control"]
    answer = client.post(there, NEW, follow=True)
    assert answer.status_code == 200
    assert b"Kim Secret" in answer.content
    user = User.objects.get(email="sam@new.example")
    assert (user.name, user.roles) == ("Sam New", ["family"])
    assert EmailAddress.objects.get(user=user).verified
    assert trail(action="invitation accepted", actor_id=user.pk)
    assert Client().get(there).status_code == 410
    assert client.post(there).status_code == 410


def test_any_name_will_do(client: Client, invite: Callable[..., str]) -> None:
    client.post(invite(), {**NEW, "name": "  नमस्ते ‮ O'Łó 山田 "})
    assert User.objects.get(email="sam@new.example").name == "नमस्ते ‮ O'Łó 山田"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "Write your name"),
        ({"name": "n" * 300}, "300 letters"),
        ({"name": "a\0b"}, "Null characters"),
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": "sam@new.example", "again": "sam@new.example"}, "too similar"),
        ({"password": "password1234", "again": "password1234"}, "too common"),
        ({"again": "another one"}, "The two passwords differ"),
        ({"password": ""}, "Choose a password"),
        ({"password": "a\0 long enough one", "again": "a\0 long enough one"}, "Null characters"),
    ],
)
def test_an_account_that_cannot_be_made_is_explained(
    client: Client, invite: Callable[..., str], wrong: dict[str, str], sentence: str
) -> None:
    answer = client.post(invite(), {**NEW, **wrong})
    assert sentence in answer.content.decode()
    assert not User.objects.filter(email="sam@new.example").exists()


def test_who_has_an_account_signs_in_and_accepts(
    client: Client, invite: Callable[..., str], other_family: User
) -> None:
    there = invite(other_family.email.upper())
    page = client.get(there).content.decode()
    assert f"next={there.replace(':', '%3A')}" in page
    assert client.post(there, NEW).status_code == 200  # no second account
    client.force_login(other_family)
    assert b"Kim" not in client.get(there).content
    assert b"Kim Secret" in client.post(there, follow=True).content


def test_an_invitation_for_someone_else_stays_closed(
    client: Client, invite: Callable[..., str], other_family: User
) -> None:
    there = invite()
    client.force_login(other_family)
    for answer in (client.get(there), client.post(there)):
        assert answer.status_code == 403
        assert b"someone else" in answer.content
    with acting_as(other_family):
        assert not Patient.objects.visible_to(other_family).exists()


@pytest.mark.parametrize("token", ["x", "a.b.c", "IjEi:1abcde:forged", "%00", "é"])
def test_a_forged_link_opens_nothing(client: Client, token: str) -> None:
    assert client.get(f"/invitation/{token}/").status_code in (400, 404)


def test_a_damaged_link_and_one_that_never_was(client: Client, invite: Callable[..., str]) -> None:
    assert client.get(invite()[:-3] + "/").status_code == 404
    never = people.invitation_token(Invitation(email="a@b.example"))
    assert client.get(f"/invitation/{never}/").status_code == 404


def test_after_seven_days_it_is_over(
    client: Client, invite: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "INVITATION_LASTS", timedelta(milliseconds=50))
    there = invite()
    time.sleep(0.06)
    for answer in (client.get(there), client.post(there, NEW)):
        assert answer.status_code == 410
        assert b"This invitation is over" in answer.content
    assert not User.objects.filter(email="sam@new.example").exists()


def test_two_taps_make_one_account(
    client: Client, invite: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*told: str) -> User:
        raise IntegrityError

    monkeypatch.setattr(invitations, "make_account", taken)
    assert b"There is an account" in client.post(invite(), NEW).content


def test_the_link_that_was_used_a_moment_ago(
    client: Client, invite: Callable[..., str], other_family: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = invite(other_family.email)
    client.force_login(other_family)
    client.post(there)
    fresh = people.Offer(other_family.email, "", "North Clinic", False)
    monkeypatch.setattr(people, "open_offer", lambda key: fresh)
    assert client.post(there).status_code == 410


def test_an_invitation_to_a_frozen_record_opens_nothing_yet(
    client: Client, invite: Callable[..., str], clinician: User
) -> None:
    there = invite()
    with acting_as(clinician):
        records.freeze(clinician, Patient.objects.get(name="Kim Secret"), "a safety concern")
    page = client.post(there, NEW, follow=True)
    assert page.status_code == 200
    assert "not open to you yet" in page.content.decode()
    assert "Kim Secret" not in page.content.decode()
