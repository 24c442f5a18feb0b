"""Scenarios of a ministry, and the need that its waves plan."""

from django.urls import path

from apps.licensing.scenarios import views

urlpatterns = [
    path("savings/scenarios/", views.scenario_list, name="scenario_list"),
    path("savings/scenarios/tables/<slug:table>.<slug:table_format>", views.scenario_table, name="scenario_table"),
    path("savings/scenarios/new/", views.scenario_create, name="scenario_create"),
    path("savings/scenarios/<uuid:scenario_id>/", views.scenario_update, name="scenario_update"),
    path("savings/scenarios/<uuid:scenario_id>/copy/", views.scenario_duplicate, name="scenario_duplicate"),
    path("savings/scenarios/<uuid:scenario_id>/remove/", views.scenario_remove, name="scenario_remove"),
    path("savings/need/", views.planned_need, name="planned_need"),
    path("savings/need/tables/<slug:table>.<slug:table_format>", views.planned_need_table, name="planned_need_table"),
]
