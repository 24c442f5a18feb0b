"""The catalogue, in the operator's area."""

from django.urls import path

from apps.licensing import catalogue_views

app_name = "catalogue"
urlpatterns = [
    path("products/", catalogue_views.product_list, name="product_list"),
    path("products/new/", catalogue_views.product_create, name="product_create"),
    path("products/<uuid:product_id>/", catalogue_views.product_detail, name="product_detail"),
    path("products/<uuid:product_id>/prices/new/", catalogue_views.price_create, name="price_create"),
]
