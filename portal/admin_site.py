"""The admin site, entered by right."""

from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.decorators import method_decorator

from portal.logs import OURS


class PortalAdminSite(AdminSite):
    """Django's admin for editors, reviewers and administrators; diaries are not in it."""

    site_header = site_title = "Steady"
    index_title = "Condition information and people"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take the admins written here and no library's: no right opens those, so they have no addresses."""
        if admin_class and admin_class.__module__.partition(".")[0] in OURS:
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether GRANTS lets this person in; what they see there is asked model by model."""
        return bool(request.user.is_active and request.user.has_perm("portal.enter_admin"))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Django would send a person without the right to sign in again; they get 403."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def answered(request: HttpRequest, *arguments: Any, **named: Any) -> Any:
            if request.user.is_authenticated and not self.has_permission(request):
                raise PermissionDenied
            return guarded(request, *arguments, **named)

        return answered

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: object = None) -> HttpResponse:
        """One door for everyone: the portal's own sign-in."""
        if request.user.is_authenticated:
            return HttpResponseRedirect(resolve_url("home"))
        return redirect_to_login(request.GET.get("next", "/admin/"))
