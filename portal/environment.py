"""How settings are read from the environment."""

import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict


def env(name: str, default: str | None = None) -> str:
    """Read one variable; name the missing one instead of failing later.

    Errors: ImproperlyConfigured when it is unset or empty and has no default.
    """
    value = os.environ.get(name) or default
    if value is None:
        raise ImproperlyConfigured(f"Set {name}; see .env.example.")
    return value


def database(url: str, *, pooled: bool) -> dict[str, Any]:
    """Translate a libpq URL into one entry of DATABASES.

    A pool waits out a restart of the server; without one (owner, tests) each thread
    keeps its own connection. Binding stays at the client, as row triggers need it.
    """
    info = conninfo_to_dict(url)
    named = {key: str(info.pop(key, "")) for key in ("dbname", "user", "password", "host", "port")}
    options: dict[str, Any] = {**info, "application_name": "steady"}
    if pooled:
        options["pool"] = {"min_size": 1, "max_size": 8, "timeout": 5}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": named.pop("dbname"),
        **{key.upper(): value for key, value in named.items()},
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
