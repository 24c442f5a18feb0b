"""The addresses that a worker uses for one job."""

from django.conf import settings
from django.urls import reverse

from apps.files.links import object_read_link, object_write_link, result_part_links
from apps.files.models import Upload
from apps.transcripts.models import TranscriptionJob
from media_worker.contract import PART_BYTES, Links

RESULT_PARTS = 16  # 128 MiB: days of speech


def job_address(job: TranscriptionJob, step: str) -> str:
    """Return the address of claim, progress, complete or fail, as workers reach it."""
    path = reverse(f"worker:{step}", kwargs={"tenant_slug": job.tenant.slug, "job_id": job.id})
    return f"{settings.PORTAL_INTERNAL_URL}{path}"


def run_links(job: TranscriptionJob, upload: Upload, *, has_partial: bool) -> Links:
    """Return fresh signed addresses for the current run of a job."""
    return Links(
        progress=job_address(job, "progress"),
        complete=job_address(job, "complete"),
        fail=job_address(job, "fail"),
        partial_get=object_read_link(job.partial_key) if has_partial else None,
        partial_put=object_write_link(job.partial_key, max_bytes=PART_BYTES),
        result_parts=result_part_links(upload, RESULT_PARTS),
    )


def closed_links(job: TranscriptionJob) -> Links:
    """Return addresses for a run that is over: none of them takes anything."""
    progress = job_address(job, "progress")
    return Links(
        progress=progress,
        complete=job_address(job, "complete"),
        fail=job_address(job, "fail"),
        partial_get=None,
        partial_put=progress,  # the contract wants an address; this one answers a PUT with 405
        result_parts=(),
    )
