"""A page speaks the language that its address or its reader names, and nobody else's."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client

from portal import languages
from portal.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("asked", ["", "xx", "de-de-de", "x" * 600, "../de", "\ud800", "en"])
def test_other_words_are_english(asked: str) -> None:
    assert languages.known(asked) in {"en-gb", "de"}
    assert asked.startswith("de") or languages.known(asked) == "en-gb"


def test_address_comes_before_the_cookie(client: Client) -> None:
    assert client.get("/conditions/").headers["Content-Language"] == "en-gb"
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    assert client.get("/conditions/").headers["Content-Language"] == "de"
    assert client.get("/conditions/?lang=en-gb").headers["Content-Language"] == "en-gb"


def test_browser_is_not_asked(client: Client) -> None:
    answer = client.get("/conditions/", headers={"accept-language": "de"})
    assert answer.headers["Content-Language"] == "en-gb"
    assert "Accept-Language" not in answer["Vary"]


def test_the_choice_is_remembered_for_the_next_page(client: Client) -> None:
    answer = client.get("/conditions/?lang=de")
    assert '<html lang="de"' in answer.content.decode()
    cookie = answer.cookies[settings.LANGUAGE_COOKIE_NAME]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == ("de", True, "Lax")
    assert '<html lang="de"' in client.get("/lookup/").content.decode()
    assert '<html lang="en"' in client.get("/conditions/?lang=en").content.decode()
    assert '<html lang="en"' in client.get("/lookup/").content.decode()


def test_no_cookie_before_a_choice(client: Client) -> None:
    for address in (
        "/conditions/",
        "/conditions/?lang=en",
        "/conditions/?lang=xx",
        "/accounts/login/?lang=de",
    ):
        assert settings.LANGUAGE_COOKIE_NAME not in client.get(address).cookies


def test_the_switch_keeps_what_was_asked_for(client: Client) -> None:
    shown = client.get("/conditions/?q=a%26b&lang=de").content.decode()
    assert '<a href="?q=a%26b&amp;lang=en" lang="en" hreflang="en">English</a>' in shown
    assert 'hreflang="de"' not in shown


@pytest.mark.parametrize("address", ["/accounts/login/", "/conditions/changes.atom", "/robots.txt"])
def test_what_is_not_translated_stays_english(client: Client, address: str) -> None:
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    answer = client.get(address)
    assert answer.headers["Content-Language"] == "en-gb"
    assert "Krankheiten" not in answer.content.decode()
    assert 'class="tongues"' not in answer.content.decode()


def test_the_admin_stays_english(sign_in: Callable[[User], Client], editor: User) -> None:
    browser = sign_in(editor)
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"
    shown = browser.get("/admin/conditions/condition/").content.decode()
    assert 'lang="en-gb"' in shown
    assert "auswählen" not in shown
    assert "Redaktion" in browser.get("/conditions/").content.decode()
