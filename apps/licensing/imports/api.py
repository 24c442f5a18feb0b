"""REST: imports of usage and licences, each from a file that was uploaded in parts before (see upload_api)."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.files.operations import UploadNotReady
from apps.licensing.imports import operations
from apps.licensing.models import ImportProblem, UsageImport
from apps.tenants.models import ApiToken, Role
from visio_portal.api.access import membership_of, require_role, tenant_of
from visio_portal.api.errors import ErrorSerializer
from visio_portal.api.paging import Pages


class UsageImportSerializer(serializers.ModelSerializer[UsageImport]):
    """An import; ``question`` says what a person has to answer, ``counts`` what the file comes to."""

    file_name = serializers.CharField(source="stored_file.name", read_only=True)
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    kept_until = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text=_("When it is removed, unless somebody commits it before")
    )

    class Meta:
        model = UsageImport
        fields = [
            "id",
            "file_name",
            "sha256",
            "status",
            "question",
            "format",
            "refreshed_on",
            "period_days",
            "is_concealed",
            "rows_total",
            "rows_wrong",
            "counts",
            "failure_code",
            "created_at",
            "kept_until",
            "committed_at",
            "undone_at",
            "replaced_by",
        ]
        read_only_fields = fields


class NewImportSerializer(serializers.Serializer[Any]):
    upload = serializers.UUIDField(help_text=_("A complete upload of yours for imports"))


class AnswerSerializer(serializers.Serializer[Any]):
    """What the import's ``question`` asks for: ``date_order`` or ``day``."""

    date_order = serializers.ChoiceField(UsageImport.DateOrder.choices, required=False)
    day = serializers.DateField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            raise serializers.ValidationError(_("Give either date_order or day."), "one_answer")
        return attrs


class ProblemSerializer(serializers.ModelSerializer[ImportProblem]):
    class Meta:
        model = ImportProblem
        fields = ["row", "column", "code", "value"]
        read_only_fields = fields


class ProblemPages(Pages):
    ordering = ("row", "id")


class UsageImportViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[UsageImport]):
    """Imports of the token's ministry, for its procurement officers."""

    serializer_class = UsageImportSerializer
    lookup_url_kwarg = "usage_import_id"
    lookup_value_converter = "uuid"
    scopes = {"GET": ApiToken.Scope.LICENSING_READ, "POST": ApiToken.Scope.LICENSING_WRITE}

    class pagination_class(Pages):
        ordering = ("-created_at", "id")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        require_role(request, Role.PROCUREMENT)

    def get_queryset(self) -> QuerySet[UsageImport]:
        return UsageImport.objects.filter(tenant=tenant_of(self.request)).select_related("stored_file")

    @extend_schema(request=NewImportSerializer, responses={201: UsageImportSerializer, 409: ErrorSerializer})
    def create(self, request: Request) -> Response:
        """Have an uploaded file read; nothing counts before it is committed."""
        wanted = NewImportSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        try:
            begun = operations.begin_import(
                membership=membership_of(request), upload_id=wanted.validated_data["upload"]
            )
        except UploadNotReady as error:
            raise exceptions.ValidationError({"upload": [str(error)]}, "upload_not_ready") from error
        return Response(UsageImportSerializer(begun).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=AnswerSerializer, responses={200: UsageImportSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, usage_import_id: UUID) -> Response:
        """Answer what the file does not say itself; it is then read again."""
        answer = AnswerSerializer(data=request.data)
        answer.is_valid(raise_exception=True)
        usage_import = self.get_object()
        if "day" in answer.validated_data:
            operations.say_day(usage_import=usage_import, day=answer.validated_data["day"])
        else:
            operations.say_date_order(usage_import=usage_import, order=answer.validated_data["date_order"])
        return self._state(usage_import_id)

    @extend_schema(request=None, responses={200: UsageImportSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def commit(self, request: Request, usage_import_id: UUID) -> Response:
        """Import a previewed file."""
        operations.confirm_import(membership=membership_of(request), usage_import=self.get_object())
        return self._state(usage_import_id)

    @extend_schema(request=None, responses={200: UsageImportSerializer, 409: ErrorSerializer})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, usage_import_id: UUID) -> Response:
        """Take an import's rows out again: they count no more at once, and what it had replaced does."""
        operations.undo_import(membership=membership_of(request), usage_import=self.get_object())
        return self._state(usage_import_id)

    @extend_schema(responses=ProblemSerializer(many=True))
    @action(detail=True, pagination_class=ProblemPages)
    def problems(self, request: Request, usage_import_id: UUID) -> Response:
        """List the rows that cannot be read."""
        rows = ImportProblem.objects.filter(usage_import=self.get_object())
        page: Any = self.paginate_queryset(rows)  # type: ignore[arg-type]  # of another model
        return self.get_paginated_response(ProblemSerializer(page, many=True).data)

    def _state(self, usage_import_id: UUID) -> Response:
        return Response(UsageImportSerializer(get_object_or_404(self.get_queryset(), id=usage_import_id)).data)
