"""The WSGI entry point that granian serves; an unsafe database stops it here."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django_application = get_wsgi_application()

from portal.boundary import with_readable_type  # noqa: E402 - models exist only once Django is set up
from portal.startup import refuse_unsafe  # noqa: E402 - as above

application = with_readable_type(django_application)

refuse_unsafe()
