"""Keeping what someone typed while their session ended.

A form carries the signed number of the person it was made for. When it is sent without a session,
its body is sealed and kept; the same person finds it on the same page after signing in.
"""

from datetime import timedelta

from cryptography.fernet import InvalidToken
from django.core import signing
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from portal.models import ParkedForm, User
from portal.secrecy import box

FIELD = "made_for"
SALT = "portal.parking"
KEPT_FOR = timedelta(minutes=30)


def made_for(user: User) -> str:
    """The signed number of `user`, for a form's hidden field `made_for`."""
    return signing.dumps(user.pk, salt=SALT)


def owner(request: HttpRequest) -> int | None:
    """The number of the person whose form was sent; None when it names nobody or is forged."""
    try:
        return int(signing.loads(request.POST.get(FIELD, ""), salt=SALT, max_age=30 * 24 * 3600))
    except signing.BadSignature:
        return None


def park(request: HttpRequest) -> None:
    """Keep the body of a POST for the person its form was made for; without one, keep nothing."""
    user_id = owner(request)
    if user_id is None or len(request.path) > 300:
        return
    if not User.objects.filter(pk=user_id, is_active=True).exists():
        return
    body = request.POST.copy()
    body.pop("csrfmiddlewaretoken", None)
    ParkedForm.objects.update_or_create(
        user_id=user_id,
        path=request.path,
        defaults={"sealed": box(SALT).encrypt(body.urlencode().encode()), "parked_at": timezone.now()},
    )


def collect(request: HttpRequest) -> QueryDict | None:
    """What `request.user` had typed on this page within the last half hour, until they send it."""
    row = _parked(request).filter(parked_at__gt=timezone.now() - KEPT_FOR).first()
    if row is None:
        return None
    try:
        return QueryDict(box(SALT).decrypt(bytes(row.sealed)))
    except InvalidToken:  # sealed with a SECRET_KEY that is gone: as lost as if the time were over
        return None


def discard(request: HttpRequest) -> None:
    """Forget what was parked for this page: its form has been sent by the signed-in person."""
    _parked(request).delete()


def _parked(request: HttpRequest) -> QuerySet[ParkedForm]:
    return ParkedForm.objects.filter(user_id=request.user.pk or 0, path=request.path)
