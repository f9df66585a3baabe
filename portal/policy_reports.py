"""What browsers report when a page tries what the content security policy forbids.

Anybody can send a report, and a browser's own names whole addresses. So few facts are kept, each from a
list of ours or a host's name, and few reports a minute.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from portal.boundary import json_body
from portal.models import PolicyReport

LONGEST_BODY = 8 * 1024  # bytes
MOST_A_MINUTE = 60  # from everybody together
TYPES = {"application/csp-report", "application/reports+json"}
DIRECTIVE = re.compile(
    r"(default|script|style|img|font|connect|manifest|worker|media|object|frame|child)-src(-elem|-attr)?"
    r"|base-uri|form-action|frame-ancestors"
)
WORDS = {"inline", "eval", "wasm-eval", "data", "blob", "self"}
SCHEMES = {"http", "https", "ws", "wss"}
HOST = re.compile(r"[a-z0-9.-]{1,150}")


class Violation(NamedTuple):
    """The facts that are kept: what forbade what, and on which of our pages."""

    directive: str
    blocked: str
    route: str


# No token: the browser sends this by itself, without a page's form. It carries no one's right to
# anything, and all it can do is add a row of a few listed words.
@csrf_exempt
@login_not_required
@never_cache
@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """204, stored or not; 413 beyond 8 KB, 415 for another type, 400 for what is not JSON."""
    if len(request.body) > LONGEST_BODY:
        return HttpResponse(status=413)
    if request.content_type not in TYPES:
        return HttpResponse(status=415)
    found = list(violations(json_body(request), request.get_host()))
    kept = found[: room_for(len(found))]
    PolicyReport.objects.bulk_create([PolicyReport(**each._asdict()) for each in kept])
    return HttpResponse(status=204)


def violations(sent: Any, host: str) -> Iterator[Violation]:
    """Read both forms of a report; skip what is not about a page of `host` or names no directive."""
    for report in sent if isinstance(sent, list) else [sent]:
        told = (report.get("csp-report") or report.get("body")) if isinstance(report, dict) else None
        if not isinstance(told, dict):
            continue
        directive = first(told, "effective-directive", "effectiveDirective", "violated-directive")
        _, page_host, path = parts(first(told, "document-uri", "documentURL"))
        if DIRECTIVE.fullmatch(directive) and page_host == parts(f"//{host}")[1]:
            yield Violation(directive, origin(first(told, "blocked-uri", "blockedURL")), route_of(path))


def first(told: dict[str, Any], *names: str) -> str:
    """The text under the first of `names` that has one, without what follows a space."""
    texts = [text for name in names if isinstance(text := told.get(name), str) and text.strip()]
    return texts[0].split()[0] if texts else ""


def parts(address: str) -> tuple[str, str, str]:
    """Scheme, host and path; empty ones for what is no address."""
    try:
        found = urlsplit(address)
        return found.scheme, found.hostname or "", found.path
    except ValueError:
        return "", "", ""


def origin(blocked: str) -> str:
    """A word such as `inline`, or scheme and host; never a path or a query."""
    if blocked in WORDS:
        return blocked
    scheme, host, _ = parts(blocked)
    return f"{scheme}://{host}" if scheme in SCHEMES and HOST.fullmatch(host) else ""


def route_of(path: str) -> str:
    """The name of our page, whose address holds keys; '' for none of ours."""
    try:
        return resolve(path).view_name[:100]
    except Resolver404:
        return ""


def room_for(wanted: int) -> int:
    """How many of `wanted` reports this minute still takes; racing requests may exceed it by a few."""
    key = f"policy-reports-{timezone.now():%H%M}"
    taken = cache.get(key, 0)
    granted = min(wanted, MOST_A_MINUTE - taken)
    if granted:
        cache.set(key, taken + granted, timeout=120)
    return int(granted)
