"""Fixtures: a database of one's own, the cast, a patient with a family."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.db import connections
from django.test import Client, TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

from portal.identity import acting_as
from portal.models import AuditEvent, User
from tests import database
from tests.cast import CAST, NORTH
from tracker import people
from tracker.models import Clinic, Patient, Seat
from tracker.models.seats import Basis, Ground

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A clone of the template for this process; see `tests.database`."""
    database.forget_the_dead(database.SERVER)
    database.clone(database.SERVER)
    yield
    connections.close_all()
    database.SERVER.drop_database(database.NAME)


def _start_over(case: TransactionTestCase) -> None:
    """After a test that committed: the web role may not empty a table, so take a fresh clone."""
    connections.close_all()
    database.clone(database.SERVER)


TransactionTestCase._fixture_teardown = _start_over


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests need Chromium: absent, they are skipped and say so, and fail where CI is set."""
    if CHROMIUM:
        return
    missing = pytest.mark.skip(reason="Chromium is not installed; browser tests did not run")
    for item in items:
        if "browser" in item.keywords:
            if os.environ.get("CI"):
                raise pytest.UsageError("CI needs Chromium for the browser tests.")
            item.add_marker(missing)


def _person(word: str, db: None) -> User:
    return User.objects.get(email=f"{word}@test.example")


for _word in CAST:
    globals()[_word] = pytest.fixture(name=_word)(lambda db, _word=_word: _person(_word, db))


@pytest.fixture
def clinic(db: None) -> Clinic:
    """North Clinic."""
    return Clinic.objects.get(name=NORTH)


@pytest.fixture
def trail(auditor: User) -> Callable[..., list[AuditEvent]]:
    """What the trail holds, as the auditor reads it: trail(action="diary viewed")."""

    def read(**filters: object) -> list[AuditEvent]:
        with acting_as(auditor):
            return list(AuditEvent.objects.filter(**filters).order_by("at", "id"))

    return read


@pytest.fixture
def appoint(administrator: User) -> Callable[..., None]:
    """Changes a person of North Clinic as its administrator: appoint(user, roles=[...], active=True)."""

    def appointed(person: User, *, roles: list[str] | None = None, active: bool = True) -> None:
        with acting_as(administrator):
            people.change_person(
                administrator, person, name=person.name, roles=roles or person.roles, active=active
            )

    return appointed


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    """Gives a client of its own to whoever is named, who proved themselves just now; see `auth.fresh`."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        session = client.session
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time()}]
        session["account_authentication_methods_user"] = str(user.pk)
        session.save()
        return client

    return signed_in


@pytest.fixture
def register(clinician: User, clinic: Clinic) -> Callable[..., Patient]:
    """Registers a patient of North Clinic as `clinician`: register(name="Ava Example")."""
    numbers = iter(range(1, 10_000))

    def registered(user: User | None = None, **fields: object) -> Patient:
        number = next(numbers)
        facts = {
            "name": f"Kim Example {number}",
            "birth_date": date(2022, 5, 1),
            "record_number": f"T{number}",
        }
        with acting_as(user or clinician):
            return people.register(user or clinician, clinic, **{**facts, **fields})

    return registered


@pytest.fixture
def seat(clinician: User) -> Callable[..., Seat]:
    """Gives a family seat by invitation and acceptance: seat(patient, user, Basis.PARENT)."""

    def seated(patient: Patient, user: User, basis: Basis = Basis.PARENT) -> Seat:
        with acting_as(clinician):
            offer = people.invite(
                clinician,
                patient,
                name=user.name,
                email=user.email,
                basis=basis,
                ground=Ground.CONSENT if basis == Basis.SELF else Ground.RESPONSIBILITY,
            )
        people.accept(user, offer.key)
        with acting_as(user):
            return Seat.objects.get(patient=patient, user=user, basis=basis)

    return seated


@pytest.fixture
def patient(register: Callable[..., Patient], seat: Callable[..., Seat], family: User) -> Patient:
    """A patient on the care team of `clinician`, with `family` as parent."""
    registered = register(name="Robin Example", record_number="R1")
    seat(registered, family)
    return registered
