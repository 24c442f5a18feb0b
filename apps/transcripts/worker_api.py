"""What a media worker calls: JSON in and out as ``media_worker.contract`` says, a bearer secret, no session.

Errors are ``{"code": …}``: 400 for a body that does not follow the contract, 401 for a wrong secret or token, 409
and 422 with the contract's refusals, 503 while the store does not answer.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from apps.files.objects import StorageFull, StoreUnavailable
from apps.tenants.models import Tenant
from apps.transcripts import runs
from media_worker import contract

Endpoint = Callable[[HttpRequest, UUID, UUID, str], contract.TranscriptionRequest | contract.ProgressReply | None]
HIGHEST_SEQUENCE = 2**31 - 1  # of the database's integer


def worker_endpoint(endpoint: Endpoint) -> Callable[..., HttpResponse]:
    """Make a view of ``endpoint(request, tenant_id, job_id, secret)`` and turn its errors into answers."""

    @login_not_required
    @csrf_exempt
    @require_POST
    @wraps(endpoint)
    def view(request: HttpRequest, tenant_slug: str, job_id: UUID) -> HttpResponse:
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        tenant_id = Tenant.objects.ministries().filter(slug=tenant_slug).values_list("id", flat=True).first()
        if kind.lower() != "bearer" or tenant_id is None:
            return _refuse(401, "unauthorized")
        try:
            answer = endpoint(request, tenant_id, job_id, secret)
        except contract.ContractError as error:
            return _refuse(400, "bad_message", detail=str(error))
        except RequestDataTooBig:
            return _refuse(413, "too_large")
        except runs.NotAuthentic:
            return _refuse(401, "unauthorized")
        except runs.RunRefused as error:
            return _refuse(409, error.code.value)
        except runs.ResultDamaged:
            return _refuse(422, contract.Refusal.DIGEST_MISMATCH.value)
        except (StorageFull, StoreUnavailable):
            return _refuse(503, "store_unavailable")
        return JsonResponse({} if answer is None else answer.to_json())

    return view


@worker_endpoint
def claim(request: HttpRequest, tenant_id: UUID, job_id: UUID, secret: str) -> contract.TranscriptionRequest:
    message = contract.ClaimRequest.from_json(request.body)
    return runs.claim(tenant_id=tenant_id, job_id=job_id, secret=secret, request=message)


@worker_endpoint
def progress(request: HttpRequest, tenant_id: UUID, job_id: UUID, secret: str) -> contract.ProgressReply:
    message = contract.Progress.from_json(request.body)
    if message.sequence > HIGHEST_SEQUENCE:
        raise contract.ContractError(f"sequence: expected at most {HIGHEST_SEQUENCE}")
    return runs.progress(tenant_id=tenant_id, job_id=job_id, token=secret, message=message)


@worker_endpoint
def complete(request: HttpRequest, tenant_id: UUID, job_id: UUID, secret: str) -> None:
    message = contract.Completion.from_json(request.body)
    runs.complete(tenant_id=tenant_id, job_id=job_id, token=secret, message=message)


@worker_endpoint
def fail(request: HttpRequest, tenant_id: UUID, job_id: UUID, secret: str) -> None:
    message = contract.Failure.from_json(request.body)
    runs.fail(tenant_id=tenant_id, job_id=job_id, token=secret, message=message)


def _refuse(status: int, code: str, **more: Any) -> JsonResponse:
    return JsonResponse({"code": code, **more}, status=status)
