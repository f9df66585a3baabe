"""What a password may be: long, in any script, and nothing that a stranger tries first."""

import gzip
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.contrib.auth import password_validation
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from portal import demo
from portal.models import User
from portal.sign_in.passwords import BoundedArgon2, OwnWordsValidator
from tests.cast import PASSWORD

# Every plane: all that UTF-8 can carry, NUL left out.
LETTERS = st.characters(exclude_characters="\0", exclude_categories=("Cs",))
COMMON = Path(password_validation.__file__).parent / "common-passwords.txt.gz"


# Hashing takes its time, and the fixture's person begins each example with the same password.
@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(password=st.text(LETTERS, min_size=10, max_size=128))
def test_any_long_text_is_a_password_to_its_last_letter(password: str, family: User) -> None:
    """Set by the page, kept whole: it signs in, and one letter less or more does not."""
    try:
        validate_password(password, family)
    except ValidationError:
        assume(False)
    family.set_password(PASSWORD)
    family.save()
    browser = Client()
    browser.force_login(family)
    page = browser.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": password, "password2": password}
    )
    assert page.status_code in {302, 429}, page.content.decode()
    if page.status_code == 429:  # five changes a minute are allowed; the rest goes the short way
        family.set_password(password)
        family.save()
    family.refresh_from_db()
    assert family.check_password(password)
    assert not family.check_password(password[:-1])
    assert not family.check_password(password + "x")


@pytest.mark.parametrize("length", [10, 64, 128, 1000])
@pytest.mark.parametrize("letter", ["🦓", "ק", "é", "𐍈", "󠀁", "\u0301"])
def test_every_plane_and_length_is_accepted(letter: str, length: int) -> None:
    validate_password((letter + "zebra sings ")[:1] * (length - 5) + "zebra")


@pytest.mark.parametrize("password", ["short", "nine char", "        "])
def test_short_ones_are_refused(password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password)


def test_no_kind_of_letter_is_asked_for() -> None:
    validate_password("all lower letters and spaces")
    validate_password("76319054821936570418")


def test_common_ones_are_refused() -> None:
    with gzip.open(COMMON, "rt") as lines:
        listed = [line.strip() for line in lines]
    sample = random.Random(7).sample([word for word in listed if len(word) >= 8], 3000)
    for word in sample:
        with pytest.raises(ValidationError):
            validate_password(word)


@pytest.mark.parametrize(
    "password",
    [
        "steadyclinic",
        "Opsoclonus-2026!",
        "myoclonus12345",
        "Clinic1234567",
        demo.PASSWORD,
        "OMS-diary-2026",
        "Steady!!!!!abc",
    ],
)
def test_own_words_are_refused(password: str) -> None:
    with pytest.raises(ValidationError, match="words that everybody here knows"):
        validate_password(password)


def test_own_words_may_be_part_of_a_sentence() -> None:
    validate_password("the clinic has a blue door")
    assert "own words" in OwnWordsValidator().get_help_text()


def test_address_and_name_are_refused() -> None:
    user = User(email="robin.zimmermann@test.example", name="Robin Zimmermann")
    for password in ("robin.zimmermann", "Zimmermann1"):
        with pytest.raises(ValidationError):
            validate_password(password, user)


@pytest.mark.django_db
def test_nul_is_a_sentence(family: User) -> None:
    browser = Client()
    browser.force_login(family)
    new = "a long enough\0 sentence"
    page = browser.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert page.status_code in {200, 400}
    assert b"Null characters are not allowed" in page.content or page.status_code == 400
    family.refresh_from_db()
    assert family.check_password(PASSWORD)


def test_four_hashes_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def slow(*arguments: object) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.02)
        with lock:
            running -= 1
        return True

    monkeypatch.setattr(Argon2PasswordHasher, "verify", slow)
    monkeypatch.setattr(Argon2PasswordHasher, "encode", slow)
    hasher = BoundedArgon2()
    with ThreadPoolExecutor(16) as pool:
        checks = [pool.submit(hasher.verify, "a", "b") for _ in range(16)]
        checks += [pool.submit(hasher.encode, "a", "b") for _ in range(16)]
        assert all(check.result() for check in checks)
    assert most == 4


def test_argon2_still_hashes() -> None:
    hasher = BoundedArgon2()
    encoded = hasher.encode("a sentence", hasher.salt())
    assert encoded.startswith("argon2$argon2id$")
    assert hasher.verify("a sentence", encoded)
    assert not hasher.verify("another", encoded)
