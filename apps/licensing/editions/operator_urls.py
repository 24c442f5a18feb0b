"""The editions, in the operator's area."""

from django.urls import path

from apps.licensing.editions import operator_views as views

app_name = "editions"
urlpatterns = [
    path("editions/", views.edition_list, name="edition_list"),
    path("editions/new/<str:month>/", views.edition_create, name="edition_create"),
    path("editions/<int:number>/", views.edition_detail, name="edition_detail"),
    path("editions/<int:number>/edition.<slug:edition_format>", views.edition_file, name="edition_file"),
]
