"""Rooms and meetings of a tenant: one namespace, the addresses of each part beside its views."""

from django.urls import include, path

app_name = "rooms"
urlpatterns = [
    path("meetings/", include("apps.rooms.meetings.urls")),
    path("", include("apps.rooms.places.urls")),
    path("", include("apps.rooms.conferences.urls")),
    path("", include("apps.rooms.planning.urls")),
    path("", include("apps.rooms.calendars.urls")),
    path("", include("apps.rooms.invitations.urls")),
]
