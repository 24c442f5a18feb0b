"""REST: bookings that await the managers of rooms."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.rooms.meetings.people_api import MemberSerializer
from apps.rooms.models import Meeting, Occurrence, Room
from apps.rooms.places.api import RoomSerializer
from apps.rooms.places.requests import (
    RoomRequest,
    awaiting,
    confirm_request,
    manages,
    refuse_request,
    requests_of,
)
from apps.tenants.models import ApiToken
from visio_portal.api.access import membership_of, tenant_of

REASON_MAX = 500  # characters


class RequestMeetingSerializer(serializers.ModelSerializer[Meeting]):
    organizer = MemberSerializer(read_only=True)

    class Meta:
        model = Meeting
        fields = ["id", "title", "organizer", "time_zone"]
        read_only_fields = fields


class RequestedDateSerializer(serializers.ModelSerializer[Occurrence]):
    is_taken = serializers.BooleanField(help_text=_("Another meeting has the room by now"))

    class Meta:
        model = Occurrence
        fields = ["id", "start_at", "end_at", "is_taken"]
        read_only_fields = fields


class RoomRequestSerializer(serializers.Serializer[Any]):
    """A meeting that asks for a room, with all the coming dates that it asks for."""

    meeting = RequestMeetingSerializer()
    room = RoomSerializer()
    dates = RequestedDateSerializer(many=True)


class ConfirmationSerializer(serializers.Serializer[Any]):
    only_free = serializers.BooleanField(
        default=False, help_text=_("Leave the dates that another meeting has by now; otherwise 409 where there are any")
    )


class ConfirmedSerializer(serializers.Serializer[Any]):
    dates = serializers.IntegerField(help_text=_("For how many dates the room is booked"))


class RefusalSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=REASON_MAX, help_text=_("The organiser reads it"))


class RoomRequestsView(APIView):
    """Requests for the rooms that the token's owner manages, the next ones first."""

    scopes = {"GET": ApiToken.Scope.MEETINGS_READ}

    @extend_schema(
        operation_id="room_requests_list", responses=RoomRequestSerializer(many=True), tags=["room-requests"]
    )
    def get(self, request: Request) -> Response:
        found = requests_of(awaiting(membership_of(request)))
        return Response(RoomRequestSerializer([_told(one) for one in found], many=True).data)


class RequestConfirmView(APIView):
    """Book a room of the token's owner for a meeting that asks for it."""

    scopes = {"POST": ApiToken.Scope.MEETINGS_WRITE}

    @extend_schema(
        operation_id="room_requests_confirm_create",
        request=ConfirmationSerializer,
        responses=ConfirmedSerializer,
        tags=["room-requests"],
    )
    def post(self, request: Request, meeting_id: UUID, room_id: UUID) -> Response:
        meeting, room = _asked(request, meeting_id, room_id)
        body = ConfirmationSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        only_free = body.validated_data["only_free"]
        dates = confirm_request(meeting=meeting, room=room, by=membership_of(request), only_free=only_free)
        return Response({"dates": dates})


class RequestRefuseView(APIView):
    """Leave a meeting without the room that it asks for; its organiser is told why, and the meeting stays."""

    scopes = {"POST": ApiToken.Scope.MEETINGS_WRITE}

    @extend_schema(
        operation_id="room_requests_refuse_create",
        request=RefusalSerializer,
        responses={204: None},
        tags=["room-requests"],
    )
    def post(self, request: Request, meeting_id: UUID, room_id: UUID) -> Response:
        meeting, room = _asked(request, meeting_id, room_id)
        body = RefusalSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        refuse_request(meeting=meeting, room=room, by=membership_of(request), reason=body.validated_data["reason"])
        return Response(status=204)


def _told(asked: RoomRequest) -> dict[str, Any]:
    taken = {occurrence.id for occurrence in asked.taken}
    for occurrence in asked.occurrences:
        occurrence.is_taken = occurrence.id in taken  # type: ignore[attr-defined]
    return {"meeting": asked.meeting, "room": asked.room, "dates": asked.occurrences}


def _asked(request: Request, meeting_id: UUID, room_id: UUID) -> tuple[Meeting, Room]:
    """Return a meeting that asked for a room of the token's owner; 403 to those who do not look after it."""
    room = get_object_or_404(Room, tenant=tenant_of(request), id=room_id)
    if not manages(membership_of(request), room):
        raise exceptions.PermissionDenied(_("Only the room’s managers answer requests for it."), "not_a_manager")
    meetings = Meeting.objects.filter(tenant=tenant_of(request)).select_related("organizer__user", "organizer__tenant")
    asked = meetings.filter(id__in=Occurrence.objects.filter(room=room).values("meeting"))
    return get_object_or_404(asked, id=meeting_id), room
