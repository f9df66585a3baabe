"""Who is asking: one transaction, then nobody again; and what was typed when a session ended."""

import hashlib
import hmac

import pytest
from django.db import connection, transaction

from portal.identity import acting_as, key_file, sign, signing_key, speaking_as
from portal.models import User


def spoken() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT steady_identity()")
        return cursor.fetchone()[0]


def test_halves_make_hmac() -> None:
    inner, outer = key_file()[:64], key_file()[64:]
    message = b"42|1700000000"
    made = hashlib.sha256(outer + hashlib.sha256(inner + message).digest()).hexdigest()
    assert made == hmac.new(signing_key(), message, hashlib.sha256).hexdigest()


@pytest.mark.django_db
def test_database_believes_a_signed_identity_and_forgets_it(family: User, clinician: User) -> None:
    assert spoken() is None
    with acting_as(family):
        assert spoken() == str(family.pk)
        with acting_as(clinician):
            assert spoken() == str(clinician.pk)
        assert spoken() == str(family.pk)
    assert not spoken()


@pytest.mark.django_db
def test_an_exception_takes_the_identity_with_it(family: User) -> None:
    with pytest.raises(ZeroDivisionError), acting_as(family):
        raise ZeroDivisionError
    assert not spoken()


@pytest.mark.django_db(transaction=True)
def test_identity_ends_with_its_transaction(family: User) -> None:
    """The pool hands the same connection to the next request, which must find nobody there."""
    with acting_as(family):
        assert spoken() == str(family.pk)
    assert not spoken()
    with transaction.atomic(), speaking_as("job:x"):
        assert spoken() == "job:x"


def test_signatures_differ_by_person() -> None:
    assert sign("1").split("|")[2] != sign("2").split("|")[2]
