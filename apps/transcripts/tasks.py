"""Work of the portal's Celery workers for transcription: tending jobs, ingesting results."""

from uuid import UUID

from celery import shared_task
from django.db import OperationalError

from apps.files.objects import StoreUnavailable
from apps.tenants.models import Tenant
from apps.transcripts import ingest, jobs
from apps.transcripts.models.service import FETCH_MAX_MINUTES
from apps.transcripts.service import callbacks, fetches
from apps.transcripts.service import operations as service

FAN_OUT_LIMIT_S = 15
TEND_LIMIT_S = 60
INGEST_LIMIT_S = 10 * 60
INGEST_RETRIES = 3
INGEST_RETRY_AFTER_S = 10
TEND_EVERY_S = 15
FETCH_LIMIT_S = (FETCH_MAX_MINUTES + 10) * 60
CALLBACK_LIMIT_S = 60


@shared_task(name="transcripts.dispatch_waiting", time_limit=FAN_OUT_LIMIT_S)
def dispatch_waiting() -> None:
    """Tend the jobs of every tenant, one task each; a task that comes too late is of no use."""
    for tenant_id in Tenant.objects.ministries().values_list("id", flat=True):
        tend_tenant_jobs.apply_async(kwargs={"tenant_id": str(tenant_id)}, expires=TEND_EVERY_S)


@shared_task(name="transcripts.tend_tenant_jobs", time_limit=TEND_LIMIT_S)
def tend_tenant_jobs(*, tenant_id: str) -> None:
    jobs.tend_jobs(tenant_id=UUID(tenant_id))
    service.tend_service(tenant_id=UUID(tenant_id))


@shared_task(
    name=jobs.INGEST_TASK,
    time_limit=INGEST_LIMIT_S,
    autoretry_for=(StoreUnavailable, OperationalError),
    max_retries=INGEST_RETRIES,
    default_retry_delay=INGEST_RETRY_AFTER_S,
)
def ingest_result(*, tenant_id: str, job_id: str) -> None:
    ingest.ingest_result(tenant_id=UUID(tenant_id), job_id=UUID(job_id))


@shared_task(name=service.FETCH_TASK, time_limit=FETCH_LIMIT_S)
def fetch_ordered(*, tenant_id: str, job_id: str) -> None:
    """Fetch a recording that Visio ordered; the rows say when it is tried again."""
    fetches.fetch_recording(tenant_id=UUID(tenant_id), job_id=UUID(job_id))


@shared_task(name=service.CALLBACK_TASK, time_limit=CALLBACK_LIMIT_S)
def call_back(*, tenant_id: str, job_id: str) -> None:
    """Tell Visio how a job ended; the rows say when it is tried again."""
    callbacks.call_back(tenant_id=UUID(tenant_id), job_id=UUID(job_id))
