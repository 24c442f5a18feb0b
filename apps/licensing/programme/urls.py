"""The programme of a ministry's migration."""

from django.urls import path

from apps.licensing.programme import views, wave_views

urlpatterns = [
    path("programme/", views.programme, name="programme"),
    path("programme/headcounts/new/", views.headcount_set, name="headcount_set"),
    path("programme/targets/new/", views.target_create, name="target_create"),
    path("programme/targets/<uuid:target_id>/remove/", views.target_remove, name="target_remove"),
    path("programme/exemptions/new/", views.exemption_create, name="exemption_create"),
    path("programme/exemptions/<uuid:exemption_id>/prolong/", views.exemption_prolong, name="exemption_prolong"),
    path("programme/exemptions/<uuid:exemption_id>/end/", views.exemption_end, name="exemption_end"),
    path("programme/waves/new/", wave_views.wave_create, name="wave_create"),
    path("programme/waves/<uuid:wave_id>/", wave_views.wave_detail, name="wave_detail"),
    path("programme/waves/<uuid:wave_id>/edit/", wave_views.wave_update, name="wave_update"),
    path("programme/waves/<uuid:wave_id>/remove/", wave_views.wave_remove, name="wave_remove"),
    path("programme/waves/<uuid:wave_id>/units/new/", wave_views.wave_place, name="wave_place"),
    path("programme/waves/<uuid:wave_id>/units/<uuid:place_id>/remove/", wave_views.place_remove, name="place_remove"),
    path("programme/waves/<uuid:wave_id>/items/new/", wave_views.item_create, name="item_create"),
    path("programme/waves/<uuid:wave_id>/items/<uuid:item_id>/", wave_views.item_tick, name="item_tick"),
    path("programme/waves/<uuid:wave_id>/milestones/new/", wave_views.milestone_create, name="milestone_create"),
    path(
        "programme/waves/<uuid:wave_id>/milestones/<uuid:milestone_id>/",
        wave_views.milestone_reach,
        name="milestone_reach",
    ),
]
