"""Where what nobody could read or store is turned away with a sentence, before a view or a table meets it.

There are two places. `refuse_unreadable` looks at every request first. What has the right letters and
still fits no column is found by the database layer alone; `is_unfit` knows such an error from a fault.
"""

import codecs
import json
from collections.abc import Callable, Iterable
from typing import Any, NoReturn
from urllib.parse import unquote, unquote_to_bytes

from django.core.exceptions import BadRequest, RequestDataTooBig, ValidationError
from django.db import DataError
from django.http import HttpRequest, HttpResponseBase, UnreadablePostError
from django.shortcuts import render
from django.utils.http import parse_header_parameters

Respond = Callable[[HttpRequest], HttpResponseBase]
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

UNREADABLE_TYPE = "application/x-unreadable"
FORM = "application/x-www-form-urlencoded"
# What is raised where, when the value that somebody sent is at fault and nothing of ours.
UNFIT: list[tuple[tuple[type[Exception], ...], tuple[str, ...]]] = [
    ((ValueError, OverflowError, ValidationError), ("django.db.", "psycopg.", "psycopg_binary.")),
    ((ValidationError,), ("allauth.mfa.",)),  # a passkey's answer, read outside of a form
    ((RecursionError,), ("json.decoder",)),  # a form's JSON, as deep as the sender liked
    ((UnicodeEncodeError,), ("django.http.",)),  # half a surrogate pair out of JSON, on its way back
]
DEEPEST = 32  # levels of JSON; no document of ours has more than ten


def with_readable_type(application: Application) -> Application:
    """Hand on a Content-Type that Django can take: it reads it before any middleware may answer."""

    def guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["CONTENT_TYPE"] = readable_type(environ.get("CONTENT_TYPE", ""))
        return application(environ, start_response)

    return guarded


def readable_type(declared: str) -> str:
    """`declared` without its charset if that is UTF-8; a type that `check` refuses for every other.

    Django decodes the query with the charset while it makes the request, where an error has no page.
    """
    try:
        kind, told = parse_header_parameters(declared)
        known = codecs.lookup(told.pop("charset", "utf-8")).name == "utf-8"
    except (ValueError, LookupError):
        return UNREADABLE_TYPE
    if "charset" not in declared.lower():
        return declared
    boundary = told.get("boundary")
    return (f"{kind}; boundary={boundary}" if boundary else kind) if known else UNREADABLE_TYPE


def refuse_unreadable(get_response: Respond) -> Respond:
    """Answer 400, or 413 to a body beyond the limit, without asking the view; see `check`."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        try:
            check(request)
        except RequestDataTooBig:
            return render(request, "413.html", status=413)
        return get_response(request)

    return middleware


def check(request: HttpRequest) -> None:
    """Read all of a request once: host, address, headers, cookies, query, body and names of fields.

    Errors: BadRequest, SuspiciousOperation (host, number of fields, files) and MultiPartParserError,
    which Django answers with 400; RequestDataTooBig.
    """
    request.get_host()
    check_declared(request)
    sent = body_of(request)
    text_of(unquote_to_bytes(sent) if request.content_type == FORM else sent)
    refuse_unstorable(request.path, unquote(request.META.get("QUERY_STRING", "")))
    refuse_unstorable(*(unquote(value) for name, value in request.META.items() if name.startswith("HTTP_")))
    refuse_unstorable(*request.COOKIES, *request.COOKIES.values())
    refuse_unstorable(*request.GET, *request.POST)  # what a field holds is its form's to explain


def check_declared(request: HttpRequest) -> None:
    """Errors: BadRequest for a length that is no number, or a type or charset that is not read here."""
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    counted = length.isascii() and length.isdecimal() and len(length) < 20
    if request.content_type == UNREADABLE_TYPE or not counted:
        raise BadRequest("The request's own description of its body cannot be right.")


def body_of(request: HttpRequest) -> bytes:
    """The whole body. Errors: RequestDataTooBig; BadRequest when the sender went away in between."""
    try:
        return request.body
    except UnreadablePostError:
        raise BadRequest("The body ended early.") from None


def text_of(sent: bytes) -> str:
    """Letters of what was sent. Errors: BadRequest, as replacing bytes would change what was written."""
    try:
        return sent.decode()
    except UnicodeDecodeError:
        raise BadRequest("This is not UTF-8.") from None


def refuse_unstorable(*texts: str) -> None:
    """Errors: BadRequest for NUL or half of a surrogate pair, which PostgreSQL keeps in no text."""
    for text in texts:
        try:
            storable = b"\0" not in text.encode()
        except UnicodeEncodeError:
            storable = False
        if not storable:
            raise BadRequest("This text cannot be stored.")


def json_body(request: HttpRequest) -> Any:
    """What was sent as JSON, good to be stored: no NaN, no endless number, no more than 32 levels.

    Errors: BadRequest.
    """
    try:
        sent = json.loads(request.body, parse_constant=refuse_constant)
    except (ValueError, RecursionError):  # too deep for the parser is too deep for us
        raise BadRequest("This is not JSON.") from None
    check_json(sent)
    return sent


def refuse_constant(word: str) -> NoReturn:
    """NaN and the infinities: Python reads them, PostgreSQL and the standard do not."""
    raise ValueError(word)


def check_json(value: object, levels: int = DEEPEST) -> None:
    """Errors: BadRequest for text that cannot be stored, keys included, or nesting beyond `levels`."""
    if not levels:
        raise BadRequest("This JSON is too deep.")
    if isinstance(value, str):
        refuse_unstorable(value)
    elif isinstance(value, dict):
        refuse_unstorable(*value)
        for each in value.values():
            check_json(each, levels - 1)
    elif isinstance(value, list):
        for each in value:
            check_json(each, levels - 1)


def is_unfit(error: Exception) -> bool:
    """Whether a value did not fit: so says PostgreSQL, or one of the places in UNFIT.

    Python's own words for it are broad, so they count only where such a place raised them; the same
    words out of a view, or out of a library that a view called, are a fault of ours and stay a 500.
    """
    place = raised_by(error)
    known = any(isinstance(error, kinds) and place.startswith(places) for kinds, places in UNFIT)
    return known or isinstance(error, DataError)


def raised_by(error: Exception) -> str:
    """Name of the module whose line raised `error`; '' when it was never raised."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return str(trace.tb_frame.f_globals.get("__name__", "")) if trace else ""
