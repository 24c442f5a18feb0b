"""A ministry's closed months and the editions."""

from django.urls import path

from apps.licensing.editions import views

urlpatterns = [
    path("months/", views.month_list, name="month_list"),
    path("months/<str:month>/", views.month_detail, name="month_detail"),
]
