"""One request of the access matrix: who asked what, what was answered, written and put on the trail."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.http import HttpResponseBase
from django.test import Client, override_settings
from django.test.client import ClientHandler
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from portal.identity import sign
from tests.identities import IDENTITIES, World
from tests.tiers import IN_FULL

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
FORM = "application/x-www-form-urlencoded"
LETTERS = {200: "A", 204: "A", 301: "R", 400: "B", 401: "U", 403: "F", 404: "N", 405: "M", 415: "T", 503: "S"}
SIGN_IN = ("/accounts/login/", "/admin/login/")
# Patterns without a name, or whose arguments have a form of their own.
ADDRESSES = {
    "account_confirm_email": "/accounts/confirm-email/x/",
    "account_reset_password_from_key": "/accounts/password/reset/key/1-x/",
    "admin:(?P<url>.*)$": "/admin/nowhere",
    "admin:<path:object_id>/": "/admin/portal/user/1/",
    "admin:app_list": "/admin/conditions/",
    "mfa_edit_webauthn": "/accounts/2fa/webauthn/keys/1/edit/",
    "mfa_remove_webauthn": "/accounts/2fa/webauthn/keys/1/remove/",
}
MADE_UP = {"app_label": "conditions", "url": "x", "uidb36": "1", "content_type_id": 1, "provider_id": "x"}


def routes(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, list[str]]]:
    """Every pattern by its name, or by its form when it has none, with the names of its arguments."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name or pattern.pattern}", list(pattern.pattern.converters)


@cache
def arguments_of(route: str) -> list[str]:
    """The names of a route's arguments."""
    return next(arguments for name, arguments in routes() if name == route)


def address_of(route: str, values: Mapping[str, Any]) -> str:
    """The address of a route in this world; library routes take made-up arguments."""
    model = next((word for word in values if word.endswith("_id") and f"_{word[:-3]}_" in route), "object_id")
    row = values["key"] if "tracker_patient" in route else values[model]
    known = {**MADE_UP, **values, "object_id": row, "pk": row}
    if "emergenc" in route:
        known["seat"] = values["emergency"]
    if route == "tracker:trail-person":
        known["number"] = values["user_id"]
    try:
        return reverse(route, kwargs={name: known.get(name, 1) for name in arguments_of(route)})
    except NoReverseMatch:
        return ADDRESSES[route]


@dataclass(frozen=True)
class Act:
    """A row of the trail."""

    action: str
    actor: int | None
    patients: frozenset[UUID]


@dataclass(frozen=True)
class Cell:
    """What one identity got from one route by one method."""

    route: str
    method: str
    word: str
    status: int
    letter: str
    body: bytes
    written: Counter[str]  # rows inserted, changed and deleted by table
    acts: list[Act]

    def __str__(self) -> str:
        return f"{self.word} {self.method} {self.route} {self.status}"


class Asker:
    """Asks as anybody, takes back what the answer wrote, and tells what it was."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seen = attempted()

    def ask(self, route: str, method: str, word: str, values: Mapping[str, Any] | None = None) -> Cell:
        """One cell, of the identity's own world unless `values` fill the address."""
        address = address_of(route, values or self.world.values(word))
        since = timezone.now()
        with factor_demanded(word), transaction.atomic():
            answer = send(self.world.clients[word], method, address)
            now = attempted()
            written, self.seen = now - self.seen, now
            acts = self.acts(since) if written["portal_auditevent"] else []
            transaction.set_rollback(True)
        body = b"" if answer.streaming else answer.content
        return Cell(route, method, word, answer.status_code, letter(answer), body, written, acts)

    def acts(self, since: Any) -> list[Act]:
        """What came onto the trail since then, as the auditor reads it."""
        with connection.cursor() as cursor:
            auditor = sign(str(self.world.users["auditor"].pk))
            cursor.execute("SELECT set_config('steady.identity', %s, true)", [auditor])
            cursor.execute(
                "SELECT action, actor_id, patient_id, patients FROM portal_auditevent WHERE at >= %s", [since]
            )
            rows = cursor.fetchall()
        return [Act(action, actor, frozenset({one, *many} - {None})) for action, actor, one, many in rows]


@cache
def handler(*, wants_token: bool) -> ClientHandler:
    """The whole portal behind one door for all: each would list the static files anew."""
    return ClientHandler(enforce_csrf_checks=wants_token)


def send(client: Client, method: str, address: str, *, wants_token: bool = False) -> HttpResponseBase:
    """Send an empty form past the test client's bookkeeping: it is quicker, and cookies stay as they were."""
    path, _, query = address.partition("?")
    facts = {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_TYPE": FORM}
    return handler(wants_token=wants_token)(client._base_environ(**facts))


def factor_demanded(word: str) -> AbstractContextManager[Any]:
    """Production's setting, for the one identity who lacks the factor."""
    return override_settings(SECOND_FACTOR_DEMANDED=True) if word == "no_factor" else nullcontext()


def attempted() -> Counter[str]:
    """Rows written by table since the transaction began, what was rolled back included."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        return Counter(dict(cursor.fetchall()))


def letter(answer: HttpResponseBase) -> str:
    """One letter for an answer; anything unforeseen is shown as it is."""
    if answer.status_code == 302:
        return "L" if answer.headers["Location"].startswith(SIGN_IN) else "R"
    return LETTERS.get(answer.status_code, f"[{answer.status_code}]")


GROUPS = (1, 5, 5, 4, 1, 1)  # columns between the spaces of a row


def spaced(letters: list[str]) -> str:
    """A row of the table: nobody, families, clinicians, offices, doctor and parent, without a factor."""
    rest = iter(letters)
    return " ".join("".join(next(rest) for _ in range(size)) for size in GROUPS)


def walk(asker: Asker, route: str, method: str, told: str) -> list[Cell]:
    """The whole row; by hand, but for GET and POST, one identity for each letter of `told`."""
    words = list(IDENTITIES)
    letters = told.replace(" ", "")
    if method not in ("GET", "POST") and letters and not IN_FULL:
        words = [word for index, word in enumerate(words) if letters.index(letters[index]) == index]
    return [asker.ask(route, method, word) for word in words]
