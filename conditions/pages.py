"""Pages of a release, kept as bytes; a kept page cannot be stale.

Its key is the digest of the release with everything that the page shows from outside the snapshot
(`standing`), so whatever changes changes the key. What nobody asks for makes room: each process keeps its
own, and only what any reader who is not signed in may see.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import get_language

from conditions import handouts, linked, reading, tongues
from conditions.caching import is_anonymous
from conditions.export import as_data
from conditions.models import Release, TranslationRelease
from conditions.overlay import overlaid
from conditions.standing import Standing
from portal import languages
from portal.languages import PARAMETER, known


class Kept(NamedTuple):
    """A body and its entity tag."""

    body: bytes
    tag: str


def show(request: HttpRequest, standing: Standing) -> HttpResponse:
    """The page for `?for=child|adult` and `?words=…`; kept whole for who is not signed in."""
    whom, words = reading.audience(request.GET.get("for")), reading.wording(request.GET.get("words"))
    site = request.build_absolute_uri("/")
    asked = known(request.GET[PARAMETER]) if PARAMETER in request.GET else ""

    def made() -> HttpResponse:
        return render(request, "conditions/detail.html", context(standing, whom, words, site, asked))

    if not is_anonymous(request):
        return made()
    return answer(standing, keep(standing, "page", whom, words, site, asked, make=lambda: made().content))


def data(standing: Standing) -> HttpResponse:
    """The release for machines."""

    def made() -> bytes:
        return json.dumps(as_data(_load(standing), standing), ensure_ascii=False).encode()

    return answer(standing, keep(standing, "data", make=made), "application/json")


def handout(request: HttpRequest, standing: Standing) -> HttpResponse:
    """The release to print and hand out, for `?for=child|adult`, with the address of the newest."""
    whom = reading.audience(request.GET.get("for"))
    address = request.build_absolute_uri(reverse("conditions:detail", args=[standing.slug]))

    def made() -> bytes:
        return handouts.to_pdf(_load(standing), whom, standing.sentences, address)

    kept = keep(standing, "handout", whom, address, make=made)
    response = answer(standing, kept, "application/pdf")
    name = "-".join(filter(None, [standing.slug, f"release-{standing.number}", whom]))
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def answer(standing: Standing, kept: Kept, content_type: str = "text/html; charset=utf-8") -> HttpResponse:
    """The kept body with its tag and the time of the last change, for caches to ask about."""
    headers = {"ETag": kept.tag, "Last-Modified": http_date(standing.moved_at.timestamp())}
    return HttpResponse(kept.body, content_type=content_type, headers=headers)


def keep(standing: Standing, *about: str, make: Callable[[], bytes]) -> Kept:
    """What was made before of this very standing, else what `make` gives now."""
    place = place_of(key_of(standing, *about))
    if not place:
        body = make()
        place.append(Kept(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'))
    return place[0]


@lru_cache(maxsize=200)
def place_of(_key: str) -> list[Kept]:
    """Where one page is kept, as it is: Django's cache in memory would copy it at each request."""
    return []


def key_of(standing: Standing, *about: str) -> str:
    """The digest of all that a page depends on; the language of its labels is part of it."""
    told = "\n".join([standing.key, get_language() or "", *about])
    return hashlib.sha256(told.encode()).hexdigest()


def context(standing: Standing, whom: str, words: str, site: str, asked: str = "") -> dict[str, Any]:
    """What the template needs. Release and edition are only fetched where no part of the page is kept.

    The content speaks the language of the page where a translation is published; `asked` is the language
    that the address names, which the page's links keep.
    """
    translated = standing.translated(get_language() or "")

    @cache
    def release() -> Release:
        return _load(standing)

    @cache
    def edition() -> reading.Edition:
        shown = replace(reading.edition(release().snapshot, whom, words), asked=asked)
        if translated is None:
            return shown
        stored = TranslationRelease.objects.values_list("pieces", flat=True).get(pk=translated.pk)
        return overlaid(shown, translated.language, stored)

    return {
        "kept_key": key_of(standing, whom, words, site, asked),
        "translated": translated,
        "languages": languages.tongues({"for": whom, "words": words}),
        "tongues": tongues.choices(standing, whom, words),
        "untranslated": tongues.untranslated(standing),
        "standing": standing,
        "release": release,
        "edition": edition,
        "linked": lambda: linked.block(standing, edition(), site),
        "review": standing.review,
        "withdrawals": standing.notices,
        "archived": standing.archived,
        "newer": standing.newer,
        "notice": "" if standing.clinically_approved else reading.NOT_APPROVED,
    }


def name_of(standing: Standing) -> str:
    """What readers of the release see the condition called; kept, so that no snapshot is read for it."""

    def made() -> bytes:
        name: str = _load(standing).snapshot["condition"]["name"]
        return name.encode()

    return keep(standing, "name", make=made).body.decode()


def _load(standing: Standing) -> Release:
    return Release.objects.select_related("condition").get(pk=standing.release)
