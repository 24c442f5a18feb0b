"""The catalogue, in the operator's area."""

from django.urls import path

from apps.licensing.catalogue import run_costs, views
from apps.licensing.imports.dictionary_views import sku_list

app_name = "catalogue"
urlpatterns = [
    path("products/", views.product_list, name="product_list"),
    path("products/new/", views.product_create, name="product_create"),
    path("products/<uuid:product_id>/", views.product_detail, name="product_detail"),
    path("products/<uuid:product_id>/prices/new/", views.price_create, name="price_create"),
    path("licences/", sku_list, name="sku_list"),
    path("run-costs/", run_costs.run_cost_list, name="run_cost_list"),
    path("run-costs/new/", run_costs.run_cost_create, name="run_cost_create"),
    path("exchange-rates/", views.rate_list, name="rate_list"),
    path("exchange-rates/new/", views.rate_create, name="rate_create"),
]
