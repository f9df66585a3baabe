"""No `next` leads out of the house, whichever page takes it and however it is written."""

import random
from collections.abc import Callable, Iterator
from urllib.parse import quote, urljoin, urlsplit
from uuid import uuid4

import pytest
from allauth.account.utils import get_next_redirect_url
from allauth.core import context
from django.core.cache import cache
from django.http import HttpResponseRedirect
from django.test import Client, RequestFactory

from portal.models import User
from tests.cast import PASSWORD
from tracker.views.reviews import onwards

pytestmark = pytest.mark.django_db
HOME = "http://testserver/accounts/x/"
SHAPES = [
    "https://evil.example",
    "http://evil.example",
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "//\\evil.example",
    "/\\/evil.example",
    "http:\\\\evil.example",
    "ftp://evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//testserver@evil.example",
    "https://testserver@evil.example",
    "https://testserver:80@evil.example",
    "//evil.example#testserver",
    "//evil.example?testserver",
    "https://testserver.evil.example",
    "//evil.example\\@testserver",
    "https://evil.example\\.testserver",
    "//evil%E3%80%82example",
    "//evil。example",
    "http://3232235777",
    "http://[::ffff:7f00:1]",
    "//[::1]",
    "//evil.example:80",
    "//evil.example/%2e%2e",
    "//%65vil.example",
    "/%09/evil.example",
    "/%5cevil.example",
    "/%2fevil.example",
    "/..//evil.example",
    "/.//evil.example",
    "./\\evil.example",
    "?next=//evil.example",
    "@evil.example",
    ".evil.example",
    ":evil.example",
    "//evil.example%00.testserver",
    "//evil.example%0d%0aX:y",
    "mailto:a@evil.example",
]
WRAPS: list[Callable[[str], str]] = [
    lambda shape: shape,
    quote,
    lambda shape: quote(shape, safe=""),
    lambda shape: quote(quote(shape, safe=""), safe=""),
    lambda shape: " " + shape,
    lambda shape: "\t" + shape,
    lambda shape: "\x01" + shape,
    lambda shape: shape[:1] + "\t" + shape[1:],
    lambda shape: shape[:1] + "\n" + shape[1:],
    lambda shape: shape.upper(),
    lambda shape: shape.replace("/", "\uff0f"),
    lambda shape: "\u00a0" + shape,
    lambda shape: "\ufeff" + shape,
]
PAYLOADS = random.Random(2026).sample(sorted({wrap(shape) for shape in SHAPES for wrap in WRAPS}), 300)
PAGES = [
    "/accounts/login/",
    "/admin/login/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
    "/accounts/2fa/authenticate/",
    "/accounts/2fa/reauthenticate/",
    "/accounts/2fa/totp/activate/",
    "/accounts/password/change/",
    "/accounts/email/",
]


def lands(answer: object) -> Iterator[str]:
    """Hosts and schemes of where the answer sends a browser, as browsers read it: \\ is /."""
    for name in ("Location", "HX-Redirect"):
        if name in answer.headers:
            written = answer.headers[name].replace("\\", "/").translate(dict.fromkeys(b"\t\r\n"))
            place = urlsplit(urljoin(HOME, written.strip("\x00\x01 ")))
            yield f"{place.scheme}://{place.netloc}"


def inside(answer: object) -> bool:
    return answer.status_code < 500 and set(lands(answer)) <= {"http://testserver"}


def test_the_list_is_long_and_the_ruler_sees_an_escape() -> None:
    class Answer:
        status_code = 302

        def __init__(self, place: str) -> None:
            self.headers = {"Location": place}

    assert len(PAYLOADS) == 300
    for foreign in ("//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"):
        assert not inside(Answer(foreign))
    assert inside(Answer("/log/"))


def leaks(client: Client, page: str, payloads: list[str]) -> list[str]:
    return [each for each in payloads if not inside(client.get(page, {"next": each}))]


@pytest.mark.parametrize("turn", range(len(PAGES)))
def test_pages_lead_nowhere_else(turn: int, sign_in: Callable[[User], Client], editor: User) -> None:
    """A fifth of the payloads a page, another fifth for the next; `make drill` tries all on each."""
    payloads = PAYLOADS[turn % 5 :: 5]
    assert leaks(sign_in(editor), PAGES[turn], payloads) == []
    assert leaks(Client(), PAGES[turn], payloads[::4]) == []


@pytest.mark.drill
@pytest.mark.parametrize("page", PAGES)
def test_pages_lead_nowhere_else_at_all(page: str, sign_in: Callable[[User], Client], editor: User) -> None:
    assert leaks(sign_in(editor), page, PAYLOADS) == []
    assert leaks(Client(), page, PAYLOADS) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_the_one_judge_of_addresses(payload: str, rf: RequestFactory) -> None:
    """What every form of allauth asks, and Django's own `next`, say the same of all three hundred."""
    request = rf.get("/accounts/login/", {"next": payload})
    with context.request_context(request):
        judged = get_next_redirect_url(request)
    assert judged is None or inside(HttpResponseRedirect(judged))


FORMS = {
    "/accounts/login/": {"login": "family@test.example", "password": PASSWORD},
    "/accounts/logout/": {},
    "/accounts/reauthenticate/": {"password": PASSWORD},
}


def follow(page: str, family: User, payloads: list[str]) -> None:
    """Send the form once for each payload, by turns in the query and in a field; it must lead on, inside."""
    for number, payload in enumerate(payloads):
        client = Client(REMOTE_ADDR=f"10.0.{number // 250}.{number % 250}")  # guesses are counted by address
        cache.clear()  # where guesses of a password are counted
        if "login" not in page:
            client.force_login(family)
        by_query = f"{page}?next={quote(payload)}" if number % 2 else page
        answer = client.post(by_query, FORMS[page] if number % 2 else {**FORMS[page], "next": payload})
        assert inside(answer), payload
        assert answer.status_code in {302, 400}, "the form does not lead on"


@pytest.mark.parametrize("page", FORMS)
def test_forms_lead_on_inside(page: str, family: User) -> None:
    """Some; `make drill` sends all."""
    follow(page, family, PAYLOADS[::20])


@pytest.mark.drill
@pytest.mark.parametrize("page", FORMS)
def test_forms_lead_on_inside_with_all(page: str, family: User) -> None:
    follow(page, family, PAYLOADS)


@pytest.mark.parametrize("payload", PAYLOADS[::10])
def test_scripts_are_sent_to_our_own_sign_in(payload: str, client: Client) -> None:
    headers = {"HTTP_HX_REQUEST": "true", "HTTP_HX_CURRENT_URL": payload}
    assert inside(client.generic("GET", "/worklist/", **headers))


@pytest.mark.parametrize(
    "address", ["//evil.example", "///evil.example/", "/\\evil.example", "/%5cevil.example"]
)
def test_addresses_that_want_a_slash(address: str, client: Client) -> None:
    """CommonMiddleware appends one, and sign-in repeats the address."""
    for tail in ("", "/worklist", "/log", "/conditions"):
        assert inside(client.generic("GET", "/", PATH_INFO=address + tail))


@pytest.mark.parametrize("before", ["", "/worklist/"])
def test_a_review_leads_back_to_the_list_or_to_the_patient(before: str, rf: RequestFactory) -> None:
    for payload in PAYLOADS:
        answer = onwards(rf.post("/", {"next": f"{before}{payload}"}), uuid4())
        assert inside(answer), payload
        path = urlsplit(urljoin("http://testserver/", answer.url)).path
        assert path.startswith(("/worklist/", "/patients/")), payload
