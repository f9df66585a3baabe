"""Look up by code, as a person types it or as another system's info button asks it."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from conditions import codes, reading, search, standing
from conditions.caching import public_page
from conditions.search import Listed
from portal import languages

LANGUAGE = "en"  # of every release, over which a translation may be laid
# Each word of ours beside HL7's, so that a record system can send what it sends elsewhere.
WORDS = {
    "system": ("system", "mainSearchCriteria.v.cs"),
    "code": ("code", "mainSearchCriteria.v.c"),
    "language": ("language", "informationRecipient.languageCode.c"),
    "audience": ("audience", "for"),
}


@dataclass(frozen=True)
class Question:
    """What was asked: `audience` is child, adult or '' for everyone; `json` says in which form."""

    system: str
    code: str
    language: str
    audience: str
    json: bool

    @property
    def known(self) -> codes.CodeSystem | None:
        """The code system that is meant, if we know it."""
        return codes.system_named(self.system)


@public_page
def lookup(request: HttpRequest) -> HttpResponse:
    """Find by code: straight to the condition when one is meant exactly, else a list or a form."""
    asked = question(request)
    found = search.by_code(asked.known.name, asked.code) if asked.known and asked.code else []
    told = sentence(asked, found)
    status = 404 if told and asked.system and asked.code else 200
    response: HttpResponse
    if asked.json:
        body = answer(request, asked, found) | {"message": told}
        response = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    elif len(found) == 1 and found[0].relation == "exact":
        response = redirect(address(found[0], asked))
    else:
        context = {"asked": asked, "found": found, "told": told, "systems": codes.SYSTEMS}
        response = render(request, "conditions/lookup.html", context, status=status)
    patch_vary_headers(response, ["Accept"])
    return response


def question(request: HttpRequest) -> Question:
    """What the address and the Accept header ask; too long a word is cut."""
    words = {name: _first(request.GET, names) for name, names in WORDS.items()}
    accepts_json = request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    form = request.GET.get("format", "")
    return Question(
        words["system"],
        words["code"],
        words["language"],
        reading.audience(words["audience"]),
        form == "json" or (form != "html" and accepts_json),
    )


def sentence(asked: Question, found: list[Listed]) -> str:
    """Why nothing was found and what to do, or ''."""
    if found or not (asked.system or asked.code):
        return ""
    if not asked.system or not asked.code:
        return _("Give both the code system and the code.")
    if asked.known is None:
        names = ", ".join(each.name for each in codes.SYSTEMS)
        told = {"system": asked.system, "names": names}
        return _("“%(system)s” is no code system that is known here. Choose one of: %(names)s.") % told
    if gone := _archived(asked.known.name, asked.code):
        return gone
    told = {"system": asked.known.name, "code": asked.code}
    return _("No condition here carries %(system)s %(code)s. Check the code, or search by name.") % told


def _archived(system: str, code: str) -> str:
    """What to say of conditions that carry the code and that nobody keeps up any more, or ''."""
    gone = [(each.name, standing.of(each.slug)) for each in search.by_code(system, code, archived=True)]
    carries = _("%(name)s carries %(system)s %(code)s.")
    told = [
        f"{carries % {'name': name, 'system': system, 'code': code}} {stands.archived}"
        for name, stands in gone
        if stands
    ]
    return " ".join(told)


def answer(request: HttpRequest, asked: Question, found: list[Listed]) -> dict[str, Any]:
    """The JSON: what was asked as it was understood, and each condition with its addresses, exact first."""
    return {
        "system": asked.known.name if asked.known else asked.system,
        "code": asked.code,
        "audience": asked.audience,
        "language": LANGUAGE,
        "search": request.build_absolute_uri(reverse("conditions:list")),
        "found": [_entry(request, asked, each) for each in found],
    }


def _entry(request: HttpRequest, asked: Question, each: Listed) -> dict[str, Any]:
    return {
        "condition": each.slug,
        "name": each.name,
        "summary": each.summary,
        "matched": each.matched,
        "relation": each.relation,
        "release": each.number,
        "published_at": each.published_at.isoformat(),
        "clinically_approved": each.clinically_approved,
        "notice": "" if each.clinically_approved else str(reading.NOT_APPROVED),
        "page": request.build_absolute_uri(address(each, asked)),
        "data": request.build_absolute_uri(reverse("conditions:data", args=[each.slug])),
        "handout": request.build_absolute_uri(address(each, asked, "handout")),
    }


def address(each: Listed, asked: Question, page: str = "detail") -> str:
    """The condition's page for the audience that was asked for, in a language that it may have."""
    spoken = languages.known(asked.language) if asked.language and page == "detail" else LANGUAGE
    told = {"for": asked.audience, "lang": "" if spoken.startswith(LANGUAGE) else spoken}
    query = urlencode({name: word for name, word in told.items() if word})
    return reverse(f"conditions:{page}", args=[each.slug]) + (f"?{query}" if query else "")


def _first(given: QueryDict, names: tuple[str, ...]) -> str:
    return next(
        (text for name in names if (text := given.get(name, "").strip()[: search.LONGEST])),
        "",
    )
