"""Seeded requests for what is somebody else's, in every place of a request that may name it."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.scene import CANARIES, Scene
from tracker.models import (
    CheckIn,
    ClinicianRating,
    DueItem,
    Episode,
    Invitation,
    Mark,
    Redaction,
    Review,
    Seat,
    Tag,
    Treatment,
)

WHO = ("own", "redacted", "oneself", "seated", "break_glass", "unseated", "former", "administrator", "other")
WHO += ("expired", "frozen", "editor", "no_factor")
PLACES = ("path", "path", "path", "nested", "query", "body", "header")
METHODS = ("GET", "GET", "GET", "POST", "POST", "HEAD", "DELETE")
FIELDS = ("q", "key", "patient", "patient_id", "entry", "replaces", "into", "other", "check_in", "seat")
FIELDS += ("offer", "colleague", "hidden_from", "page", "next", "object_id", "patients", "tags", "handed_to")
HEADERS = ("HTTP_REFERER", "HTTP_HX_CURRENT_URL", "HTTP_X_PATIENT", "HTTP_X_ORIGINAL_URL")
FORM = "application/x-www-form-urlencoded"
NUMBERED = {"seat", "redaction", "number", "object_id", "episode", "treatment", "mark", "item", "review"}
FILLS = {word: word for word in ("key", "entry", "offer", "rating", *NUMBERED - {"number", "object_id"})}
TAKING = ("tracker:worklist-text", "tracker:worklist-export", "tracker:hand-over", "tracker:worklist")
# What a page writes anew each time: tokens, and the keys of forms.
CHANGING = re.compile(rb'(name="(?:csrfmiddlewaretoken|made_for|key)"[^>]*value=")[^"]*')

FAMILY = {"own", "redacted", "oneself", "other", "expired", "frozen"}
SIDES = {True: "/log/", False: "/patients/"}

Keys = dict[str, object]


@dataclass(frozen=True)
class Route:
    """An address with a place for what is somebody's."""

    name: str
    arguments: tuple[str, ...]

    def address(self, keys: Keys) -> str:
        return reverse(self.name, kwargs={word: keys[FILLS.get(word, "key")] for word in self.arguments})


@dataclass
class Found:
    """What the probes met: statuses, canaries that leaked, and pairs that were answered unlike."""

    asked: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    leaks: list[str] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)


def routes() -> list[Route]:
    """Every address that names a patient, or a row of one, found in the resolver."""
    known = [Route(name, tuple(words)) for name, words in walk(get_resolver(), "")]
    ours = [route for route in known if route.arguments and set(route.arguments) <= set(FILLS)]
    admin = [
        Route(f"admin:tracker_patient_{page}", ("object_id",)) for page in ("change", "history", "delete")
    ]
    return [*ours, *admin, *(Route(name, ()) for name in TAKING)]


def walk(resolver: URLResolver, space: str) -> Iterator[tuple[str, list[str]]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from walk(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{space}{pattern.name}", list(pattern.pattern.converters)


def keys_of(scene: Scene, word: str) -> Keys:
    """The real keys of one record."""
    doctor = "seated" if word == "child" else "stranger"
    patient = scene.patients[word]
    with transaction.atomic(), scene.acting(doctor):
        redaction = Redaction.objects.filter(patient=patient).first()
        entries = CheckIn.objects.filter(patient=patient, replaced_by=None, error_reason="")
        kinds = {"seat": Seat, "offer": Invitation, "rating": ClinicianRating, "episode": Episode}
        kinds |= {"treatment": Treatment, "mark": Mark, "item": DueItem, "review": Review}
        return {
            "key": patient.pk,
            "entry": entries.first().pk,
            "redaction": redaction.pk if redaction else 0,
            "tag": Tag.objects.filter(taggings__patient=patient).first().pk,
            **{word: model.objects.filter(patient=patient).first().pk for word, model in kinds.items()},
        }


class Prober:
    """Asks for the same thing twice: by a key that exists and by one that does not."""

    def __init__(self, scene: Scene, browsers: dict[str, Client], seed: int) -> None:
        self.chance, self.browsers, self.found = random.Random(seed), browsers, Found()
        self.records = {word: keys_of(scene, word) for word in scene.patients}
        self.routes = routes()

    def run(self, number: int) -> Found:
        """So many requests, in pairs."""
        while self.found.asked < number:
            who, place = self.chance.choice(WHO), self.chance.choice(PLACES)
            foreign = "child" if who in ("other", "frozen") else self.chance.choice(("foreign", "shut"))
            self.pair(who, place, foreign)
        return self.found

    def likely(self, who: str) -> list[Route]:
        """Mostly addresses of one's own side, where a role alone turns nobody away; sometimes any."""
        side = {"administrator": "/admin/"}.get(who) or SIDES[who in FAMILY]
        own = [route for route in self.routes if route.address(self.records["child"]).startswith(side)]
        return own if own and self.chance.random() < 0.8 else self.routes

    def made_up(self) -> Keys:
        """Keys of the same form that nobody has."""
        number = self.chance.randrange(10**8, 10**9)
        return {
            word: number if word in NUMBERED else UUID(int=self.chance.getrandbits(128), version=4)
            for word in (*FILLS, "tag")
        }

    def pair(self, who: str, place: str, foreign: str) -> None:
        route, method = self.chance.choice(self.likely(who)), self.chance.choice(METHODS)
        own = self.records["foreign" if who == "other" else "shut" if who == "frozen" else "child"]
        seed = self.chance.random()
        either = (self.records[foreign], self.made_up())
        told = [self.ask(who, place, route, method, own, keys, seed) for keys in either]
        what = f"{who} {method} {route.name} by {place}: {told}"
        if told[0] != told[1]:
            self.found.unlike.append(what)

    def ask(
        self, who: str, place: str, route: Route, method: str, own: Keys, keys: Keys, seed: float
    ) -> tuple[int, int]:
        """Status and length of one answer, made again in the same way by the same seed."""
        chance = random.Random(seed)
        path, query, body, headers = self.placed(place, route, own, keys, chance)
        browser = self.browsers[who]
        kept = browser.cookies.output()
        with transaction.atomic():
            answer = browser.generic(
                method, f"{path}?{query}" if query else path, body, content_type=FORM, **headers
            )
            transaction.set_rollback(True)
        browser.cookies = SimpleCookie(kept.replace("Set-Cookie: ", ""))  # a notice belongs to one answer
        return self.noted(answer, f"{who} {method} {path} by {place}", keys, path)

    def placed(
        self, place: str, route: Route, own: Keys, keys: Keys, chance: random.Random
    ) -> tuple[str, str, str, dict[str, str]]:
        """Address, query, body and headers, with `keys` in one of them."""
        field_name, header = chance.choice(FIELDS), chance.choice(HEADERS)
        value = str(keys[chance.choice(("key", "key", "entry", "offer", "rating", "review", "tag"))])
        path = route.address(keys if place == "path" else self.mixed(route, own, keys, place))
        if place == "query":
            return path, f"{field_name}={value}", "", {}
        if place == "body":
            return path, "", f"{field_name}={value}", {}
        if place == "header":
            return path, "", "", {header: f"http://testserver/log/{value}/"}
        return path, "", "", {}

    def mixed(self, route: Route, own: Keys, keys: Keys, place: str) -> Keys:
        """One's own record with somebody else's row in it; else all one's own."""
        return {**keys, "key": own["key"]} if place == "nested" and len(route.arguments) > 1 else own

    def noted(self, answer: HttpResponse, what: str, keys: Keys, path: str) -> tuple[int, int]:
        self.found.asked += 1
        self.found.statuses[answer.status_code] += 1
        said = answer.content + answer.serialize_headers()
        foreign = [canary for word, canary in CANARIES.items() if self.records[word] is keys]
        if any(canary.lower().encode() in said.lower() for canary in foreign):
            self.found.leaks.append(what)
        body = CHANGING.sub(rb"\1", answer.content)
        for value in keys.values():
            written = str(value) if isinstance(value, UUID) else f"/{value}/"
            if isinstance(value, UUID) or written in path:  # else a small number is one of the page's own
                body = body.replace(written.encode(), b"//")
        return answer.status_code, len(body)
