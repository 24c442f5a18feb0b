"""The ministry's dashboard."""

from django.urls import path

from apps.licensing.dashboards import views

urlpatterns = [
    path("dashboard/", views.dashboard, name="dashboard"),
    path("dashboard/report.pdf", views.dashboard_report, name="dashboard_report"),
    path("dashboard/<slug:table>.<slug:table_format>", views.dashboard_table, name="dashboard_table"),
]
