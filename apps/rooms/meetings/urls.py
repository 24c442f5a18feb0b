"""Meetings of a tenant."""

from django.urls import path

from apps.rooms.meetings import form_views, occurrence_views, views

urlpatterns = [
    path("", views.meeting_list, name="meeting_list"),
    path("new/", form_views.meeting_create, name="meeting_create"),
    path("now/", views.meeting_now, name="meeting_now"),
    path("<uuid:meeting_id>/", views.meeting_detail, name="meeting_detail"),
    path("<uuid:meeting_id>/edit/", form_views.meeting_edit, name="meeting_edit"),
    path("<uuid:meeting_id>/cancel/", occurrence_views.meeting_cancel, name="meeting_cancel"),
    path("<uuid:meeting_id>/restore/", occurrence_views.meeting_restore, name="meeting_restore"),
    path("<uuid:meeting_id>/dates/", views.meeting_dates, name="meeting_dates"),
    path("<uuid:meeting_id>/dates/<uuid:occurrence_id>/", occurrence_views.occurrence_detail, name="occurrence_detail"),
    path(
        "<uuid:meeting_id>/dates/<uuid:occurrence_id>/edit/", occurrence_views.occurrence_edit, name="occurrence_edit"
    ),
    path(
        "<uuid:meeting_id>/dates/<uuid:occurrence_id>/cancel/",
        occurrence_views.occurrence_cancel,
        name="occurrence_cancel",
    ),
    path(
        "<uuid:meeting_id>/dates/<uuid:occurrence_id>/restore/",
        occurrence_views.occurrence_restore,
        name="occurrence_restore",
    ),
]
