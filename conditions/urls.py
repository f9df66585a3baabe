"""The public addresses of condition information."""

from django.urls import path

from conditions import feedback_views, feeds, infobutton, shared_views, views

app_name = "conditions"
urlpatterns = [
    path("conditions/", views.list_conditions, name="list"),
    path("conditions/<slug:slug>/", views.detail, name="detail"),
    path("conditions/<slug:slug>/releases/<int:number>/", views.release, name="release"),
    path("conditions/<slug:slug>/releases/<int:number>/data.json", views.data, name="release-data"),
    path("conditions/<slug:slug>/releases/<int:number>/handout.pdf", views.handout, name="release-handout"),
    path("conditions/<slug:slug>/changes/", views.changes, name="changes"),
    path("conditions/<slug:slug>/changes.atom", feeds.changes, name="feed"),
    path("conditions/<slug:slug>/feedback/", feedback_views.send, name="feedback"),
    path("conditions/changes.atom", feeds.changes, name="feed-of-all"),
    path("conditions/<slug:slug>/data.json", views.data, name="data"),
    path("conditions/<slug:slug>/handout.pdf", views.handout, name="handout"),
    path("reviews/<str:secret>/", shared_views.shared_review, name="shared-review"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    path("robots.txt", feeds.robots, name="robots"),
    path("lookup/", infobutton.lookup, name="lookup"),
]
