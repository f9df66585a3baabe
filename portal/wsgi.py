"""The WSGI entry point that granian serves; an unsafe database stops it here."""

import os

from django.core.wsgi import get_wsgi_application

from portal.boundary import Application, with_readable_type


def safe_application() -> Application:
    """Errors: ImproperlyConfigured for an unsafe database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    application = get_wsgi_application()
    from portal.startup import refuse_unsafe  # models exist only once Django is set up

    refuse_unsafe()
    return with_readable_type(application)


application = safe_application()
