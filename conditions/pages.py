"""Pages of a release, kept as bytes; a kept page cannot be stale.

Its key is the digest of the release with everything that the page shows from outside the snapshot
(`standing`), so whatever changes changes the key. Only what any reader who is not signed in may see is
kept; around the parts of it stands each reader's own head.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import http_date
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from conditions import handouts, linked, reading, shelf, tongues
from conditions.caching import is_anonymous
from conditions.export import as_data
from conditions.models import Release, TranslationRelease
from conditions.overlay import overlaid
from conditions.shelf import Kept
from conditions.standing import Standing
from portal import languages
from portal.languages import PARAMETER, known


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

    kept = keep(standing, "handout", whom, address, handouts.families(), make=made)
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
    return shelf.keep(key_of(standing, *about), make)


def key_of(standing: Standing, *about: str) -> str:
    """The digest of all that a page depends on; the language of its labels is part of it."""
    told = "\n".join([standing.key, get_language() or "", *about])
    return hashlib.sha256(told.encode()).hexdigest()


def context(standing: Standing, whom: str, words: str, site: str, asked: str = "") -> dict[str, Any]:
    """`name`, `head` and `told` of the page, each made where it is not kept, and the switch of languages."""

    @cache
    def shown() -> dict[str, Any]:
        return told(standing, whom, words, site, asked)

    def part(about: str, *more: str, make: Callable[[], str]) -> str:
        made = keep(standing, about, whom, words, asked, *more, make=lambda: make().encode())
        return made.body.decode()

    def printed(template: str) -> Callable[[], str]:
        return lambda: render_to_string(template, shown())

    # A template escaped them when they were made, and the shelf gives nothing but what was made here.
    head = part("head", site, make=printed("conditions/_release_head.html"))
    body = part("told", make=printed("conditions/_release.html"))
    return {
        "languages": languages.tongues({"for": whom, "words": words}),
        "name": part("name", make=lambda: shown()["edition"].condition["name"]),
        "head": mark_safe(head),  # noqa: S308 - see above
        "told": mark_safe(body),  # noqa: S308 - see above
    }


def told(standing: Standing, whom: str, words: str, site: str, asked: str) -> dict[str, Any]:
    """What the templates of a release need.

    The content speaks the language of the page where a translation is published; `asked` is the language
    that the address names, which the page's links keep.
    """
    release = _load(standing)
    edition = replace(reading.edition(release.snapshot, whom, words), asked=asked)
    translated = standing.translated(get_language() or "")
    if translated is not None:
        stored = TranslationRelease.objects.values_list("pieces", flat=True).get(pk=translated.pk)
        edition = overlaid(edition, translated.language, stored)
    return {
        "translated": translated,
        "tongues": tongues.choices(standing, whom, words),
        "untranslated": tongues.untranslated(standing),
        "standing": standing,
        "release": release,
        "edition": edition,
        "linked": linked.block(standing, edition, site),
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
