"""Contracts of a tenant, and notices."""

from django.urls import path

from apps.licensing.contracts import evidence_views, views

urlpatterns = [
    path("contracts/", views.contract_list, name="contract_list"),
    path("contracts/new/", views.contract_create, name="contract_create"),
    path("contracts/<uuid:contract_id>/", views.contract_detail, name="contract_detail"),
    path("contracts/<uuid:contract_id>/edit/", views.contract_update, name="contract_update"),
    path("contracts/<uuid:contract_id>/lines/new/", views.line_create, name="line_create"),
    path("contracts/<uuid:contract_id>/lines/<uuid:line_id>/edit/", views.line_update, name="line_update"),
    path("contracts/<uuid:contract_id>/lines/<uuid:line_id>/remove/", views.line_remove, name="line_remove"),
    path("contracts/<uuid:contract_id>/documents/new/", evidence_views.document_create, name="document_create"),
    path("contracts/<uuid:contract_id>/documents/<uuid:document_id>/", evidence_views.document, name="document"),
    path("contracts/<uuid:contract_id>/amendments/new/", evidence_views.amendment_create, name="amendment_create"),
    path(
        "contracts/<uuid:contract_id>/amendments/<uuid:amendment_id>/remove/",
        evidence_views.amendment_remove,
        name="amendment_remove",
    ),
    path(
        "contracts/<uuid:contract_id>/amendments/<uuid:amendment_id>/proof/",
        evidence_views.amendment_proof,
        name="amendment_proof",
    ),
]
