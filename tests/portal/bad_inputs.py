"""Seeded requests that nobody should send: bad values in every place, for every route and role."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import quote

from django.test import Client

from portal.boundary import readable_type
from portal.models import User
from tests.access_table import ACCESS
from tests.identities import IDENTITIES, World, browser
from tests.matrix import address_of, routes

ROLES = [
    "nobody", "own", "redacted", "seated", "break_glass", "editor", "reviewer", "administrator", "auditor",
]  # fmt: skip
SOME_KEY = "5f2b9c1e-3c55-4c0e-9f0e-5d6b1a2c3d4e"
TEXTS = [
    "", " ", "abc", "a\0b", "\0", "\ud800", "a\udfffb", "\ufffe", "\u202e\u0000", "e\u0301" * 300, "😀",
    "१२३", "²", "①", "-1", "0", "-0", "1.5", "32767", "32768", "-32769", "2147483648",
    "9223372036854775808", "1" * 400, "9" * 5000, "1e400", "NaN", "Infinity", "-inf", "1_000", "0x10",
    "１２", "+1", "1,5", "٣", "10000-01-01", "0000-00-00", "0001-01-01", "9999-12-31", "2024-02-30",
    "99999999-01-01", "2026-11-21", "9999-12-31T23:59:59.999999", "0001-01-01T00:00", "24:60", "23:59",
    "2026-11-21T10:00", "Europe/Nowhere", "../UTC", "/etc/localtime", "Europe/London", "UTC\n",
    "posixrules", "Etc/GMT+14", "not-a-uuid", SOME_KEY, "0" * 32, "{" + SOME_KEY + "}",
    "urn:uuid:" + SOME_KEY, "true", "null", "[]", "{}", '{"a":"\\u0000"}', '["\\ud800"]', "[" * 100_000,
    '{"a":' * 5_000, '{"a":NaN}', "(((((", "[[:alpha:", "\\", "%", "_", "'", '"', "'; DROP TABLE x; --",
    "%s%n%d", "{0}", "{{ 7 }}", "{% load x %}", "../../../etc/passwd", "<script>alert(1)</script>",
    "\r\nSet-Cookie: a=b", "a" * 3_000, "a" * 100_000, "//evil.example", "javascript:alert(1)", "a@b",
    "a@b.example" + "c" * 300, "daily", "home_check", "child", "all",
]  # fmt: skip
RAW = [
    b"%",
    b"%zz",
    b"%f",
    b"%ff",
    b"%C0%80",
    b"%ED%A0%80",
    b"%u0000",
    b"\xff\xfe",
    b"%00",
    b"%2500",
    b"a=b&=&;",
]
PARAMETERS = [
    "q", "page", "p", "o", "e", "all", "for", "system", "code", "show", "next", "kind", "same", "quiet",
    "period", "until", "from", "to", "day", "id__exact", "id", "state__exact", "pk__in", "_popup",
    "_to_field", "app_label", "model_name", "field_name", "term", "_changelist_filters",
    "condition__id__exact", "roles__contains", "email",
]  # fmt: skip
HEADERS = [
    "HTTP_HX_REQUEST", "HTTP_HX_CURRENT_URL", "HTTP_HX_TARGET", "HTTP_X_REQUESTED_WITH",
    "HTTP_USER_AGENT", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_ACCEPT_ENCODING", "HTTP_REFERER",
    "HTTP_ORIGIN", "HTTP_RANGE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_X_FORWARDED_FOR",
    "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_HOST", "HTTP_AUTHORIZATION",
    "CONTENT_LENGTH",
]  # fmt: skip
FORM = "application/x-www-form-urlencoded"
TYPES = [
    "application/json", "application/csp-report", "application/reports+json", "text/plain", "",
    "a/b;charset=utf-16", "multipart/form-data", "multipart/form-data; boundary=",
    "multipart/form-data; boundary=b", f"{FORM}; charset=rot13", f"{FORM}; charset=utf-7",
    f"{FORM}; charset=nosuch", "multipart/form-data; boundary=\x00",
]  # fmt: skip
NAMES = re.compile(r'<(?:input|select|textarea|button)\b[^>]*?\bname="([^"]+)"')
LIKELY = [b"1", b"0", b"x"]
METHODS = ["GET"] * 8 + ["POST"] * 9 + ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO"]
HEADER_TEXTS = [*TEXTS, "a" * 12_000, "bytes=0-" + "9" * 30, "http://[::1", "*;q=x, text"]
ENDS_OF_HEADS = ["", "\r\nContent-Transfer-Encoding: base64", '; filename="a.png"', "; filename*=nosuch''a"]
PART = 'Content-Disposition: form-data; name="{}"'


def encoded(chance: random.Random) -> bytes:
    """A bad value as it stands in an address or a form, bytes that are no UTF-8 among them."""
    if chance.random() < 0.15:
        return chance.choice(RAW)
    return quote(chance.choice(TEXTS).encode("utf-8", "surrogatepass"), safe="").encode()


class Wire(Client):
    """A client whose requests pass what stands before Django's handler, as a server's do."""

    def request(self, **environ: object) -> object:
        """Answer like the WSGI application."""
        given = environ.get("wsgi.input")  # Django's stand-in fails where a length was told wrongly
        environ["wsgi.input"] = BytesIO(given.read() if given else b"")
        environ["CONTENT_TYPE"] = readable_type(str(environ.get("CONTENT_TYPE", "")))
        return super().request(**environ)


@dataclass
class Sender:
    """One role's browser, that learns the fields of a page before it fills them."""

    role: str
    user: User | None
    client: Client = field(default_factory=lambda: Wire(raise_request_exception=False))
    fields: dict[str, list[str]] = field(default_factory=dict)

    def sign_in(self) -> None:
        """Start over, whatever the last request did to the session."""
        self.client.cookies = browser(self.user).cookies

    def names(self, address: str) -> list[str]:
        """Names of the fields on the page; a made-up one where there are none."""
        if address not in self.fields:
            answer = self.client.get(address)
            page = b"" if answer.streaming else answer.content
            self.fields[address] = sorted(set(NAMES.findall(page.decode(errors="ignore")))) or ["x"]
        return self.fields[address]


@dataclass
class Sent:
    """A request as it went out, to be told when its answer was wrong."""

    route: str
    role: str
    method: str
    address: str
    how: dict[str, object]
    status: int = 0
    error: str = ""


def addresses(world: World, role: str) -> dict[str, tuple[str, list[str]]]:
    """Of every route: the address this role asks for, and the parts of it that came from arguments."""
    known, found = world.values(role), {}
    for name, wanted in ((name, wanted) for name, wanted in routes() if name in ACCESS):
        address = address_of(name, known)
        values = {str(known[each]) for each in wanted if each in known}
        found[name] = (address, sorted(value for value in values if f"/{value}" in address))
    return found


def form(chance: random.Random, names: list[str]) -> bytes:
    """A form with some fields filled badly and the others likely."""
    filled = [
        name.encode()
        + b"="
        + (encoded(chance) if chance.random() < 0.4 else chance.choice([b"1", b"0", b"x"]))
        for name in names
        if chance.random() < 0.8
    ]
    return b"&".join(filled)[:900_000]


def multipart(chance: random.Random, names: list[str]) -> bytes:
    """A multipart body: whole or torn, in base64, or with a file."""
    extra = chance.choice(
        ["", "\r\nContent-Transfer-Encoding: base64", '; filename="a.png"', "; filename*=nosuch''a"]
    )
    parts = []
    for name in names:
        value = chance.choice(TEXTS).encode("utf-8", "surrogatepass")[:2_000]
        parts.append(f"--b\r\n{PART.format(name)}{extra}\r\n\r\n".encode() + value + b"\r\n")
    body = b"".join(parts) + b"--b--\r\n"
    return body[: chance.randrange(len(body))] if chance.random() < 0.3 else body


def how(chance: random.Random, sender: Sender, address: str, method: str) -> dict[str, object]:
    """Query, body, headers and cookies of one request."""
    sent: dict[str, object] = {}
    if chance.random() < 0.5:
        pairs = [
            chance.choice(PARAMETERS).encode() + b"=" + encoded(chance) for _ in range(chance.randint(1, 3))
        ]
        sent["QUERY_STRING"] = b"&".join(pairs).decode("latin-1")
    if method in {"POST", "PUT", "PATCH"}:
        sent |= body(chance, sender.names(address))
    if chance.random() < 0.3:
        value = chance.choice(HEADER_TEXTS)
        sent[chance.choice(HEADERS)] = value
    if chance.random() < 0.15:
        session = sender.client.cookies.get("sessionid")
        junk = chance.choice(["\0", '"\\000"', "=;;=", "ÿ", '"\\ud800"', "a" * 9_000, "[" * 500])
        kept = f"sessionid={session.value}" if session else f"sessionid={junk}"
        sent["HTTP_COOKIE"] = f"{kept}; csrftoken={junk}; messages={junk}; {junk}={junk}"
    return sent


def body(chance: random.Random, names: list[str]) -> dict[str, object]:
    """One of the bodies: mostly a form, as that goes deepest."""
    draw = chance.random()
    if draw < 0.7:
        return {"data": form(chance, names), "content_type": FORM}
    if draw < 0.85:
        return {"data": multipart(chance, names), "content_type": "multipart/form-data; boundary=b"}
    if draw < 0.87:
        return {"data": b"&".join(b"a=1" for _ in range(2_001)), "content_type": FORM}
    if draw < 0.88:
        return {"data": b"a=" + b"1" * 1_100_000, "content_type": FORM}
    value = chance.choice(TEXTS).encode("utf-8", "surrogatepass")
    return {"data": value, "content_type": chance.choice(TYPES)}


def choose_route(chance: random.Random, role: str) -> str:
    """Mostly one that lets this role in: bad values are looked at only behind the door."""
    column = list(IDENTITIES).index(role)
    open_to = [name for name, told in ACCESS.items() if told.replace(" ", "")[column] in "AMR"]
    return chance.choice(sorted(open_to if chance.random() < 0.7 else ACCESS))


def sent(seed: int, count: int, world: World) -> Iterator[Sent]:
    """Send `count` requests and yield each with its answer's status and error."""
    chance = random.Random(seed)
    senders = [Sender(role, world.users.get(role)) for role in ROLES]
    known = {role: addresses(world, role) for role in ROLES}
    for number in range(count):
        sender = chance.choice(senders)
        name = choose_route(chance, sender.role)
        if number % 50 == 0 or name.startswith(("account", "usersessions", "mfa", "admin:logout")):
            sender.sign_in()
        good, arguments = known[sender.role][name]
        address = good
        for value in arguments:
            if chance.random() < 0.25:
                address = address.replace(f"/{value}", "/" + encoded(chance).decode("latin-1")[:3_000])
        method = chance.choice(
            ["GET"] * 8 + ["POST"] * 9 + ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "FOO"]
        )
        told = Sent(name, sender.role, method, address, how(chance, sender, good, method))
        answer = sender.client.generic(method, address, **told.how)
        told.status = answer.status_code
        told.error = repr(answer.exc_info[1])[:300] if getattr(answer, "exc_info", None) else ""
        yield told


def failed(each: Sent) -> bool:
    """Whether the answer was an error of ours; only health pages may say 503, about others."""
    return each.status >= 500 and not (each.status == 503 and each.route.startswith("health-"))
