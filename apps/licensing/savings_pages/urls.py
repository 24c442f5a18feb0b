"""Savings of a ministry."""

from django.urls import path

from apps.licensing.savings_pages import views

urlpatterns = [
    path("savings/", views.savings, name="savings"),
    path("savings/tables/<slug:table>.<slug:table_format>", views.savings_table, name="savings_table"),
    path("savings/<str:month>/", views.savings_month, name="savings_month"),
    path("savings/<uuid:contract_id>/<uuid:line_id>/<str:month>/", views.savings_line_month, name="savings_line_month"),
]
