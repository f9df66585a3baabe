"""What happens around every request, from the outside in."""

import logging
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db import InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve
from django.views.defaults import bad_request
from django_htmx.middleware import HtmxDetails
from psycopg_pool import PoolTimeout

from portal import audit, boundary, logs, parking
from portal.boundary import Respond
from portal.identity import speaking_as
from portal.models import User
from portal.sign_in import factors, sessions

log = logging.getLogger("portal.request")


class RequestLog:
    """One line a request, with an id of our own making that the answer carries too: `X-Request-ID`."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, then write the line: route, status, milliseconds and queries; never a path or a name."""
        started, request_id = time.perf_counter(), secrets.token_hex(8)
        with logs.answering(request_id), counted_queries() as queries:
            response = self.get_response(request)
            match = request.resolver_match
            facts = {"route": match.view_name if match else "-", "status": response.status_code}
            facts |= {"ms": round((time.perf_counter() - started) * 1000), "queries": queries[0]}
            log.info("answered", extra=facts)
        response.headers["X-Request-ID"] = request_id
        return response


@contextmanager
def counted_queries() -> Iterator[list[int]]:
    """Count the statements run on the default connection; the list holds the one number."""
    count = [0]

    def counting(execute: Callable[..., Any], *arguments: Any) -> Any:
        count[0] += 1
        return execute(*arguments)

    with connection.execute_wrapper(counting):
        yield count


class IdentityTransaction:
    """One transaction round the whole response, in which the database knows who is asking.

    ATOMIC_REQUESTS would wrap the view alone and leave a lazily rendered template outside. Who has not
    signed in and asks for a page that is the same for nobody in particular gets it without: a connection
    that was told nothing speaks for nobody, and what is read there is never changed in place.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer within the transaction; 503 where there is no database to answer from."""
        try:
            sessions.end_if_over(request)
            user = request.user
            if isinstance(user, User):
                logs.note_roles(user.roles)
            elif is_for_nobody(request):
                return self.get_response(request)
            with speaking_as(str(user.pk) if isinstance(user, User) else ""):
                response = self.get_response(request)
                if response.status_code >= 500:  # an exception arrives here as a response
                    transaction.set_rollback(True)
                elif response.status_code in (403, 404) and isinstance(user, User):
                    record_refusal(request, user, response.status_code)
                return keep_private(request, response, was_signed_in=isinstance(user, User))
        except (OperationalError, InterfaceError, PoolTimeout):
            return unavailable(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn what the database refuses into a sentence; every other error takes its usual way."""
        if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
            return unavailable(request)
        if boundary.is_unfit(error):
            log.warning("value refused", exc_info=error)
            if connection.in_atomic_block:
                transaction.set_rollback(True)
            return bad_request(request, error)
        return None


def is_for_nobody(request: HttpRequest) -> bool:
    """Whether the view says of itself that it only reads what is published; see `conditions.caching`."""
    try:
        return getattr(resolve(request.path_info).func, "reads_published", False)
    except Resolver404:
        return False


def record_refusal(request: HttpRequest, user: User, status: int) -> None:
    """Note that a signed-in person was refused: the route, never the address, and whose record it was."""
    match = request.resolver_match
    key = match.kwargs.get("key") if match else None
    target = f"{match.view_name if match else 'no route'} {status}"
    audit.record(user, "refused", target[-120:], patient=key if isinstance(key, UUID) else None)


def keep_private(
    request: HttpRequest, response: HttpResponseBase, *, was_signed_in: bool
) -> HttpResponseBase:
    """No cache keeps what a signed-in person was shown, and signing out empties the browser's."""
    if was_signed_in:
        response["Cache-Control"] = "private, no-store"
        if not request.user.is_authenticated:
            response["Clear-Site-Data"] = '"cache"'
    return response


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 with the number of seconds after which to try again."""
    log.warning("database unavailable")
    # Without the request: what every page is told about its reader is asked of the database.
    response = HttpResponse(render_to_string("503.html"), status=503)
    response["Retry-After"] = "10"
    return response


class SignedIn(HttpRequest):
    """A request that passed `SignInRequired`: what most views are given."""

    user: User


class SignInRequired(LoginRequiredMiddleware):
    """Every address needs a signed-in person unless its view says `login_not_required`.

    What was typed in a form whose session ended is parked for the same person. A script is answered
    401, so that its page can ask for the password without losing what it shows; htmx is told where. Staff
    without a second factor, where one is demanded, reach the pages that set one up and no others.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., Any], view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Let through, send to sign-in, or send to the second factor."""
        if factors.is_owed_by(request.user) and not factors.leads_to_set_up(request):
            return redirect("mfa_index")
        if request.method == "POST" and request.user.is_authenticated:
            parking.discard(request)
        to_sign_in = super().process_view(request, view_func, view_args, view_kwargs)
        return to_sign_in and sent_away(request, to_sign_in)


def sent_away(request: HttpRequest, to_sign_in: HttpResponseBase) -> HttpResponseBase:
    """Park a form, then send to sign-in, or say 401 to a script."""
    htmx = HtmxDetails(request)
    if htmx:
        back = redirect_to_login(htmx.current_url_abs_path or "/")
        return HttpResponse(status=401, headers={"HX-Redirect": back.url})
    if request.headers.get("X-Requested-With"):
        return HttpResponse(status=401)
    if request.method == "POST":
        parking.park(request)
    return to_sign_in
