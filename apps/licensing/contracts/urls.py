"""Contracts of a tenant, and notices."""

from django.urls import path

from apps.licensing.contracts import evidence_views, notice_feed_views, notice_views, spreadsheet_views, views

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
    path("notices/", notice_views.notice_list, name="notice_list"),
    path("contracts/<uuid:contract_id>/notices/<str:day>/", notice_views.notice_detail, name="notice_detail"),
    path("contracts/<uuid:contract_id>/notices/<str:day>/letter/", notice_views.notice_follow, name="notice_follow"),
    path("contracts/<uuid:contract_id>/notices/<str:day>/receipt/", notice_views.notice_receipt, name="notice_receipt"),
    path(
        "contracts/<uuid:contract_id>/notices/<str:day>/letter.<str:letter_format>",
        notice_views.notice_letter,
        name="notice_letter",
    ),
    path("notices/calendar/", notice_feed_views.notice_feed_list, name="notice_feed_list"),
    path(
        "notices/calendar/<uuid:notice_feed_id>/end/",
        notice_feed_views.notice_feed_revoke,
        name="notice_feed_revoke",
    ),
    path("notices/calendar/<str:token>.ics", notice_feed_views.notice_feed, name="notice_feed"),
    path("contracts/import/", spreadsheet_views.contract_import, name="contract_import"),
    path("contracts/import/template.csv", spreadsheet_views.contract_template, name="contract_template"),
    path("contracts/import/template.xlsx", spreadsheet_views.contract_workbook, name="contract_workbook"),
]
