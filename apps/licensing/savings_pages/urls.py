"""Savings of a ministry."""

from django.urls import path

from apps.licensing.savings_pages import cost_views, views

urlpatterns = [
    path("savings/", views.savings, name="savings"),
    path("savings/tables/<slug:table>.<slug:table_format>", views.savings_table, name="savings_table"),
    path("savings/net/", views.savings_net, name="savings_net"),
    path("savings/net/net.<slug:table_format>", views.savings_net_table, name="savings_net_table"),
    path("savings/costs/", cost_views.cost_list, name="one_off_cost_list"),
    path("savings/costs/new/", cost_views.cost_create, name="one_off_cost_create"),
    path("savings/costs/<uuid:cost_id>/", cost_views.cost_update, name="one_off_cost_update"),
    path("savings/costs/<uuid:cost_id>/remove/", cost_views.cost_remove, name="one_off_cost_remove"),
    path("savings/<str:month>/", views.savings_month, name="savings_month"),
    path("savings/<uuid:contract_id>/<uuid:line_id>/<str:month>/", views.savings_line_month, name="savings_line_month"),
]
