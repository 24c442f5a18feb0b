"""Uploads in parts, below ``/t/<tenant>/``."""

from django.urls import path

from apps.files import views

app_name = "uploads"
urlpatterns = [
    path("uploads/", views.create_upload, name="create"),
    path("uploads/<uuid:upload_id>/", views.upload_state, name="state"),
    path("uploads/<uuid:upload_id>/parts/<int:number>", views.upload_part, name="part"),
    path("uploads/<uuid:upload_id>/complete", views.upload_complete, name="complete"),
]
