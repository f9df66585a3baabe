"""What was typed when a session ended comes back to the same person on the same page, and to nobody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpRequest, QueryDict
from django.test import RequestFactory
from django.utils import timezone

from portal import parking
from portal.models import AuditEvent, DemoMark, IdentityKey, ParkedForm, User
from tracker.models import Patient

pytestmark = pytest.mark.django_db


def sent(user: User | None, path: str = "/form/", made_for: str | None = None) -> HttpRequest:
    """A form's POST; `user` is whom it was made for, unless its hidden field is told."""
    body = {"text": "typed", parking.FIELD: parking.made_for(user) if made_for is None else made_for}
    return RequestFactory().post(path, body)


def asked(user: User, path: str = "/form/") -> QueryDict | None:
    request = RequestFactory().get(path)
    request.user = user
    return parking.collect(request)


def test_comes_back_to_the_same_person(family: User, clinician: User) -> None:
    parking.park(sent(family))
    assert asked(family)["text"] == "typed"
    assert asked(clinician) is None
    assert asked(family, "/another/") is None
    assert b"typed" not in bytes(ParkedForm.objects.get().sealed)
    assert str(ParkedForm.objects.get()) == f"typed by {family.pk}"


def test_half_an_hour_later_it_is_gone(family: User) -> None:
    parking.park(sent(family))
    ParkedForm.objects.update(parked_at=timezone.now() - timedelta(minutes=31))
    assert asked(family) is None


def test_sealed_with_an_earlier_key_it_is_gone(family: User, settings: object) -> None:
    parking.park(sent(family))
    settings.SECRET_KEY = "another key"
    assert asked(family) is None


@pytest.mark.parametrize("made_for", ["", "forged:token:here"])
def test_a_form_of_nobody_is_not_kept(made_for: str) -> None:
    parking.park(sent(None, made_for=made_for))
    assert not ParkedForm.objects.exists()


def test_neither_of_someone_who_left_nor_on_an_endless_path(
    family: User, patient: Patient, appoint: Callable
) -> None:
    parking.park(sent(family, "/" + "x" * 300))
    appoint(family, active=False)
    parking.park(sent(family))
    assert not ParkedForm.objects.exists()


def test_once_sent_it_is_forgotten(family: User) -> None:
    parking.park(sent(family))
    request = sent(family)
    request.user = family
    parking.discard(request)
    assert asked(family) is None


def test_rows_say_what_they_are() -> None:
    assert str(AuditEvent(actor_name="Ann", action="looked", target="Patient 1")).endswith(
        "Ann: looked Patient 1"
    )
    assert (str(IdentityKey(name="ab12")), str(DemoMark())) == ("ab12", "a demonstration")
