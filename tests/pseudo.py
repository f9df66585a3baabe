"""A language that nobody speaks and that runs from right to left: ours with Hebrew letters for Latin ones.

Whatever on a page still has Latin letters in it never asked gettext for its words. The letters stand for
nothing; the code is that of Hebrew, since browsers and axe know no other that they believe.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from lxml import html
from pytest_django.fixtures import Settings

from portal import extraction
from tests.portal.test_catalogues import PLACE, forms

CODE = "he"
NAME = "לשון"
LATIN, HEBREW = "abcdefghijklmnopqrstuvwxyz", "אבגדהוזחטיכלמנסעפצקרשתאבגד"
LETTERS = str.maketrans(LATIN + LATIN.upper(), HEBREW * 2)
KEPT = re.compile(rf'({PLACE.pattern}|\bdatetime="|\b(?:strong|time)>)')
SHOWN = ("aria-label", "placeholder", "title", "alt", "data-label")


def turned(text: str) -> str:
    """The words in letters that run from right to left; places and tags as they are."""
    if text == "j F Y":
        return text
    return "".join(part if odd % 2 else part.translate(LETTERS) for odd, part in enumerate(KEPT.split(text)))


@pytest.fixture
def right_to_left(settings: Settings, tmp_path: Path) -> str:
    """The code of the language, spoken while the test runs."""
    made = Catalog(locale=CODE, domain="django")
    for each in extraction.extracted():
        if each.id:
            one, many = forms(each.id)[0], forms(each.id)[-1]
            plurals = (turned(one), *[turned(many)] * (made.num_plurals - 1))
            made.add(each.id, turned(one) if one == many else plurals, context=each.context)
    file = tmp_path / CODE / "LC_MESSAGES" / "django.mo"
    file.parent.mkdir(parents=True)
    with file.open("wb") as compiled:
        write_mo(compiled, made)
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [*settings.LANGUAGES, (CODE, NAME)]
    return CODE


def untranslated(page: str, names: Iterable[str]) -> list[str]:
    """What the page shows or says aloud in Latin letters without calling it English, but for names."""
    known = re.compile("|".join(map(re.escape, sorted(names, key=len, reverse=True))))
    said = _said(html.fromstring(page).find("body"))
    return [text for text in said if re.search("[A-Za-z]{2}", known.sub("", text))]


def _said(element: html.HtmlElement) -> Iterator[str]:
    """Every text of an element that speaks the page's language."""
    if not isinstance(element.tag, str) or element.tag in ("script", "code", "datalist"):
        return
    if element.get("lang", CODE) == CODE:
        yield from (element.get(name, "").strip() for name in SHOWN)
        yield (element.text or "").strip()
    for child in element:
        if element.get("lang", CODE) == CODE or child.get("lang"):
            yield from _said(child)
        if element.get("lang", CODE) == CODE:
            yield (child.tail or "").strip()
