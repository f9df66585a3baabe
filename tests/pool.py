"""Many threads of three people over two connections: whose identity does each answer carry?

The middleware, the pool and the database are the real ones; views of this module's own tell who the
database believes is asking, and fail, stream or break off in the ways that could leave somebody behind.
"""

import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path

from portal.models import User
from portal.urls import urlpatterns as ours
from tracker.models import Patient

THREADS, CONNECTIONS = 50, 2
KINDS = ("who", "who", "page", "fails", "breaks", "streams", "cancelled", "nobody")
Told = tuple[int | None, list[str]]


def told() -> Told:
    """Who the database believes is asking, and whose names it shows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT steady_user()")
        (number,) = cursor.fetchone()
    return number, sorted(Patient.objects.values_list("name", flat=True))


def who(request: HttpRequest) -> HttpResponse:
    return JsonResponse(told(), safe=False)


def fails(request: HttpRequest) -> HttpResponse:
    raise RuntimeError(told())


def breaks(request: HttpRequest) -> HttpResponse:
    """The transaction is broken by the time the response leaves."""
    told()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    return HttpResponse()


def streams(request: HttpRequest) -> StreamingHttpResponse:
    """The database is read when the middleware is done: too late to be anybody, never somebody else."""
    return StreamingHttpResponse(json.dumps(told()) + "\n" for _ in range(3))


urlpatterns = [
    path("who/", who),
    path("fails/", fails),
    path("breaks/", breaks),
    path("streams/", streams),
    *ours,
]


@contextmanager
def pooled() -> Iterator[None]:
    """Serve every thread from a pool of two, with this module's addresses."""
    options = connections.settings["default"]["OPTIONS"]
    connection.close()
    options["pool"] = {"min_size": CONNECTIONS, "max_size": CONNECTIONS, "timeout": 120}
    try:
        with override_settings(ROOT_URLCONF=__name__):
            yield
    finally:
        connection.close()
        connection.close_pool()
        del options["pool"]


class Crowd:
    """People with a session each; what every thread asked and was told."""

    def __init__(self, people: dict[User, Patient], seed: int) -> None:
        self.people, self.seed = people, seed
        self.cookies = {user.pk: self.session_of(user) for user in people}
        self.names = {user.pk: patient.name for user, patient in people.items()}
        self.pages = {user.pk: f"/log/{patient.pk}/" for user, patient in people.items()}
        self.counts: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.lock = threading.Lock()

    def session_of(self, user: User) -> str:
        browser = Client()
        browser.force_login(user)
        return browser.cookies[settings.SESSION_COOKIE_NAME].value

    def ask(self, requests: int) -> None:
        """So many requests by 50 threads together, in an order that the seed gives each thread."""
        handler = WSGIHandler()
        shares = [requests // THREADS + (number < requests % THREADS) for number in range(THREADS)]
        threads = [
            threading.Thread(target=self.one_thread, args=(handler, number, share))
            for number, share in enumerate(shares)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def one_thread(self, handler: WSGIHandler, number: int, requests: int) -> None:
        chance = random.Random(f"{self.seed} {number}")
        try:
            for _ in range(requests):
                self.one_request(handler, chance.choice(sorted(self.cookies)), chance.choice(KINDS))
        except Exception as error:
            self.note("error", f"{type(error).__name__}: {error}")
        finally:
            connection.close()

    def one_request(self, handler: WSGIHandler, user: int, kind: str) -> None:
        address = {"page": self.pages[user], "cancelled": "/streams/", "nobody": "/"}.get(kind, f"/{kind}/")
        cookie = "" if kind == "nobody" else f"{settings.SESSION_COOKIE_NAME}={self.cookies[user]}"
        environ = {**RequestFactory().get(address).environ, "HTTP_COOKIE": cookie, "wsgi.input": BytesIO()}
        status: list[str] = []
        answer = handler(environ, lambda line, *_: status.append(line))
        try:
            body = next(iter(answer), b"") if kind == "cancelled" else b"".join(answer)
        finally:
            answer.close()  # what a server does at the end: the connection goes back to the pool here
        self.judge(user, kind, int(status[0][:3]), body.decode())

    def judge(self, user: int, kind: str, status: int, body: str) -> None:
        """Is this the answer of `user`, and of nobody else?"""
        others = [name for number, name in self.names.items() if number != user and name in body]
        expected = {"fails": 500, "breaks": 400}.get(kind, 200)
        right = status == expected and not others
        if kind == "who":
            right = right and json.loads(body) == [user, [self.names[user]]]
        elif kind == "page":
            right = right and self.names[user].split()[0] in body
        elif kind in ("streams", "cancelled"):
            right = right and all(json.loads(line) == [None, []] for line in body.splitlines())
        self.note(kind, "" if right else f"{kind} of {user}: {status} {others} {body[:80]}")

    def note(self, kind: str, wrong: str) -> None:
        with self.lock:
            self.counts[kind] += 1
            if wrong:
                self.wrong.append(wrong)


def crowd(register: object, seat: object, users: list[User], seed: int) -> Crowd:
    """Three families with a child each, of names that share nothing."""
    names = ("Quokkaberry Namely", "Zorillafern Namely", "Numbatholly Namely")
    people = {}
    for user, name in zip(users, names, strict=True):
        people[user] = register(name=name)
        seat(people[user], user)
    return Crowd(people, seed)
