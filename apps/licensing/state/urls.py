"""The dashboard of the State, in the operator's area."""

from django.urls import path

from apps.licensing.state import views

app_name = "state"
urlpatterns = [
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/<slug:table>.<slug:table_format>", views.dashboard_table, name="dashboard_table"),
    path("ministries/<slug:ministry>/", views.ministry, name="ministry"),
    path("ministries/<slug:ministry>/<slug:table>.<slug:table_format>", views.ministry_table, name="ministry_table"),
]
