"""In which language a page speaks."""

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from portal.boundary import Respond

PARAMETER = "lang"
A_YEAR = 365 * 24 * 3600  # seconds
# The front page and what a reader of conditions meets, but for files, which are for machines and for print.
# Every other page, and Django's admin with it, is English all through, so that none is half of each.
TRANSLATED = re.compile(r"/(?:$|(?:conditions|lookup)/(?!.*\.))")


class Tongue(NamedTuple):
    """One side of the switch between languages; `tag` is the code as HTML has it."""

    tag: str
    name: str
    query: str
    current: bool


def chosen(get_response: Respond) -> Respond:
    """Speak the language of `?lang=`, else the one the reader once chose, else English.

    What the browser says of its owner is not asked: a page about an illness that nobody has checked in
    the reader's language must not look as if somebody had, and one address shows everybody the same.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        asked = request.GET.get(PARAMETER, "")
        remembered = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        translated = is_translated(request)
        language = known(asked or remembered) if translated else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Cookie"])
        if translated and asked and language != (remembered or settings.LANGUAGE_CODE):
            _remember(response, language)
        return response

    return answer


def is_translated(request: HttpRequest) -> bool:
    """Whether the page has its words in every language."""
    return bool(TRANSLATED.match(request.path))


def known(asked: str) -> str:
    """The code of a language that we speak; English for any other word."""
    try:
        return translation.get_supported_language_variant(asked)
    except (LookupError, ValueError):  # unknown; longer than any code
        return settings.LANGUAGE_CODE


def spoken() -> str:
    """The language of the page as HTML names it: English is `en`, whosever English it is."""
    language = translation.get_language() or settings.LANGUAGE_CODE
    return "en" if language == settings.LANGUAGE_CODE else language


def tongues(query: Mapping[str, str]) -> list[Tongue]:
    """The switch between languages for a page that was asked for with `query`."""
    kept = {name: value for name, value in query.items() if name != PARAMETER and value}
    now = translation.get_language()
    tags = [(code, code.partition("-")[0], name) for code, name in settings.LANGUAGES]
    return [
        Tongue(tag, name, "?" + urlencode({**kept, PARAMETER: tag}), code == now) for code, tag, name in tags
    ]


def day(value: date) -> str:
    """A date in full, as the language writes it: 5 March 2026."""
    return date_format(value, _("j F Y"))


def midsentence(label: str) -> str:
    """A label within a sentence: English writes it small, other languages as it is."""
    return label.lower() if spoken() == "en" else label


def _remember(response: HttpResponseBase, language: str) -> None:
    """For the pages behind this one's links; a cookie of the reader's own choice, about nothing else."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=A_YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
