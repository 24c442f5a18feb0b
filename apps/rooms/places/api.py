"""REST: rooms, and when they are taken; one is booked with the meeting that takes place in it."""

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.rooms.meetings.repetition_forms import FIRST_DAY, LAST_DAY
from apps.rooms.models import Occurrence, Room
from apps.rooms.places.availability import Span, availability
from apps.tenants.models import ApiToken
from visio_portal.api.access import tenant_of
from visio_portal.api.errors import ErrorSerializer
from visio_portal.api.paging import Pages

DAYS_MAX = timedelta(days=62)
CAPACITY_MAX = 10_000


class RoomSerializer(serializers.ModelSerializer[Room]):
    class Meta:
        model = Room
        fields = ["id", "kind", "name", "description", "site", "capacity", "equipment", "sip_address"]
        read_only_fields = fields


class RoomField(serializers.PrimaryKeyRelatedField[Room]):
    """A room of the ministry that is in use, by its id."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Room.objects.all(), pk_field=serializers.UUIDField(), **kwargs)

    def get_queryset(self) -> QuerySet[Room]:
        return Room.objects.filter(tenant=tenant_of(self.context["request"]), closed_at=None)


class SpanSerializer(serializers.Serializer[Span]):
    """A time [start_at, end_at) of a room that is taken; ``is_tentative``: only asked for, so it blocks nobody."""

    start_at = serializers.DateTimeField()
    end_at = serializers.DateTimeField()
    is_tentative = serializers.BooleanField()
    is_held = serializers.BooleanField(help_text=_("Held by a poll whose date is not chosen yet"))


class RoomAvailabilitySerializer(serializers.Serializer[Any]):
    room = RoomSerializer()
    taken = SpanSerializer(many=True)


class RoomQuerySerializer(serializers.Serializer[Any]):
    """Which rooms: those of a site, large enough, with all the equipment asked for."""

    kind = serializers.ChoiceField(Room.Kind.choices, required=False)
    site = serializers.CharField(required=False, max_length=120)
    capacity = serializers.IntegerField(
        required=False, min_value=1, max_value=CAPACITY_MAX, help_text=_("For at least so many people")
    )
    equipment = serializers.MultipleChoiceField(choices=Room.Equipment.choices, required=False)
    free_from = serializers.DateTimeField(required=False, help_text=_("With free_until: free all the time between"))
    free_until = serializers.DateTimeField(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_period(attrs.get("free_from"), attrs.get("free_until"), "free_until")
        return attrs

    def keep(self, rooms: QuerySet[Room]) -> QuerySet[Room]:
        """Return the rooms that a valid query asks for."""
        wanted = self.validated_data
        if "kind" in wanted:
            rooms = rooms.filter(kind=wanted["kind"])
        if "site" in wanted:
            rooms = rooms.filter(site=wanted["site"])
        if "capacity" in wanted:
            rooms = rooms.filter(capacity__gte=wanted["capacity"])
        if wanted.get("equipment"):
            rooms = rooms.filter(equipment__contains=sorted(wanted["equipment"]))
        if "free_from" in wanted:
            overlapping = Occurrence.objects.blocking().overlapping(wanted["free_from"], wanted["free_until"])
            rooms = rooms.exclude(Exists(overlapping.filter(room=OuterRef("id"))))
        return rooms


class PeriodQuerySerializer(RoomQuerySerializer):
    """Which rooms, and which days of them."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField(help_text=_("At most 62 days later"))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_period(attrs["since"], attrs["until"], "until")
        return super().validate(attrs)


WRONG_QUERY = {400: ErrorSerializer}


@extend_schema_view(
    list=extend_schema(
        parameters=[RoomQuerySerializer], responses={200: RoomSerializer(many=True)} | WRONG_QUERY, tags=["rooms"]
    ),
    retrieve=extend_schema(tags=["rooms"]),
)
class RoomViewSet(viewsets.ReadOnlyModelViewSet[Room]):
    """Rooms in use. One is booked by scheduling a meeting in it: then the rules say who may, and when."""

    serializer_class = RoomSerializer
    lookup_url_kwarg = "room_id"
    lookup_value_converter = "uuid"
    scopes = {"GET": ApiToken.Scope.MEETINGS_READ}

    class pagination_class(Pages):
        ordering = ("name", "id")

    def get_queryset(self) -> QuerySet[Room]:
        return Room.objects.filter(tenant=tenant_of(self.request), closed_at=None)

    def filter_queryset(self, queryset: Any) -> Any:
        return self._query().keep(queryset) if self.action in ("list", "availability") else queryset

    @extend_schema(
        operation_id="rooms_availability_list",
        parameters=[PeriodQuerySerializer],
        responses={200: RoomAvailabilitySerializer(many=True)} | WRONG_QUERY,
        tags=["rooms"],
    )
    @action(detail=False)
    def availability(self, request: Request) -> Response:
        """Say when rooms are taken; in the same number of queries for one room and for two hundred."""
        wanted = self._query().validated_data
        rooms = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        taken = availability(rooms, wanted["since"], wanted["until"])
        rows = [{"room": room, "taken": taken[room.id]} for room in rooms]
        return self.get_paginated_response(RoomAvailabilitySerializer(rows, many=True).data)

    def _query(self) -> RoomQuerySerializer:
        """Return the valid query of the address; raises ValidationError (400)."""
        kind = PeriodQuerySerializer if self.action == "availability" else RoomQuerySerializer
        query = kind(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        return query


def check_period(since: Any, until: Any, field: str) -> None:
    """Raise ValidationError unless both ends are given or none, in order, and not too far apart."""
    if since is None and until is None:
        return
    if since is None or until is None:
        raise serializers.ValidationError(_("Give both ends, or none."), "both_ends")
    if not FIRST_DAY <= since.date() <= LAST_DAY or not timedelta(0) < until - since <= DAYS_MAX:
        raise serializers.ValidationError({field: _("Later than the start, by 62 days at most.")}, "out_of_range")
