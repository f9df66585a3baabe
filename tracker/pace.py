"""How many records one person opens in a while: care reads a few, copying a clinic reads them all."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Literal

from django.core.cache import cache
from django.core.mail import send_mail
from django.db import connection
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from portal import audit
from portal.middleware import SignedIn
from portal.models import User
from portal.roles import Role

View = Callable[..., HttpResponse]
LIMIT, WITHIN = 100, timedelta(minutes=10)  # twenty times what three minutes a patient allow
TAKEN = 400  # patients whose line was copied or exported: a whole list, twice
TOLD_FOR = timedelta(hours=1)  # after which auditors are told again
MAIL = """Hello,

somebody opened very many records on Steady within ten minutes and was stopped. Sign in and look for
"many records opened" in the trail.
"""


def paced(view: View) -> View:
    """Answer 429 with a sentence to whoever opened `LIMIT` records within ten minutes; one query."""
    return _limited(view, lambda: lately("records_opened") < LIMIT)


def paced_taking(view: View) -> View:
    """The same for lines of the worklist that leave Steady: `TAKEN` patients within ten minutes."""
    return _limited(view, lambda: lately("records_taken") < TAKEN)


def lately(question: Literal["records_opened", "records_taken"]) -> int:
    """Of how many different patients whoever is the identity did so within `WITHIN`."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {question}(%s)", [timezone.now() - WITHIN])
        return int(cursor.fetchone()[0])


def _limited(view: View, is_within: Callable[[], bool]) -> View:
    @wraps(view)
    def answered(request: SignedIn, *arguments: Any, **named: Any) -> HttpResponse:
        if is_within():
            return view(request, *arguments, **named)
        audit.record(request.user, "many records opened", request.user)
        tell_auditors(request.user)
        response = render(request, "tracker/too_many.html", status=429)
        response["Retry-After"] = str(int(WITHIN.total_seconds()))
        return response

    return answered


def tell_auditors(user: User) -> None:
    """A mail to every auditor, once an hour for one person; it names nobody."""
    if cache.add(f"pace:{user.pk}", True, TOLD_FOR.total_seconds()):
        auditors = User.objects.filter(roles__contains=[Role.AUDITOR], is_active=True)
        for auditor in auditors:
            send_mail("Very many records were opened on Steady", MAIL, None, [auditor.email])
