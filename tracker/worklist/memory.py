"""The filters a clinician used last, kept in a signed cookie that opens nobody else's list.

It holds opaque keys only, and no script reads it.
"""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from portal.models import User

COOKIE = f"{settings.COOKIE_PREFIX}worklist"
SALT = "tracker.worklist.memory"
KEPT_FOR = 180 * 24 * 3600  # seconds
LONGEST = 600  # letters of a query


def remembered(request: HttpRequest, user: User) -> str:
    """The query that `user` used last in this browser; empty for none, another's, or a damaged one."""
    try:
        owner, query = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(query) if owner == user.pk else ""


def remember(response: HttpResponse, user: User, query: str) -> None:
    """Keep `query` for the next time, or forget what was kept when it is empty."""
    if not query or len(query) > LONGEST:
        response.delete_cookie(COOKIE, samesite="Lax")
        return
    response.set_cookie(
        COOKIE,
        signing.dumps([user.pk, query], salt=SALT),
        max_age=KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
