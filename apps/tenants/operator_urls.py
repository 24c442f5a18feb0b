"""The operator's area, apart from the tenants."""

from django.urls import URLPattern, URLResolver

app_name = "operator"
urlpatterns: list[URLPattern | URLResolver] = []
