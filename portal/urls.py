"""The composition root: every address, the apps named by string."""

from django.contrib import admin
from django.urls import include, path

from portal import policy_reports, trail_views, views
from portal.sign_in import hospital

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("conditions.urls")),
    path("", include("tracker.urls")),
    path("trail/", trail_views.trail, name="trail"),
    path("trail/export.csv", trail_views.download, name="trail-export"),
    path("trail/people/", trail_views.people, name="trail-people"),
    path("accounts/sessions/", views.own_sessions, name="usersessions_list"),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/oidc/<str:provider_id>/login/", hospital.enter, name="openid_connect_login"),
    path("accounts/oidc/<str:provider_id>/login/callback/", hospital.arrive, name="openid_connect_callback"),
    path("admin/", admin.site.urls),
    path("health/live", views.health_live, name="health-live"),
    path("health/ready", views.health_ready, name="health-ready"),
    path("health/alerts", views.health_alerts, name="health-alerts"),
    path("csp-report/", policy_reports.receive, name="csp-report"),
    path("favicon.ico", views.favicon, name="favicon"),
]
