"""A clock that tests move, and second factors to sign in with."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core.cache.backends import db as _imported  # noqa: F401 - before its clock is replaced
from django.test import Client
from django.utils import timezone

from portal.models import User
from tests.cast import PASSWORD

KEEP_TIME = [
    "allauth.core.internal.ratelimit",
    "allauth.account.internal.flows.login",
    "allauth.account.internal.flows.reauthentication",
    "allauth.account.internal.stagekit",
    "allauth.mfa.totp.internal.auth",
    "portal.auth",
]


class Clock:
    """Stands still until it is moved; the database's own clock goes on."""

    def __init__(self) -> None:
        self.at = timezone.now()

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)

    def now(self) -> datetime:
        return self.at

    def time(self) -> float:
        return self.at.timestamp()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """clock.move(minutes=15) lets time pass for sessions, limits, codes and confirmations."""
    clock = Clock()
    told = SimpleNamespace(time=clock.time, monotonic=time.monotonic, sleep=time.sleep)
    for module in KEEP_TIME:
        monkeypatch.setattr(f"{module}.time", told)
    monkeypatch.setattr("django.utils.timezone.now", clock.now)
    return clock


def code_of(secret: str, at: float) -> str:
    """The six digits that an app shows at `at` seconds since 1970."""
    return format_hotp_value(hotp_value(secret, int(at) // 30))


def enter(user: User, client: Client | None = None, **more: str) -> Client:
    """A browser whose owner typed address and password."""
    client = client or Client()
    client.post("/accounts/login/", {"login": user.email, "password": PASSWORD, **more})
    return client


@pytest.fixture
def with_app(db: None) -> Callable[[User], str]:
    """with_app(user): sets up an authenticator app and gives its secret."""

    def set_up(user: User) -> str:
        secret = generate_totp_secret()
        TOTP.activate(user, secret)
        return secret

    return set_up


def disable(administrator: Client, user: User) -> None:
    """Take a person's account away, as the administrator of their clinic does."""
    told = {"name": user.name, "roles": user.roles}
    administrator.post(f"/admin/portal/user/{user.pk}/change/", told)
    user.refresh_from_db()
    assert not user.is_active
