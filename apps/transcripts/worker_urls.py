"""What a media worker calls."""

from django.urls import path

from apps.transcripts import worker_api

app_name = "worker"
urlpatterns = [
    path("<slug:tenant_slug>/jobs/<uuid:job_id>/claim", worker_api.claim, name="claim"),
    path("<slug:tenant_slug>/jobs/<uuid:job_id>/progress", worker_api.progress, name="progress"),
    path("<slug:tenant_slug>/jobs/<uuid:job_id>/complete", worker_api.complete, name="complete"),
    path("<slug:tenant_slug>/jobs/<uuid:job_id>/fail", worker_api.fail, name="fail"),
]
