"""How long a person stays signed in, and the sessions they have: SESSION_ENGINE is this module."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from portal import audit
from portal.models import User
from portal.roles import works_here

STARTED, SEEN = "started_at", "seen_at"  # seconds since 1970, in the session
NOTED_EVERY = 60  # seconds; an exact time would cost a write on every page


class Limits(NamedTuple):
    """After how many seconds without a request, and after how many at all, a session is over."""

    idle: float
    whole: float


HOURS_12 = timedelta(hours=12).total_seconds()
STAFF = Limits(timedelta(minutes=15).total_seconds(), HOURS_12)
FAMILY = Limits(HOURS_12, HOURS_12)
# A log must take under 30 seconds, on a phone that its owner says is their own.
FAMILY_TRUSTED = Limits(timedelta(days=14).total_seconds(), timedelta(days=30).total_seconds())


class SessionStore(db.SessionStore):
    """Django's sessions in the database, which know when they began."""

    def cycle_key(self) -> None:
        """A new key, and at a sign-in the clock starts: no door can leave that out."""
        super().cycle_key()
        if SESSION_KEY not in self:  # a changed password makes a new key too, and no new session
            self[STARTED] = self[SEEN] = _now()

    def get_session_cookie_age(self) -> int:
        """Seconds that the row outlives its last request, where the browser forgets the cookie by itself."""
        return int(FAMILY.idle)


def limits(user: User, session: SessionBase) -> Limits:
    """One staff role makes the session a staff one, whatever device was ticked as trusted."""
    if works_here(user.roles):
        return STAFF
    return FAMILY if session.get_expire_at_browser_close() else FAMILY_TRUSTED


def is_over(user: User, session: SessionBase) -> bool:
    """Whether it lay idle too long or lasted too long; one without times starts now."""
    now, allowed = _now(), limits(user, session)
    idle, whole = now - session.get(SEEN, now), now - session.get(STARTED, now)
    return bool(idle >= allowed.idle or whole >= allowed.whole)


def end_if_over(request: HttpRequest) -> None:
    """Sign out whose time is over, as if they had never come; else note that they were here."""
    user = request.user
    if not isinstance(user, User):
        return
    if is_over(user, request.session):
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        audit.record(user, "session timed out", user)
        logout(request)
    elif _now() - request.session.get(SEEN, 0) >= NOTED_EVERY:
        request.session.setdefault(STARTED, _now())
        request.session[SEEN] = _now()
        UserSession.objects.filter(session_key=request.session.session_key).update(
            last_seen_at=timezone.now()
        )


class OwnSession(NamedTuple):
    """One line on the page "Sessions"."""

    pk: int
    browser: str
    since: datetime
    seen: datetime
    current: bool


def own(request: HttpRequest) -> list[OwnSession]:
    """The live sessions of `request.user`, this one first, then the newest; what is over is deleted."""
    key = request.session.session_key
    rows = [row for row in UserSession.objects.purge_and_list(request.user) if not _swept(row)]
    listed = [
        OwnSession(
            row.pk, browser_name(row.user_agent), row.created_at, row.last_seen_at, row.session_key == key
        )
        for row in rows
    ]
    return sorted(listed, key=lambda line: (line.current, line.since), reverse=True)


def _swept(row: UserSession) -> bool:
    over = is_over(row.user, SessionStore(row.session_key))
    if over:
        row.end()
    return over


def others(request: HttpRequest) -> QuerySet[Any]:
    """The sessions of `request.user` on other browsers."""
    mine: QuerySet[Any] = UserSession.objects.filter(user_id=request.user.pk)
    return mine.exclude(session_key=request.session.session_key)


@transaction.atomic
def end(by: User, rows: Iterable[UserSession]) -> int:
    """End these sessions at the server, on the trail; gives how many."""
    ended = list(rows)
    for row in ended:
        row.end()
        audit.record(by, "session ended", f"User {row.user_id}")
    return len(ended)


def end_sessions(by: User, whose: User) -> int:
    """End every session of `whose`, as an administrator does; gives how many."""
    return end(by, UserSession.objects.filter(user_id=whose.pk))


BROWSERS = [
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
]
SYSTEMS = [
    ("Android", "Android"),
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "a Mac"),
    ("Linux", "Linux"),
]


def browser_name(user_agent: str) -> str:
    """`Firefox on Android`, as far as the browser tells."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "A browser")
    system = next((f" on {name}" for mark, name in SYSTEMS if mark in user_agent), "")
    return browser + system


def _now() -> int:
    return int(timezone.now().timestamp())
