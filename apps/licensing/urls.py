"""Contracts and savings of a tenant."""

from django.urls import include, path

app_name = "licensing"
urlpatterns = [
    path("", include("apps.licensing.imports.urls")),
    path("", include("apps.licensing.dashboards.urls")),
    path("", include("apps.licensing.contracts.urls")),
    path("", include("apps.licensing.programme.urls")),
    path("", include("apps.licensing.people.urls")),
    path("", include("apps.licensing.scenarios.urls")),
    path("", include("apps.licensing.savings_pages.urls")),
    path("", include("apps.licensing.editions.urls")),
]
