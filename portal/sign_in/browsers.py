"""Which people have signed in from this browser before: a signed cookie, so that a new one is told."""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from portal.models import User

SALT = "portal.sign_in.browsers"
KEPT_FOR = 365 * 24 * 3600  # seconds; each sign-in counts anew
AT_MOST = 20  # people at one clinic computer


def has_seen(request: HttpRequest, user: User) -> bool:
    """Whether `user` signed in from this browser within a year."""
    return user.pk in _people(request)


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Add `user` to the people of this browser."""
    people = [user.pk, *(pk for pk in _people(request) if pk != user.pk)][:AT_MOST]
    response.set_cookie(
        settings.BROWSER_COOKIE_NAME,
        signing.dumps(people, salt=SALT),
        max_age=KEPT_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _people(request: HttpRequest) -> list[int]:
    try:
        people: list[int] = signing.loads(
            request.COOKIES.get(settings.BROWSER_COOKIE_NAME, ""), salt=SALT, max_age=KEPT_FOR
        )
    except signing.BadSignature:
        return []
    return people
