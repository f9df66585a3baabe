"""In which language a page speaks."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from portal.boundary import Respond

PARAMETER = "lang"


def chosen(get_response: Respond) -> Respond:
    """Speak the language of `?lang=`, else the one the reader once chose, else English.

    What the browser says of its owner is not asked: a page about an illness that nobody has checked in
    the reader's language must not look as if somebody had, and one address shows everybody the same.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        asked = request.GET.get(PARAMETER) or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = known(asked)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Cookie"])
        return response

    return answer


def known(asked: str) -> str:
    """The code of a language that we speak; English for any other word."""
    try:
        return translation.get_supported_language_variant(asked)
    except (LookupError, ValueError):  # unknown; longer than any code
        return settings.LANGUAGE_CODE
