"""Tell Visio that a job is over, until it has heard it. Waits on a network."""

import json
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.tenants.journal import record
from apps.tenants.scoping import tenant_scope
from apps.transcripts.models import ServiceJob, TranscriptionService
from apps.transcripts.service.answers import answer_of
from apps.transcripts.service.operations import take_callback
from visio_portal.fetching import FetchError, post, reach_to

CALLBACK_S = 20.0
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 60, 180, 360, 720))  # a day and more in all


def call_back(*, tenant_id: UUID, job_id: UUID) -> bool:
    """Send the state of a job to the address that the ministry set, if that is due; return whether Visio took it."""
    with tenant_scope(tenant_id):
        service = TranscriptionService.objects.filter(tenant_id=tenant_id).first()
        job = ServiceJob.objects.filter(pk=job_id).first()
        if service is None or job is None or not job.is_over:
            return False
        pause = PAUSES[min(job.callback_attempts, len(PAUSES) - 1)]
        if not take_callback(job_id, next_at=timezone.now() + pause):
            return False
    fault = _send(service, job)
    with tenant_scope(tenant_id):
        _note(job, fault)
    return not fault


def _send(service: TranscriptionService, job: ServiceJob) -> str:
    """Post the state; return what went wrong, or nothing."""
    headers = {"Content-Type": "application/json"}
    if service.callback_key:
        headers["Authorization"] = f"Bearer {service.callback_key}"
    try:
        status = post(
            service.callback_url,
            json.dumps(answer_of(job)).encode(),
            headers=headers,
            within_s=CALLBACK_S,
            reach=reach_to(service.callback_url, settings.FETCH_NETWORKS),
        )
    except FetchError as error:
        return str(error)
    return "" if 200 <= status < 300 else _("The server answered with error %(status)s.") % {"status": status}


def _note(job: ServiceJob, fault: str) -> None:
    """Write down how a callback went; after the last pause no other is tried."""
    row = ServiceJob.objects.filter(pk=job.pk)
    if not fault:
        row.update(callback_at=None, callback_error="", called_back_at=timezone.now())
        record("service_job.called_back", tenant_id=job.tenant_id, actor_id=None, subject=job)
    elif job.callback_attempts + 1 > len(PAUSES):
        row.update(callback_at=None, callback_error=fault[:500])
        record("service_job.callback_given_up", tenant_id=job.tenant_id, actor_id=None, subject=job)
    else:
        row.update(callback_error=fault[:500])
