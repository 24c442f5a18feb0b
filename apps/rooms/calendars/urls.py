"""Calendars of people and rooms."""

from django.urls import path

from apps.rooms.calendars import views

urlpatterns = [
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/rooms/", views.planning, name="planning"),
    path("calendar/free/", views.free_times, name="free_times"),
    path("calendar/external/", views.external_calendar, name="external_calendar"),
    path("calendar/external/forget/", views.external_calendar_forget, name="external_calendar_forget"),
]
