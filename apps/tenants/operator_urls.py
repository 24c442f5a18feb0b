"""The operator's area, apart from the tenants."""

from django.urls import path

from apps.tenants import operator_views

app_name = "operator"
urlpatterns = [path("routes/new/", operator_views.route_create, name="route_create")]
