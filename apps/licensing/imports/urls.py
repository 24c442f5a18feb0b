"""Imports of a tenant, below ``/t/<tenant>/``."""

from django.urls import path

from apps.licensing.imports import views

urlpatterns = [
    path("usage/", views.usage_list, name="usage_list"),
    path("usage/new/", views.usage_create, name="usage_create"),
    path("usage/<uuid:usage_import_id>/", views.usage_detail, name="usage_detail"),
    path("usage/<uuid:usage_import_id>/columns/", views.usage_columns, name="usage_columns"),
    path("usage/<uuid:usage_import_id>/answer/", views.usage_answer, name="usage_answer"),
    path("usage/<uuid:usage_import_id>/confirm/", views.usage_confirm, name="usage_confirm"),
    path("usage/<uuid:usage_import_id>/undo/", views.usage_undo, name="usage_undo"),
    path("usage/<uuid:usage_import_id>/remove/", views.usage_remove, name="usage_remove"),
    path("usage/<uuid:usage_import_id>/problems.csv", views.usage_problems, name="usage_problems"),
]
