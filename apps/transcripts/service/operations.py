"""A ministry's Visio as a client: jobs are accepted, fetched, followed and called back.

Rows are the truth: a message to a worker is a hint, and ``tend_service`` does every 15 s what is due.
``fetch_recording`` and ``call_back`` wait on a network: they enter the tenant for each step by themselves.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record, record_by
from apps.tenants.models import ApiToken, Membership, Tenant
from apps.tenants.operations import make_token
from apps.tenants.scoping import tenant_scope
from apps.transcripts.models import ServiceJob, Transcript, TranscriptionJob, TranscriptionService
from apps.transcripts.service.answers import UNKNOWN, error_code_of
from apps.transcripts.service.orders import Order
from visio_portal.broker import send_on_commit
from visio_portal.fetching import Reach, check_address

Status = ServiceJob.Status

FETCH_TASK, CALLBACK_TASK = "transcripts.fetch_ordered", "transcripts.call_back"
MESSAGE_LIFETIME = timedelta(minutes=2)  # by then a newer message is out
FETCHED_AT_ONCE = 2  # downloads of one ministry: the others' turn comes too
FETCHES_MAX = 5
KEY_LIFETIME = timedelta(days=365)
CALLBACKS_SENT_AT_ONCE = 20


class NotServed(Exception):
    """The order is understood, but the portal may not or cannot take it; the text is for whoever runs Visio."""


def accept_order(*, tenant: Tenant, order: Order) -> ServiceJob:
    """Take a recording to transcribe; the same recording again gives the same job, unless that has failed.

    One that is done is called back once more. Raises NotServed for a person who is no member, AddressRefused.
    """
    service = TranscriptionService.objects.filter(tenant=tenant).first()
    if service is None:
        raise NotServed(_("An administrator has to set up the transcription service in the portal first."))
    member = _member_of(order)
    for address in filter(None, (order.source_url, order.metadata_url)):
        check_address(address, reach_of(service))
    try:
        with transaction.atomic():
            job = _create_job(tenant, member, order)
    except IntegrityError as error:
        known = ServiceJob.objects.exclude(status=Status.FAILED).filter(source_digest=order.source_digest).first()
        if known is None:
            raise Conflict(_("Try again.")) from error
        if known.status == Status.SUCCEEDED:
            ask_for_callback(known, service)
        return known
    record("service_job.accepted", tenant_id=tenant.id, actor_id=None, subject=job, data={"member": str(member.id)})
    release_fetches(tenant_id=tenant.id)
    return job


def reach_of(service: TranscriptionService) -> Reach:
    """Return the servers from which a ministry's recordings may be fetched; none unless they are named."""
    return Reach(hosts=tuple(service.hosts), networks=settings.FETCH_NETWORKS)


def release_fetches(*, tenant_id: UUID) -> int:
    """Send a few of the tenant's due downloads to the workers; return how many.

    A download that ended too often without a word (its process died) is not begun again.
    """
    rows = ServiceJob.objects.filter(tenant_id=tenant_id)
    for job in rows.due_for_fetching().filter(fetch_attempts__gte=FETCHES_MAX):
        reason = _("The download was broken off several times.")
        end_job(job, error_code=UNKNOWN, reason=reason, among=ServiceJob.UNFETCHED)
    free = FETCHED_AT_ONCE - rows.being_fetched().count()
    due = rows.due_for_fetching().order_by("created_at")[: max(0, free)]
    for job in due:
        _send(FETCH_TASK, job)
    return len(due)


def follow_transcriptions(*, tenant_id: UUID) -> int:
    """End the jobs whose transcript is there or will not come; return how many."""
    running = ServiceJob.objects.filter(tenant_id=tenant_id, status=Status.TRANSCRIBING)
    return sum(_follow(job) for job in running.select_related("recording"))


def end_job(job: ServiceJob, *, error_code: str = "", reason: str = "", among: tuple[Status, ...]) -> bool:
    """End a job, with one of the contract's codes where it failed, and have Visio told; False if it had ended."""
    status = Status.FAILED if error_code else Status.SUCCEEDED
    is_ours = ServiceJob.objects.filter(pk=job.pk, status__in=among).update(
        status=status,
        error_code=error_code,
        reason=reason[:500],
        source_url="",
        metadata_url="",
        fetch_at=None,
        finished_at=timezone.now(),
    )
    if is_ours:
        action = "service_job.failed" if error_code else "service_job.succeeded"
        data = {"code": error_code} if error_code else {}
        record(action, tenant_id=job.tenant_id, actor_id=None, subject=job, data=data)
        service = TranscriptionService.objects.filter(tenant_id=job.tenant_id).first()
        if service is not None:
            ask_for_callback(job, service)
    return bool(is_ours)


def ask_for_callback(job: ServiceJob, service: TranscriptionService) -> None:
    """Have Visio told the state of a job that is over; nothing where no address is set."""
    if service.callback_url:
        ServiceJob.objects.filter(pk=job.pk).update(callback_at=timezone.now(), callback_attempts=0, callback_error="")
        _send(CALLBACK_TASK, job)


def request_callbacks(*, tenant_id: UUID) -> int:
    """Send the tenant's due callbacks to the workers; return how many."""
    due = ServiceJob.objects.filter(tenant_id=tenant_id).due_for_callback().order_by("callback_at")
    jobs = list(due[:CALLBACKS_SENT_AT_ONCE])
    for job in jobs:
        _send(CALLBACK_TASK, job)
    return len(jobs)


def tend_service(*, tenant_id: UUID) -> None:
    """Do what is due for a tenant's orders. Enters the tenant for each step."""
    for step in (follow_transcriptions, release_fetches, request_callbacks):
        with tenant_scope(tenant_id):
            step(tenant_id=tenant_id)


def save_service(
    *,
    by: Membership,
    hosts: list[str],
    size_limit_mb: int,
    fetch_minutes: int,
    callback_url: str,
    callback_key: str,
) -> TranscriptionService:
    """Set up the service; an empty key keeps the one that is there, unless the address goes too."""
    with transaction.atomic():
        former = TranscriptionService.objects.select_for_update().filter(tenant_id=by.tenant_id).first()
        service = former or TranscriptionService(tenant_id=by.tenant_id)
        service.hosts, service.size_limit_mb, service.fetch_minutes = hosts, size_limit_mb, fetch_minutes
        service.callback_url = callback_url
        service.callback_key = "" if not callback_url else callback_key or service.callback_key
        service.save()
        record_by(by, "service.changed", service, hosts=hosts, callback=callback_url, has_new_key=bool(callback_key))
    return service


def make_service_key(*, by: Membership) -> tuple[ApiToken, str]:
    """Make the key that Visio shows; it can do nothing else. Return it with its secret, shown this once."""
    day = date_format(timezone.localdate(), "SHORT_DATE_FORMAT")
    return make_token(
        by=by,
        name=_("Visio, transcription, %(day)s") % {"day": day},
        scopes=[ApiToken.Scope.TRANSCRIPTION.value],
        expires_at=timezone.now() + KEY_LIFETIME,
    )


def _member_of(order: Order) -> Membership:
    """Return whose recording it is: by e-mail address, else by ProConnect's identifier."""
    members = Membership.objects.active().filter(user__is_active=True)
    if order.user_email:
        found = members.filter(user__email=order.user_email)
    else:
        found = members.filter(user__sub=order.user_sub)
    one = list(found.select_related("user")[:2])
    if len(one) != 1:
        raise NotServed(_("This person is no member of the ministry in the portal: they have to sign in there once."))
    return one[0]


def _create_job(tenant: Tenant, member: Membership, order: Order) -> ServiceJob:
    return ServiceJob.objects.create(
        tenant=tenant,
        member=member,
        source_digest=order.source_digest,
        source_url=order.source_url,
        metadata_url=order.metadata_url,
        language=order.language,
        title=order.title,
        conference_slug=order.conference_slug,
        started_at=order.started_at,
        ended_at=order.ended_at,
    )


def _follow(job: ServiceJob) -> bool:
    if job.recording_id is None:
        return end_job(job, error_code=UNKNOWN, reason=_("The recording was deleted."), among=(Status.TRANSCRIBING,))
    if Transcript.objects.filter(recording_id=job.recording_id).exists():
        return end_job(job, among=(Status.TRANSCRIBING,))
    newest = TranscriptionJob.objects.filter(recording_id=job.recording_id).order_by("-created_at").first()
    if newest is None or newest.is_active or newest.status == TranscriptionJob.Status.SUCCEEDED:
        return False
    code = newest.failure_code or newest.status
    reason = newest.failure_reason or str(newest.get_status_display())
    return end_job(job, error_code=error_code_of(code), reason=reason, among=(Status.TRANSCRIBING,))


def take_callback(job_id: UUID, *, next_at: datetime) -> bool:
    """Take a due callback: until ``next_at`` nobody else sends it."""
    due = ServiceJob.objects.filter(pk=job_id).due_for_callback()
    return bool(due.update(callback_at=next_at, callback_attempts=F("callback_attempts") + 1))


def _send(task: str, job: ServiceJob) -> None:
    send_on_commit(task, expires_after=MESSAGE_LIFETIME, tenant_id=str(job.tenant_id), job_id=str(job.id))
