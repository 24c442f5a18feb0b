"""REST, version 1: a ministry's token chooses the tenant."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
