"""Contract v2 of the transcription service; Visio calls with and without the last slash."""

from django.urls import path, re_path

from apps.transcripts.service import api

app_name = "service"
UUID = r"(?P<job_id>[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
urlpatterns = [
    re_path(r"^async-jobs/transcribe/?$", api.job_create, name="job_create"),
    re_path(rf"^async-jobs/transcribe/{UUID}/?$", api.job_detail, name="job_detail"),
    path("transcripts/<str:token>", api.transcript, name="transcript"),
]
