"""Matching of accounts, reconciliation, and the lists that are worked off."""

from django.urls import path

from apps.licensing.people import list_views, reconciliation_views, views

urlpatterns = [
    path("accounts/", views.account_list, name="account_list"),
    path("accounts/same/", views.alias_list, name="alias_list"),
    path("accounts/same/confirm/", views.alias_confirm, name="alias_confirm"),
    path("accounts/same/<uuid:alias_id>/undo/", views.alias_undo, name="alias_undo"),
    path("accounts/departments/", views.department_list, name="department_list"),
    path("reconciliation/", reconciliation_views.reconciliation, name="reconciliation"),
    path("reconciliation/<slug:reason>/", list_views.reclaim_list, name="reclaim_list"),
    path("reconciliation/<slug:reason>/mark/", list_views.reclaim_mark, name="reclaim_mark"),
    path("reconciliation/<slug:reason>/seats.<slug:file_format>", list_views.reclaim_file, name="reclaim_file"),
]
