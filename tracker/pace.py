"""How many records one person opens in a while: care reads a few, copying a clinic reads them all."""

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

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

LIMIT, WITHIN = 100, timedelta(minutes=10)  # twenty times what three minutes a patient allow
TOLD_FOR = timedelta(hours=1)  # after which auditors are told again
MAIL = """Hello,

somebody opened very many records on Steady within ten minutes and was stopped. Sign in and look for
"many records opened" in the trail.
"""


def paced(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 429 with a sentence to whoever opened `LIMIT` records within ten minutes; one query."""

    @wraps(view)
    def answered(request: SignedIn, *arguments: Any, **named: Any) -> HttpResponse:
        if opened_lately() < LIMIT:
            return view(request, *arguments, **named)
        audit.record(request.user, "many records opened", request.user)
        tell_auditors(request.user)
        response = render(request, "tracker/too_many.html", status=429)
        response["Retry-After"] = str(int(WITHIN.total_seconds()))
        return response

    return answered


def opened_lately() -> int:
    """How many different records whoever is the identity opened within `WITHIN`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT records_opened(%s)", [timezone.now() - WITHIN])
        return int(cursor.fetchone()[0])


def tell_auditors(user: User) -> None:
    """A mail to every auditor, once an hour for one person; it names nobody."""
    if cache.add(f"pace:{user.pk}", True, TOLD_FOR.total_seconds()):
        auditors = User.objects.filter(roles__contains=[Role.AUDITOR], is_active=True)
        for auditor in auditors:
            send_mail("Very many records were opened on Steady", MAIL, None, [auditor.email])
