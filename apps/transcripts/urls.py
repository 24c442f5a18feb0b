"""Recordings and transcripts of a tenant."""

from django.urls import path

from apps.transcripts import recording_views, views
from apps.transcripts.service import views as service_views

app_name = "transcripts"
urlpatterns = [
    path("meetings/<uuid:meeting_id>/recordings/new/", recording_views.recording_create, name="recording_create"),
    path("recordings/<uuid:recording_id>/", recording_views.recording_detail, name="recording_detail"),
    path("recordings/<uuid:recording_id>/progress/", recording_views.recording_progress, name="recording_progress"),
    path(
        "recordings/<uuid:recording_id>/tracks/<int:number>/", recording_views.recording_sound, name="recording_sound"
    ),
    path("recordings/<uuid:recording_id>/cancel/", recording_views.transcription_cancel, name="transcription_cancel"),
    path("recordings/<uuid:recording_id>/retry/", recording_views.transcription_retry, name="transcription_retry"),
    path("transcripts/", views.transcript_list, name="transcript_list"),
    path("transcripts/<uuid:transcript_id>/", views.transcript_detail, name="transcript_detail"),
    path("transcripts/<uuid:transcript_id>/lines/", views.transcript_lines, name="transcript_lines"),
    path("transcripts/<uuid:transcript_id>/names/", views.transcript_names, name="transcript_names"),
    path("transcripts/<uuid:transcript_id>/speakers/<uuid:speaker_id>/", views.speaker_rename, name="speaker_rename"),
    path(
        "transcripts/<uuid:transcript_id>/export/<slug:export_format>/",
        views.transcript_export,
        name="transcript_export",
    ),
    path("transcription-service/", service_views.service_detail, name="service_detail"),
    path("transcription-service/edit/", service_views.service_edit, name="service_edit"),
    path("transcription-service/keys/new/", service_views.service_key, name="service_key"),
]
