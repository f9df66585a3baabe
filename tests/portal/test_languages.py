"""A page speaks the language that its address or its reader names, and nobody else's."""

import pytest
from django.conf import settings
from django.test import Client

from portal import languages

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
