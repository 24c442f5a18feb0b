"""A tenant's members, journal and tokens."""

from django.urls import URLPattern, URLResolver

app_name = "tenants"
urlpatterns: list[URLPattern | URLResolver] = []
