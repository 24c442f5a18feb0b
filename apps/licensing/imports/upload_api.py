"""REST: the file of an import on its way in, part by part, for programs that have nothing but a token.

As on the pages (see ``apps.files.views``) each step waits on a disk or a network, outside the tenant's transaction.
"""

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.files import operations
from apps.files.models import PART_SIZE_BYTES, Purpose, StoredFile, Upload, UploadPart
from apps.files.objects import stated_sha256
from apps.files.refusals import refuses_in_json
from apps.files.views import own_upload
from apps.tenants.models import ApiToken, Role
from apps.tenants.scoping import tenant_scope
from visio_portal.api.access import membership_of, require_role, tenant_of
from visio_portal.api.errors import ErrorSerializer


class NewUploadSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=255, help_text=_("The file’s name, as people will see it"))
    size_bytes = serializers.IntegerField(min_value=1)


class UploadSerializer(serializers.ModelSerializer[Upload]):
    """An upload; ``parts`` are the numbers of those that have arrived, from 1 to ``part_count``."""

    part_size_bytes = serializers.SerializerMethodField(help_text=_("Of every part but the last"))
    part_count = serializers.IntegerField(read_only=True)
    parts = serializers.SerializerMethodField()

    class Meta:
        model = Upload
        fields = ["id", "name", "status", "size_bytes", "part_size_bytes", "part_count", "parts", "expires_at"]
        read_only_fields = fields

    def get_part_size_bytes(self, upload: Upload) -> int:
        return PART_SIZE_BYTES

    def get_parts(self, upload: Upload) -> list[int]:
        return sorted(part.number for part in upload.parts.all())


class UploadPartSerializer(serializers.ModelSerializer[UploadPart]):
    class Meta:
        model = UploadPart
        fields = ["number", "size_bytes", "sha256"]
        read_only_fields = fields


class UploadedFileSerializer(serializers.ModelSerializer[StoredFile]):
    """The whole file as it arrived."""

    class Meta:
        model = StoredFile
        fields = ["name", "size_bytes", "sha256"]
        read_only_fields = fields


class UploadView(APIView):
    scopes = dict.fromkeys(("GET", "POST", "PUT", "DELETE"), ApiToken.Scope.LICENSING_WRITE)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(request, Role.PROCUREMENT)

    def own(self, request: Request, upload_id: UUID) -> Upload:
        return own_upload(request._request, upload_id, Purpose.IMPORT)  # type: ignore[arg-type]  # of a tenant


class NewUploadView(UploadView):
    @extend_schema(
        operation_id="usage_imports_uploads_create",
        request=NewUploadSerializer,
        responses={201: UploadSerializer, 413: ErrorSerializer, 507: ErrorSerializer},
    )
    @refuses_in_json
    def post(self, request: Request) -> HttpResponseBase:
        """Announce a file. Send its parts next, then complete the upload, then create an import with its id."""
        wanted = NewUploadSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        upload = operations.start_upload(
            tenant_id=tenant_of(request).id,
            user_id=membership_of(request).user_id,
            purpose=Purpose.IMPORT,
            **wanted.validated_data,
        )
        with tenant_scope(upload.tenant_id):
            return Response(UploadSerializer(upload).data, status=status.HTTP_201_CREATED)


class UploadStateView(UploadView):
    @extend_schema(operation_id="usage_imports_uploads_retrieve", responses=UploadSerializer)
    def get(self, request: Request, upload_id: UUID) -> Response:
        """Say which parts are there, so that only the others are sent again."""
        upload = self.own(request, upload_id)
        with tenant_scope(upload.tenant_id):
            return Response(UploadSerializer(upload).data)

    @extend_schema(operation_id="usage_imports_uploads_destroy", responses={204: None})
    @refuses_in_json
    def delete(self, request: Request, upload_id: UUID) -> HttpResponseBase:
        """Give an upload up."""
        operations.abort_upload(upload=self.own(request, upload_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class UploadPartView(UploadView):
    @extend_schema(
        operation_id="usage_imports_uploads_part",
        parameters=[
            OpenApiParameter(
                "Content-Digest",
                location=OpenApiParameter.HEADER,
                description=str(_("The part’s SHA-256 as in RFC 9530, to have it checked on arrival")),
            )
        ],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={200: UploadPartSerializer, 409: ErrorSerializer, 413: ErrorSerializer, 422: ErrorSerializer},
    )
    @refuses_in_json
    def put(self, request: Request, upload_id: UUID, number: int) -> HttpResponseBase:
        """Take one part as the raw body; the same part again replaces it."""
        part = operations.receive_part(
            upload=self.own(request, upload_id),
            number=number,
            body=request._request,
            sha256=stated_sha256(request.headers.get("Content-Digest", "")),
        )
        return Response(UploadPartSerializer(part).data)


class UploadCompletionView(UploadView):
    @extend_schema(
        operation_id="usage_imports_uploads_complete",
        request=None,
        responses={200: UploadedFileSerializer, 409: ErrorSerializer},
    )
    @refuses_in_json
    def post(self, request: Request, upload_id: UUID) -> HttpResponseBase:
        """Join the parts; asking again gives the same answer."""
        file = operations.complete_upload(upload=self.own(request, upload_id))
        return Response(UploadedFileSerializer(file).data)
