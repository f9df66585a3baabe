"""How long and by whom a public page may be kept."""

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.http import http_date, parse_http_date_safe
from django.views.decorators.http import require_safe

from conditions.notices import Gone

Rest = ParamSpec("Rest")
View = Callable[Concatenate[HttpRequest, Rest], HttpResponse]
Page = Callable[Concatenate[HttpRequest, Rest], HttpResponseBase]

MINUTE = 60
STARTED = timezone.now()  # what this process serves may have changed with its code


def public_page(view: View[Rest]) -> Page[Rest]:
    """A page that everybody may read, without signing in; GET and HEAD alone.

    Kept for a minute by shared caches when the asker has no session, while a browser asks each time
    whether its copy still stands; otherwise the header shows who is signed in, so the page is theirs.
    The entity tag is the body's, so that a new release, a new template and a withdrawal all count; a
    view that knows it, or the time of the last change, sets it.
    """

    @login_not_required
    @require_safe
    @wraps(view)
    def kept(request: HttpRequest, /, *arguments: Rest.args, **named: Rest.kwargs) -> HttpResponseBase:
        try:
            response = view(request, *arguments, **named)
        except Gone as gone:
            response = gone.answer(request)
        patch_vary_headers(response, ["Cookie"])
        if response.status_code != 200 or not is_anonymous(request):
            patch_cache_control(response, private=True, no_cache=True)
            del response.headers["ETag"], response.headers["Last-Modified"]
            return response
        patch_cache_control(response, public=True, max_age=0, s_maxage=MINUTE)
        if "ETag" not in response.headers:
            response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        changed = _last_modified(response)
        return get_conditional_response(request, response["ETag"], changed, response) or response

    vars(kept)["reads_published"] = True  # so that no transaction is opened for it: portal/middleware.py
    return kept


def _last_modified(response: HttpResponse) -> int | None:
    """The time that the view told, but never before this process: its templates may be newer."""
    told = parse_http_date_safe(response.headers.get("Last-Modified", ""))
    if told is None:
        return None
    changed = max(told, int(STARTED.timestamp()))
    response["Last-Modified"] = http_date(changed)
    return changed


def is_anonymous(request: HttpRequest) -> bool:
    """Whether nothing on the page can be about the asker; messages wait in the session, too."""
    return settings.SESSION_COOKIE_NAME not in request.COOKIES
