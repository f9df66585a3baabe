"""The project's own app, and the admin app with our site in it."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    """People who sign in, what they may do, and the trail."""

    name = "portal"


class PortalAdminConfig(AdminConfig):
    """Django's admin, opened by a right instead of a flag on the user."""

    default_site = "portal.admin_site.PortalAdminSite"
