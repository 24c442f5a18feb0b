"""A ministry's closed months and the editions."""

from django.urls import path

from apps.licensing.editions import views

urlpatterns = [
    path("months/", views.month_list, name="month_list"),
    path("months/<str:month>/", views.month_detail, name="month_detail"),
    path("editions/", views.edition_list, name="edition_list"),
    path("editions/<int:number>/", views.edition_detail, name="edition_detail"),
    path("editions/<int:number>/edition.<slug:edition_format>", views.edition_file, name="edition_file"),
]
