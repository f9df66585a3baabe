"""The page that a shared review's link opens, for people without an account."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from conditions import reading, sharing
from conditions.history import against_published
from portal import audit

PRIVATELY = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
}


@login_not_required
@require_safe
def shared_review(request: HttpRequest, secret: str) -> HttpResponse:
    """The text of one release that waits, and what it changes; every opening is in the trail."""
    link = sharing.opened(secret)
    if link is None:
        raise Http404
    before, changes = against_published(link.release)
    context = {
        "release": link.release,
        "edition": reading.edition(link.release.snapshot),
        "before": before,
        "changes": changes,
        "expires_at": link.expires_at,
    }
    audit.record(request.user, "shared review opened", link)
    response = render(request, "conditions/shared_review.html", context)
    for name, value in PRIVATELY.items():
        response[name] = value
    return response
