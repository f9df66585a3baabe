"""What happens around every request, from the outside in."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db import DataError, InterfaceError, OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from psycopg_pool import PoolTimeout

from portal import parking
from portal.identity import speaking_as
from portal.models import User
from portal.roles import Role

Respond = Callable[[HttpRequest], HttpResponseBase]
log = logging.getLogger("portal.request")


class RequestLog:
    """One line a request: route, status, milliseconds, queries, roles; never a path, a query or a name."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, then write the line."""
        started = time.perf_counter()
        with counted_queries() as queries:
            response = self.get_response(request)
        match = request.resolver_match
        route = match.view_name if match else "-"
        roles = ",".join(getattr(getattr(request, "user", None), "roles", [])) or "-"
        milliseconds = (time.perf_counter() - started) * 1000
        log.info("%s %s %.0f ms %d queries %s", route, response.status_code, milliseconds, queries[0], roles)
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


def refuse_unstorable(get_response: Respond) -> Respond:
    """Answer 400 to an address that PostgreSQL cannot store: NUL, in the path or the query."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path or "\0" in unquote(request.META.get("QUERY_STRING", "")):
            return render(request, "400.html", status=400)
        return get_response(request)

    return middleware


class IdentityTransaction:
    """One transaction round the whole response, in which the database knows who is asking.

    ATOMIC_REQUESTS would wrap the view alone and leave a lazily rendered template outside.
    """

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer within the transaction; 503 where there is no database to answer from."""
        try:
            user = request.user
            with speaking_as(str(user.pk) if isinstance(user, User) else ""):
                response = self.get_response(request)
                if response.status_code >= 500:  # an exception arrives here as a response
                    transaction.set_rollback(True)
                return keep_private(request, response, was_signed_in=isinstance(user, User))
        except (OperationalError, InterfaceError, PoolTimeout):
            return unavailable(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Turn what the database refuses into a sentence; every other error takes its usual way."""
        if isinstance(error, OperationalError | InterfaceError | PoolTimeout):
            return unavailable(request)
        if isinstance(error, DataError):
            transaction.set_rollback(True)
            return render(request, "400.html", status=400)
        return None


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
    response = render(request, "503.html", status=503)
    response["Retry-After"] = "10"
    return response


class SignedIn(HttpRequest):
    """A request that passed `SignInRequired`: what most views are given."""

    user: User


def lacks_second_factor(request: HttpRequest) -> bool:
    """Whether a member of staff has yet to set up the second factor that this mode demands."""
    user = request.user
    staff = settings.SECOND_FACTOR_DEMANDED and isinstance(user, User) and set(user.roles) - {Role.FAMILY}
    return bool(staff) and not is_mfa_enabled(user)


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
        if lacks_second_factor(request) and not request.path.startswith("/accounts/"):
            return redirect("mfa_activate_totp")
        if request.method == "POST" and request.user.is_authenticated:
            parking.discard(request)
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override]  # the stubs know redirects only
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponse:
        """Park a form, then send to sign-in, or say 401 to a script."""
        htmx = request.htmx  # type: ignore[attr-defined]
        if htmx:
            back = redirect_to_login(htmx.current_url_abs_path or "/")
            return HttpResponse(status=401, headers={"HX-Redirect": back.url})
        if request.headers.get("X-Requested-With"):
            return HttpResponse(status=401)
        if request.method == "POST":
            parking.park(request)
        return super().handle_no_permission(request, view_func)
