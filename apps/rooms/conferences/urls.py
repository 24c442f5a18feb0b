"""Conferences of a tenant: their state, who was there, the way in, and the connection to Visio."""

from django.urls import path

from apps.rooms.conferences import connection_views, public_views, views

urlpatterns = [
    path("meetings/<uuid:meeting_id>/conference/", views.conference_state, name="conference_state"),
    path("meetings/<uuid:meeting_id>/conference/retry/", views.conference_retry, name="conference_retry"),
    path("occurrences/<uuid:occurrence_id>/attendance/", views.attendance, name="attendance"),
    path(
        "occurrences/<uuid:occurrence_id>/attendance/sheet.<slug:sheet_format>",
        views.attendance_sheet,
        name="attendance_sheet",
    ),
    path("join/<slug:code>/", public_views.join, name="join"),
    path("visio/", connection_views.connection_edit, name="visio_connection"),
    path("visio/check/", connection_views.connection_check, name="visio_check"),
    path("visio/webhook/", public_views.webhook, name="visio_webhook"),
]
