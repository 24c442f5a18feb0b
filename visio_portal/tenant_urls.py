"""Every address below ``/t/<tenant>/``."""

from django.urls import include, path

from visio_portal import home

urlpatterns = [
    path("", home.tenant_home, name="tenant_home"),
    path("home/transcribing/", home.transcribing, name="home_transcribing"),
    path("", include("apps.tenants.urls")),
    path("", include("apps.files.tenant_urls")),
    path("", include("apps.rooms.urls")),
    path("", include("apps.transcripts.urls")),
    path("", include("apps.licensing.urls")),
]
