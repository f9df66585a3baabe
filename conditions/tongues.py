"""The languages in which a release can be read: its own and those of published translations. Pure."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import get_language

from conditions.reading import Choice, query
from conditions.shown import ENGLISH
from conditions.standing import Standing


@dataclass(frozen=True)
class Tongue(Choice):
    """A choice of the switch between languages, named in its own."""

    language: str


def choices(standing: Standing, whom: str, words: str) -> list[Tongue]:
    """The switch; group and wording stay. Empty where nothing is translated."""
    if not standing.translations:
        return []
    now = get_language() or settings.LANGUAGE_CODE
    here = now if standing.translated(now) else ENGLISH
    offered = {ENGLISH, *(each.language for each in standing.translations)}
    names = [(code if code in offered else code.partition("-")[0], name) for code, name in settings.LANGUAGES]
    return [
        Tongue(name, query(whom, words, code), code == here, code) for code, name in names if code in offered
    ]


def untranslated(standing: Standing) -> str:
    """The name of the page's language, where its content is English for want of a translation; else ''."""
    now = get_language() or settings.LANGUAGE_CODE
    if now.partition("-")[0] == ENGLISH or standing.translated(now):
        return ""
    return dict(settings.LANGUAGES).get(now, now)
