"""Recordings and transcripts of a tenant."""

from django.urls import path

from apps.transcripts import views

app_name = "transcripts"
urlpatterns = [
    path("transcripts/", views.transcript_list, name="transcript_list"),
]
