"""What a ministry's Visio calls (contract v2): orders and their state, and the transcript itself.

A key of the ministry (Bearer, scope ``transcription:order``) leads to the tenant; it is the ministry's, and works on
after the member who made it has left. Errors are ``{"detail": …}``: 401 for a key that is none, 403 for one that may
not do this, 404, 409, 413, 422 for an order that cannot be taken.
"""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from apps.tenants.conflicts import Conflict
from apps.tenants.journal import record
from apps.tenants.models import ApiToken, Tenant
from apps.tenants.scoping import tenant_scope
from apps.tenants.tokens import token_of
from apps.transcripts.models import ServiceJob, Transcript
from apps.transcripts.service.answers import LinkInvalid, answer_of, read_token, transcript_body
from apps.transcripts.service.operations import NotServed, accept_order
from apps.transcripts.service.orders import Order, OrderSerializer
from visio_portal.fetching import FetchError

BODY_MAX = 64 * 1024  # bytes

Endpoint = Callable[..., HttpResponse]


class OrderRefused(Exception):
    """The body is no order; ``detail`` says why, as JSON."""

    def __init__(self, status: int, detail: Any) -> None:
        super().__init__(detail)
        self.status, self.detail = status, detail


def service_endpoint(endpoint: Endpoint) -> Callable[..., HttpResponse]:
    """Make a view of ``endpoint(request, tenant, …)``, inside the tenant of the key."""

    @login_not_required
    @csrf_exempt
    @never_cache
    @wraps(endpoint)
    def view(request: HttpRequest, **arguments: Any) -> HttpResponse:
        token = token_of(request)
        if token is None:
            answer = refusal(401, _("This key is unknown, revoked or expired."))
            answer["WWW-Authenticate"] = 'Bearer realm="visio-portal"'
            return answer
        if ApiToken.Scope.TRANSCRIPTION not in token.scopes:
            return refusal(403, _("This key may not have recordings transcribed."))
        with tenant_scope(token.tenant_id):
            return endpoint(request, token.tenant, **arguments)

    return view


@require_POST
@service_endpoint
def job_create(request: HttpRequest, tenant: Tenant) -> HttpResponse:
    """Take a recording to transcribe, at once; a worker fetches it."""
    try:
        job = accept_order(tenant=tenant, order=read_order(request))
    except OrderRefused as error:
        return refusal(error.status, error.detail)
    except (NotServed, FetchError) as error:
        return refusal(422, str(error))
    except Conflict as error:
        return refusal(409, str(error))
    return JsonResponse(answer_of(job))


@require_safe
@service_endpoint
def job_detail(request: HttpRequest, tenant: Tenant, job_id: UUID) -> HttpResponse:
    job = ServiceJob.objects.filter(tenant=tenant, id=job_id).first()
    return refusal(404, _("There is no such job.")) if job is None else JsonResponse(answer_of(job))


@login_not_required
@require_safe
@never_cache
def transcript(request: HttpRequest, token: str) -> HttpResponse:
    """Give the transcript of a job to whoever was sent its signed address; the delivery is journalled."""
    try:
        tenant_id, job_id = read_token(token)
    except LinkInvalid as error:
        return refusal(403, str(error))
    with tenant_scope(tenant_id):
        job = ServiceJob.objects.filter(id=job_id, status=ServiceJob.Status.SUCCEEDED).first()
        found = Transcript.objects.filter(recording=job.recording_id).first() if job and job.recording_id else None
        if job is None or found is None:
            return refusal(404, _("This transcript does not exist any more."))
        data = {"job": str(job.id), "version": found.version}
        record("transcript.delivered", tenant_id=tenant_id, actor_id=None, subject=found, data=data)
        return JsonResponse(transcript_body(found))


def read_order(request: HttpRequest) -> Order:
    """Return what a body asks for; raises OrderRefused."""
    try:
        content = request.body
    except RequestDataTooBig as error:
        raise OrderRefused(413, _("The body is too large.")) from error
    if len(content) > BODY_MAX:
        raise OrderRefused(413, _("The body is too large."))
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise OrderRefused(422, _("The body is not JSON.")) from error
    serializer = OrderSerializer(data=body)
    if not serializer.is_valid():
        raise OrderRefused(422, serializer.errors)
    return serializer.order()


def refusal(status: int, detail: Any) -> JsonResponse:
    return JsonResponse({"detail": detail}, status=status)
