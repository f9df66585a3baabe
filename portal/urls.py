"""The composition root: every address, the apps named by string."""

from django.contrib import admin
from django.urls import include, path

from portal import views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("conditions.urls")),
    path("", include("tracker.urls")),
    path("trail/", views.trail, name="trail"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("health/live", views.health_live, name="health-live"),
    path("health/ready", views.health_ready, name="health-ready"),
    path("health/alerts", views.health_alerts, name="health-alerts"),
    path("favicon.ico", views.favicon, name="favicon"),
]
