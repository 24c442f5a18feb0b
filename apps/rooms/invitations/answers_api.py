"""REST: answers that wait until somebody who schedules the meeting confirms them."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.rooms.invitations.operations import settle_pending_answer
from apps.rooms.models import Meeting, PendingAnswer
from apps.tenants.conflicts import Conflict
from apps.tenants.models import ApiToken
from visio_portal.api.access import membership_of, tenant_of
from visio_portal.api.errors import ErrorSerializer
from visio_portal.api.paging import Pages


class AnswerSettled(Conflict):
    """Somebody else confirmed or dismissed the answer."""

    def __init__(self) -> None:
        super().__init__(str(_("Somebody else has dealt with this answer already.")))


class PendingAnswerSerializer(serializers.ModelSerializer[PendingAnswer]):
    """A reply that the portal does not take on trust, and why; ``attendee`` is whom it would count for."""

    attendee = serializers.EmailField(source="attendee.email", read_only=True, allow_null=True, default=None)

    class Meta:
        model = PendingAnswer
        fields = [
            "id",
            "meeting",
            "occurrence",
            "attendee",
            "from_address",
            "from_name",
            "answer",
            "comment",
            "reason",
            "proposed_start_at",
            "proposed_end_at",
            "received_at",
        ]
        read_only_fields = fields


class PendingQuerySerializer(serializers.Serializer[Any]):
    meeting = serializers.UUIDField(required=False)


@extend_schema_view(
    list=extend_schema(
        parameters=[PendingQuerySerializer],
        responses={200: PendingAnswerSerializer(many=True), 400: ErrorSerializer},
    )
)
class PendingAnswerViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[PendingAnswer]):
    """Answers to confirm, of the meetings that the token's owner schedules."""

    serializer_class = PendingAnswerSerializer
    lookup_url_kwarg = "pending_id"
    lookup_value_converter = "uuid"
    scopes = {"GET": ApiToken.Scope.MEETINGS_READ, "POST": ApiToken.Scope.MEETINGS_WRITE}

    class pagination_class(Pages):
        ordering = ("-received_at", "id")

    def get_queryset(self) -> QuerySet[PendingAnswer]:
        mine = Meeting.objects.schedulable_by(membership_of(self.request))
        rows = PendingAnswer.objects.filter(tenant=tenant_of(self.request), meeting__in=mine)
        return rows.select_related("attendee", "occurrence", "meeting__organizer__user")

    def filter_queryset(self, queryset: Any) -> Any:
        if self.action != "list":
            return queryset
        query = PendingQuerySerializer(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        queryset = queryset.filter(status=PendingAnswer.Status.WAITING)
        return queryset.filter(meeting=wanted["meeting"]) if "meeting" in wanted else queryset

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def confirm(self, request: Request, pending_id: UUID) -> Response:
        """Let an answer count; its sender is invited by it where nobody of that address was."""
        return self._settle(PendingAnswer.Status.CONFIRMED)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def dismiss(self, request: Request, pending_id: UUID) -> Response:
        """Put an answer aside: it changes nothing."""
        return self._settle(PendingAnswer.Status.DISMISSED)

    def _settle(self, decision: PendingAnswer.Status) -> Response:
        by = membership_of(self.request)
        if not settle_pending_answer(by=by, pending=self.get_object(), decision=decision):
            raise AnswerSettled
        return Response(status=status.HTTP_204_NO_CONTENT)
