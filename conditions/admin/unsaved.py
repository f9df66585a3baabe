"""Keeping what an editor types before it is saved, sealed and for them alone."""

from datetime import datetime

from cryptography.fernet import InvalidToken
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils import timezone

from conditions.models import UnsavedText
from portal.secrecy import box

PURPOSE = "conditions.unsaved"
OURS = {"csrfmiddlewaretoken", "_keep"}


def keep(request: HttpRequest) -> None:
    """Keep the posted form of this page in place of what was kept of it before."""
    body = request.POST.copy()
    for name in OURS & set(body):
        del body[name]
    UnsavedText.objects.update_or_create(
        editor_id=request.user.pk,
        path=request.path,
        defaults={"sealed": box(PURPOSE).encrypt(body.urlencode().encode()), "typed_at": timezone.now()},
    )


def left_at(request: HttpRequest) -> datetime | None:
    """When this editor left unsaved text on this page; None when they left none. Queries: one."""
    return _kept(request).values_list("typed_at", flat=True).first()


def bring_back(request: HttpRequest) -> QueryDict | None:
    """The form as it was kept. None when there is none, or when its SECRET_KEY is gone."""
    row = _kept(request).first()
    if row is None:
        return None
    try:
        return QueryDict(box(PURPOSE).decrypt(bytes(row.sealed)))
    except InvalidToken:
        return None


def discard(request: HttpRequest) -> None:
    """Forget what was kept of this page."""
    _kept(request).delete()


def _kept(request: HttpRequest) -> "QuerySet[UnsavedText]":
    return UnsavedText.objects.filter(editor_id=request.user.pk or 0, path=request.path)
