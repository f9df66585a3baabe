"""The only settings, read from the environment by name; `.env.example` lists every variable.

STEADY_MODE chooses one of three modes:

|                              | test       | demo            | production       |
| ---------------------------- | ---------- | --------------- | ---------------- |
| secure cookies, TLS redirect | no         | no              | yes              |
| second factor demanded       | no         | no, and said so | yes              |
| well-known passwords         | accepted   | accepted        | refused          |
| mail                         | in memory  | to the log      | SMTP             |
| unapproved releases          | refused    | published       | refused          |
| the page says it is a demo   | no         | yes             | never            |
"""

import os
from pathlib import Path
from typing import Any

import bootstrap_wrapper
import django_stubs_ext
from csp.constants import NONE, SELF
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


django_stubs_ext.monkeypatch()  # Django 5.2's forms and admins do not take a type in brackets yet
BASE_DIR = Path(__file__).resolve().parent.parent
MODE = env("STEADY_MODE", "production")
if MODE not in {"test", "demo", "production"}:
    raise ImproperlyConfigured("Set STEADY_MODE to test, demo or production; see .env.example.")
PRODUCTION = MODE == "production"
DEMO = MODE == "demo"

DEBUG = False
SECRET_KEY = env("SECRET_KEY")
ALLOWED_HOSTS = env("ALLOWED_HOSTS", None if PRODUCTION else "localhost,127.0.0.1,testserver").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if PRODUCTION else []
# The web role serves; the owner migrates and is named only where that is done.
DATABASES = {"default": database(env("DATABASE_URL"), pooled=MODE != "test")}
if os.environ.get("OWNER_DATABASE_URL"):
    DATABASES["owner"] = database(env("OWNER_DATABASE_URL"), pooled=False)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "conditions.apps.ConditionsConfig",
    "tracker.apps.TrackerConfig",
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "pgtrigger",
    "pghistory",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "procrastinate.contrib.django",
]
MIDDLEWARE = [
    "portal.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "portal.middleware.refuse_unstorable",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.middleware.IdentityTransaction",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.middleware.SignInRequired",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.navigation.page_context",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["portal.auth.RoleBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
if MODE == "test":  # argon2 costs a tenth of a second a sign-in, and a test suite signs in often
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "portal.auth.WellKnownPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "portal.auth.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_VERIFICATION = "none"  # an account is made by invitation, which proves the address
ACCOUNT_EMAIL_NOTIFICATIONS = True
USERSESSIONS_TRACK_ACTIVITY = False
SECOND_FACTOR_DEMANDED = PRODUCTION
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
CACHES = {
    # Rate limits are only true when every process counts in the same place.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "portal_cache"}
}

EMAIL_BACKEND = {
    "test": "django.core.mail.backends.locmem.EmailBackend",
    "demo": "django.core.mail.backends.console.EmailBackend",
    "production": "django.core.mail.backends.smtp.EmailBackend",
}[MODE]
EMAIL_HOST = env("EMAIL_HOST", "localhost")
EMAIL_PORT = int(env("EMAIL_PORT", "25"))
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", "steady@localhost")

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / (".static-test" if MODE == "test" else ".static")
STATICFILES_DIRS = [("bootstrap/css", Path(bootstrap_wrapper.__file__).parent.parent / "bootstrap" / "css")]
if MODE != "test":  # hashed names need `collectstatic` first, which a test run does not need
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
WHITENOISE_USE_FINDERS = MODE == "test"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}
# Nothing of the device is asked for; a passkey is the one thing a page may request.
PERMISSIONS_POLICY: dict[str, list[str] | str] = {
    **{
        feature: []
        for feature in (
            "accelerometer",
            "autoplay",
            "camera",
            "display-capture",
            "fullscreen",
            "geolocation",
            "gyroscope",
            "magnetometer",
            "microphone",
            "midi",
            "payment",
            "usb",
        )
    },
    "publickey-credentials-create": "self",
    "publickey-credentials-get": "self",
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
if PRODUCTION:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^health/"]  # asked from inside the network, before the proxy
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"portal.request": {"level": "INFO" if MODE != "test" else "WARNING"}},
}
