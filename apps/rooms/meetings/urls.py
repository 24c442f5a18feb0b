"""Meetings of a tenant."""

from django.urls import path

from apps.rooms.meetings import views

urlpatterns = [
    path("", views.meeting_list, name="meeting_list"),
    path("new/", views.meeting_create, name="meeting_create"),
    path("people/", views.people_recognise, name="people_recognise"),
    path("<uuid:meeting_id>/", views.meeting_detail, name="meeting_detail"),
    path("<uuid:meeting_id>/edit/", views.meeting_edit, name="meeting_edit"),
    path("<uuid:meeting_id>/cancel/", views.meeting_cancel, name="meeting_cancel"),
    path("<uuid:meeting_id>/restore/", views.meeting_restore, name="meeting_restore"),
]
