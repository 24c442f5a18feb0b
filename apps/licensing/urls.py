"""Contracts and savings of a tenant."""

from django.urls import include, path

app_name = "licensing"
urlpatterns = [
    path("", include("apps.licensing.imports.urls")),
    path("", include("apps.licensing.dashboards.urls")),
    path("", include("apps.licensing.contracts.urls")),
    path("", include("apps.licensing.programme.urls")),
    path("contracts/", views.contract_list, name="contract_list"),
    path("contracts/new/", views.contract_create, name="contract_create"),
    path("contracts/<uuid:contract_id>/", views.contract_detail, name="contract_detail"),
    path("contracts/<uuid:contract_id>/edit/", views.contract_update, name="contract_update"),
    path("contracts/<uuid:contract_id>/lines/new/", views.line_create, name="line_create"),
    path("contracts/<uuid:contract_id>/lines/<uuid:line_id>/edit/", views.line_update, name="line_update"),
    path("contracts/<uuid:contract_id>/lines/<uuid:line_id>/remove/", views.line_remove, name="line_remove"),
]
