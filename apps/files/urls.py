"""Signed links to stored objects."""

from django.urls import path

from apps.files import object_views

app_name = "files"
urlpatterns = [path("<str:token>", object_views.stored_object, name="object")]
