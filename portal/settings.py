"""The only settings, read from the environment by name; `.env.example` lists every variable.

STEADY_MODE chooses one of three modes:

|                              | test       | demo            | production       |
| ---------------------------- | ---------- | --------------- | ---------------- |
| secure cookies, TLS redirect | no         | no              | yes              |
| second factor demanded       | no         | no, and said so | yes              |
| well-known passwords         | accepted   | accepted        | refused          |
| mail                         | in memory  | to the terminal | SMTP             |
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

from portal.environment import database, env

django_stubs_ext.monkeypatch()  # Django 5.2's forms and admins do not take a type in brackets yet
BASE_DIR = Path(__file__).resolve().parent.parent
MODE = env("STEADY_MODE", "production")
if MODE not in {"test", "demo", "production"}:
    raise ImproperlyConfigured("Set STEADY_MODE to test, demo or production; see .env.example.")
PRODUCTION = MODE == "production"
DEMO = MODE == "demo"

DEBUG = False
SECRET_KEY = env("SECRET_KEY")
SECRET_KEY_FALLBACKS = list(filter(None, env("SECRET_KEY_FALLBACKS", ",").split(",")))  # these still open
ALLOWED_HOSTS = env("ALLOWED_HOSTS", None if PRODUCTION else "localhost,127.0.0.1,testserver").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if PRODUCTION else []
# The web role serves; the owner migrates and is named only where that is done.
DATABASES = {"default": database(env("DATABASE_URL"), pooled=MODE != "test")}
if os.environ.get("OWNER_DATABASE_URL"):
    DATABASES["owner"] = database(env("OWNER_DATABASE_URL"), pooled=False)
if os.environ.get("WORKER_DATABASE_URL"):
    DATABASES["worker"] = database(env("WORKER_DATABASE_URL"), pooled=False)
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
    "django.contrib.sitemaps",
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
    "portal.headers.on_every_answer",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "portal.boundary.refuse_unreadable",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.languages.chosen",
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
                "tracker.banner.emergencies",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["portal.auth.RoleBackend"]
PASSWORD_HASHERS = ["portal.sign_in.passwords.BoundedArgon2"]
if MODE == "test":  # argon2 costs a tenth of a second a sign-in, and a test suite signs in often
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
RULES = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{RULES}.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("email", "name")}},
    {"NAME": f"{RULES}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{RULES}.CommonPasswordValidator"},
    {"NAME": "portal.sign_in.passwords.OwnWordsValidator"},
    {"NAME": "portal.sign_in.passwords.WellKnownPasswordValidator"},
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
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_FORMS = {"login": "portal.sign_in.entrance.LoginForm"}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300  # seconds
# Behind how many proxies of ours the caller's address is found; without it all callers count as one.
ALLAUTH_TRUSTED_PROXY_COUNT = int(env("ALLAUTH_TRUSTED_PROXY_COUNT", "1" if PRODUCTION else "0"))
SECOND_FACTOR_DEMANDED = env("SECOND_FACTOR_DEMANDED", "on" if PRODUCTION else "off") == "on"
MFA_ADAPTER = "portal.sign_in.factors.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Steady"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_FORMS = {
    "authenticate": "portal.sign_in.entrance.CodeForm",
    "reauthenticate": "portal.sign_in.entrance.CodeAgainForm",
    "login_webauthn": "portal.sign_in.entrance.PasskeyForm",
    "authenticate_webauthn": "portal.sign_in.entrance.PasskeyStepForm",
    "reauthenticate_webauthn": "portal.sign_in.entrance.PasskeyAgainForm",
    "add_webauthn": "portal.sign_in.entrance.NewPasskeyForm",
}
# A hospital's own sign-in (portal/sign_in/hospital.py); without an issuer there is none.
OIDC_ISSUER = env("OIDC_ISSUER", "").rstrip("/")
if PRODUCTION and OIDC_ISSUER and not OIDC_ISSUER.startswith("https://"):
    raise ImproperlyConfigured("OIDC_ISSUER must begin with https://; see .env.example.")
HOSPITALS: list[dict[str, Any]] = []
if OIDC_ISSUER:
    HOSPITALS.append(
        {
            "provider_id": "hospital",
            "name": env("OIDC_NAME", "your hospital"),
            "client_id": env("OIDC_CLIENT_ID"),
            "secret": env("OIDC_CLIENT_SECRET"),
            "settings": {"server_url": OIDC_ISSUER},
        }
    )
SOCIALACCOUNT_ADAPTER = "portal.sign_in.hospital.HospitalAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True  # who comes again is known by the hospital's number
SOCIALACCOUNT_STORE_TOKENS = False
# portal/sign_in/sessions.py ends sessions by role; these two say how long a cookie lies on a device.
SESSION_ENGINE = "portal.sign_in.sessions"
SESSION_SERIALIZER = "portal.secrecy.SealedSerializer"
SESSION_COOKIE_AGE, SESSION_EXPIRE_AT_BROWSER_CLOSE = 14 * 24 * 3600, True
COOKIE_PREFIX = "__Host-" if PRODUCTION else ""  # browsers take the prefix over TLS only
BROWSER_COOKIE_NAME = f"{COOKIE_PREFIX}browser"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}language"
# Rate limits are only true when every process counts in the same place, and none is dropped: at 300
# entries, Django's default, made-up addresses would push the count of a real one out.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# Requests write mail into the job queue (portal/post.py); the worker sends it on.
POST_BACKEND = {
    "test": "django.core.mail.backends.locmem.EmailBackend",
    "demo": "django.core.mail.backends.console.EmailBackend",
    "production": "django.core.mail.backends.smtp.EmailBackend",
}[MODE]
EMAIL_BACKEND = POST_BACKEND if MODE == "test" else "portal.post.Queue"
EMAIL_TIMEOUT = 20  # seconds; without it a silent server would hold the worker for ever
PROCRASTINATE_IMPORT_PATHS = ["portal.post"]
# Lists that an operator keeps: works that were retracted, links that led nowhere. See `conditions.watch`.
RETRACTED_FILE, DEAD_LINKS_FILE = env("RETRACTED_FILE", ""), env("DEAD_LINKS_FILE", "")
EMAIL_HOST, EMAIL_PORT = env("EMAIL_HOST", "localhost"), int(env("EMAIL_PORT", "25"))
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = env("EMAIL_USER", ""), env("EMAIL_PASSWORD", "")
EMAIL_USE_TLS = bool(EMAIL_HOST_USER)  # STARTTLS: no password goes out in the clear
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", "steady@localhost")
TRAIL_HEAD_TO = os.environ.get("TRAIL_HEAD_TO", "")

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English"), ("de", "Deutsch")]
LOCALE_PATHS = [BASE_DIR / ".locale"]  # made of locale/; see portal/catalogues.py
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / (".static-test" if MODE == "test" else ".static")
STATICFILES_DIRS = [("bootstrap/css", Path(bootstrap_wrapper.__file__).parent.parent / "bootstrap" / "css")]
if MODE != "test":  # hashed names need `collectstatic` first, which a test run does not need
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = MODE == "test"  # else each client lists all files
WHITENOISE_ALLOW_ALL_ORIGINS = False

# What one request may bring. Nothing takes a file, so none is accepted anywhere.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # a note a hundred times too long is still given back
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000  # a condition's names, or its pieces to translate, are 240 by now
DATA_UPLOAD_MAX_NUMBER_FILES = 0

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
        # A form that is answered by a redirect to the hospital needs its origin here.
        "form-action": [SELF, *(["/".join(OIDC_ISSUER.split("/")[:3])] if OIDC_ISSUER else [])],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "report-uri": "/csp-report/",
        "report-to": "csp",
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
CSRF_COOKIE_HTTPONLY = True  # scripts are given the token by the page
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # not in a cookie of its own
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = PRODUCTION
if PRODUCTION:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_REDIRECT_EXEMPT = [r"^health/"]  # asked from inside the network, before the proxy
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "portal.logs.ReadableLines" if DEMO else "portal.logs.JsonLines"},
    },
    "handlers": {"console": {"class": "portal.logs.Console", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "portal.request": {"level": "INFO" if MODE != "test" else "WARNING"},
        # Libraries that bring a handler of their own, such as Django's mail to administrators.
        **{name: {"handlers": [], "propagate": True} for name in ("django", "django.server", "_granian")},
        "django.request": {"level": "ERROR"},  # a refusal has its line already, with its route
    },
}
