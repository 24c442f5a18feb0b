"""Recordings and transcripts of a tenant."""

from django.urls import URLPattern, URLResolver

app_name = "transcripts"
urlpatterns: list[URLPattern | URLResolver] = []
