"""The project's own app, and the admin app with our site in it."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig

from portal import catalogues


class PortalConfig(AppConfig):
    """People who sign in, what they may do, and the trail."""

    name = "portal"

    def ready(self) -> None:
        """Compile what was translated since the last start."""
        catalogues.compile_changed()


class PortalAdminConfig(AdminConfig):
    """Django's admin, opened by a right instead of a flag on the user."""

    default_site = "portal.admin_site.PortalAdminSite"
