"""Uploads in parts, as JSON: create, state (to resume), parts, complete, give up. The uploader's own only.

None of them runs in the tenant's transaction: each waits on a disk or a network.
"""

import json
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from apps.files import operations
from apps.files.models import PART_SIZE_BYTES, Purpose, Upload
from apps.files.objects import stated_sha256
from apps.files.refusals import BadRequestBody, refuses_in_json
from apps.tenants.permissions import enters_tenant_itself
from apps.tenants.scoping import tenant_scope

if TYPE_CHECKING:
    from apps.tenants.models import TenantRequest

PERSONS_PURPOSES = {Purpose.RECORDING.value, Purpose.IMPORT.value}
MOST_JSON_BYTES = 16 * 1024


@require_POST
@enters_tenant_itself
@refuses_in_json
def create_upload(request: "TenantRequest") -> HttpResponse:
    """Open an upload: ``{"purpose", "name", "media_type", "size_bytes"}``."""
    fields = json_fields(request)
    purpose, size_bytes = fields.get("purpose"), fields.get("size_bytes")
    if not isinstance(purpose, str) or purpose not in PERSONS_PURPOSES:
        raise BadRequestBody("purpose")
    if not isinstance(size_bytes, int) or isinstance(size_bytes, bool):
        raise BadRequestBody("size_bytes")
    for field in ("name", "media_type"):
        if not isinstance(fields.get(field, ""), str):
            raise BadRequestBody(field)
    upload = operations.start_upload(
        tenant_id=request.tenant.id,
        user_id=request.membership.user_id,
        purpose=Purpose(purpose),
        name=fields.get("name", ""),
        media_type=fields.get("media_type", ""),
        size_bytes=size_bytes,
    )
    return JsonResponse(state_of(request, upload, []), status=201)


@require_http_methods(["GET", "DELETE"])
@enters_tenant_itself
@refuses_in_json
def upload_state(request: "TenantRequest", upload_id: UUID) -> HttpResponse:
    """Say which parts are there, so that the rest can be sent; or give the upload up."""
    upload = own_upload(request, upload_id)
    if request.method == "DELETE":
        operations.abort_upload(upload=upload)
        return HttpResponse(status=204)
    with tenant_scope(request.tenant.id):
        numbers = list(upload.parts.values_list("number", flat=True))
    return JsonResponse(state_of(request, upload, numbers))


@require_http_methods(["PUT"])
@enters_tenant_itself
@refuses_in_json
def upload_part(request: "TenantRequest", upload_id: UUID, number: int) -> HttpResponse:
    """Take one part as the raw body, with its digest in Content-Digest (RFC 9530) where the sender has it."""
    part = operations.receive_part(
        upload=own_upload(request, upload_id),
        number=number,
        body=request,
        sha256=stated_sha256(request.headers.get("Content-Digest", "")),
    )
    return JsonResponse({"number": part.number, "size_bytes": part.size_bytes, "sha256": part.sha256})


@require_POST
@enters_tenant_itself
@refuses_in_json
def upload_complete(request: "TenantRequest", upload_id: UUID) -> HttpResponse:
    """Join the parts; asking again gives the same answer."""
    file = operations.complete_upload(upload=own_upload(request, upload_id))
    return JsonResponse({"id": str(upload_id), "size_bytes": file.size_bytes, "sha256": file.sha256})


def own_upload(request: "TenantRequest", upload_id: UUID, *purposes: Purpose) -> Upload:
    """Return the person's own upload, of any purpose or one of those given; anybody else's is not found."""
    with tenant_scope(request.tenant.id):
        uploads = Upload.objects.filter(tenant=request.tenant, user_id=request.membership.user_id)
        upload = uploads.filter(pk=upload_id, purpose__in=purposes or Purpose.values).first()
    if upload is None:
        raise Http404
    return upload


def state_of(request: "TenantRequest", upload: Upload, numbers: list[int]) -> dict[str, Any]:
    """Return what a page needs to send the rest of an upload."""
    url = reverse("uploads:state", kwargs={"tenant_slug": request.tenant.slug, "upload_id": upload.id})
    return {
        "id": str(upload.id),
        "url": url,
        "status": upload.status,
        "size_bytes": upload.size_bytes,
        "part_size_bytes": PART_SIZE_BYTES,
        "part_count": upload.part_count,
        "parts": numbers,
        "expires_at": upload.expires_at.isoformat(),
    }


def json_fields(request: "TenantRequest") -> dict[str, Any]:
    """Return the fields of a JSON body; raises BadRequestBody where it is none."""
    content = request.read(MOST_JSON_BYTES + 1)
    if len(content) > MOST_JSON_BYTES:
        raise BadRequestBody("body")
    try:
        fields = json.loads(content)
    except ValueError as error:
        raise BadRequestBody("body") from error
    if not isinstance(fields, dict):
        raise BadRequestBody("body")
    return fields
