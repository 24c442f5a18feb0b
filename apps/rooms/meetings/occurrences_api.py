"""REST: the dates of meetings, what is done with one of them, and who answered what."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import exceptions, mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.rooms.meetings.api import AGENDA_MAX, WallTimeField
from apps.rooms.meetings.repetition_forms import FIRST_DAY, LAST_DAY
from apps.rooms.meetings.room_choices import offered_rooms
from apps.rooms.models import Attendee, Meeting, Notify, Occurrence, OccurrenceAnswer, Room
from apps.rooms.operations import (
    OccurrencePlan,
    cancel_following,
    cancel_meeting,
    cancel_occurrence,
    change_occurrence,
    restore_meeting,
    restore_occurrence,
)
from apps.rooms.places.api import WRONG_QUERY, RoomSerializer, check_period
from apps.rooms.wall_time import NonexistentTime
from apps.tenants.models import ApiToken
from visio_portal.api.access import membership_of, tenant_of
from visio_portal.api.paging import Pages

NOTIFY = [choice.value for choice in Notify]


class OccurrenceMeetingSerializer(serializers.ModelSerializer[Meeting]):
    class Meta:
        model = Meeting
        fields = ["id", "title", "time_zone", "is_series"]
        read_only_fields = fields

    is_series = serializers.BooleanField(read_only=True)


class OccurrenceSerializer(serializers.ModelSerializer[Occurrence]):
    """A date of a meeting; an empty title or agenda is the meeting's own."""

    meeting = OccurrenceMeetingSerializer(read_only=True)
    room = RoomSerializer(read_only=True, allow_null=True)
    start_time = WallTimeField()

    class Meta:
        model = Occurrence
        fields = [
            "id",
            "meeting",
            "room",
            "status",
            "starts_on",
            "start_time",
            "duration_minutes",
            "start_at",
            "end_at",
            "is_changed",
            "title",
            "agenda",
        ]
        read_only_fields = fields


class OccurrenceChangeSerializer(serializers.Serializer[Any]):
    """What of a date is changed; what is not given stays."""

    starts_on = serializers.DateField(required=False)
    start_time = WallTimeField()
    duration_minutes = serializers.IntegerField(required=False, min_value=5, max_value=24 * 60)
    room = serializers.PrimaryKeyRelatedField(
        queryset=Room.objects.none(), required=False, allow_null=True, pk_field=serializers.UUIDField()
    )
    title = serializers.CharField(required=False, allow_blank=True, max_length=200)
    agenda = serializers.CharField(required=False, allow_blank=True, max_length=AGENDA_MAX)
    notify = serializers.ChoiceField(NOTIFY, required=False, help_text=_("Who is written to"))

    def __init__(self, *args: Any, rooms: QuerySet[Room] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if rooms is not None:
            self.fields["room"].queryset = rooms  # type: ignore[attr-defined]

    def validate_starts_on(self, value: Any) -> Any:
        if not FIRST_DAY <= value <= LAST_DAY:
            raise serializers.ValidationError(_("This date is out of range."), "out_of_range")
        return value

    def plan(self, occurrence: Occurrence) -> OccurrencePlan:
        """Return the date as it will be."""
        names = list(OccurrencePlan.__dataclass_fields__)
        wanted = {name: self.validated_data.get(name, getattr(occurrence, name)) for name in names}
        return OccurrencePlan(**wanted)


class NotifySerializer(serializers.Serializer[Any]):
    notify = serializers.ChoiceField(NOTIFY, required=False, help_text=_("Who is written to"))


class OccurrenceQuerySerializer(serializers.Serializer[Any]):
    """Which dates: those of one meeting, those of a time."""

    meeting = serializers.UUIDField(required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False, help_text=_("At most 62 days later"))

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_period(attrs.get("since"), attrs.get("until"), "until")
        return attrs


class SingleAnswerSerializer(serializers.ModelSerializer[OccurrenceAnswer]):
    class Meta:
        model = OccurrenceAnswer
        fields = ["occurrence", "answer", "comment"]
        read_only_fields = fields


class AttendeeAnswerSerializer(serializers.ModelSerializer[Attendee]):
    """What somebody answered to all of a meeting, and to single dates of it."""

    comment = serializers.CharField(source="answer_comment", read_only=True)
    answered_at = serializers.DateTimeField(source="answer_stamped_at", read_only=True, allow_null=True)
    single_dates = SingleAnswerSerializer(source="occurrence_answers", many=True, read_only=True)

    class Meta:
        model = Attendee
        fields = ["email", "name", "role", "answer", "comment", "answered_at", "single_dates"]
        read_only_fields = fields


LISTED = {200: OccurrenceSerializer(many=True)} | WRONG_QUERY


@extend_schema_view(
    list=extend_schema(
        parameters=[OccurrenceQuerySerializer], responses={200: OccurrenceSerializer(many=True)} | WRONG_QUERY
    )
)
class OccurrenceViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Occurrence]):
    """Dates of the meetings that the token's owner organises, attends, or schedules for somebody else."""

    serializer_class = OccurrenceSerializer
    lookup_url_kwarg = "occurrence_id"
    lookup_value_converter = "uuid"
    scopes = {
        "GET": ApiToken.Scope.MEETINGS_READ,
        "POST": ApiToken.Scope.MEETINGS_WRITE,
        "PATCH": ApiToken.Scope.MEETINGS_WRITE,
    }

    class pagination_class(Pages):
        ordering = ("start_at", "id")

    def get_queryset(self) -> QuerySet[Occurrence]:
        rows = Occurrence.objects.filter(tenant=tenant_of(self.request)).visible_to(membership_of(self.request))
        return rows.select_related("meeting__organizer__user", "meeting__organizer__tenant", "room")

    def filter_queryset(self, queryset: Any) -> Any:
        if self.action != "list":
            return queryset
        query = OccurrenceQuerySerializer(data=self.request.query_params)
        query.is_valid(raise_exception=True)
        wanted = query.validated_data
        if "meeting" in wanted:
            queryset = queryset.filter(meeting=wanted["meeting"])
        return queryset.overlapping(wanted["since"], wanted["until"]) if "since" in wanted else queryset

    @extend_schema(request=OccurrenceChangeSerializer, responses=OccurrenceSerializer)
    def partial_update(self, request: Request, occurrence_id: UUID) -> Response:
        """Move a date of a series, or give it a room or a text of its own."""
        occurrence = self._schedulable()
        rooms = Room.objects.filter(id__in=[room.id for room in offered_rooms(tenant_of(request), occurrence.room)])
        serializer = OccurrenceChangeSerializer(data=request.data, rooms=rooms, partial=True)
        serializer.is_valid(raise_exception=True)
        try:
            change_occurrence(
                occurrence=occurrence,
                by=membership_of(request),
                plan=serializer.plan(occurrence),
                notify=Notify(serializer.validated_data.get("notify", Notify.ALL)),
            )
        except NonexistentTime as error:
            detail = {"start_time": _("The clocks go forward over this time.")}
            raise serializers.ValidationError(detail, "nonexistent_time") from error
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=NotifySerializer, responses=OccurrenceSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, occurrence_id: UUID) -> Response:
        """Cancel one date of a series."""
        cancel_occurrence(occurrence=self._schedulable(), by=membership_of(request), notify=notify_of(request))
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=NotifySerializer, responses={204: None})
    @action(detail=True, methods=["post"], url_path="cancel-following")
    def cancel_following(self, request: Request, occurrence_id: UUID) -> Response:
        """Cancel one date of a series and all that follow: the series ends before it."""
        cancel_following(occurrence=self._schedulable(), by=membership_of(request), notify=notify_of(request))
        return Response(status=204)

    @extend_schema(request=NotifySerializer, responses=OccurrenceSerializer)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, occurrence_id: UUID) -> Response:
        """Take back the cancellation of one date."""
        restore_occurrence(occurrence=self._schedulable(), by=membership_of(request), notify=notify_of(request))
        return Response(self.get_serializer(self.get_object()).data)

    def _schedulable(self) -> Occurrence:
        """Return the date, if the token's owner may move or cancel it (403)."""
        occurrence: Occurrence = self.get_object()
        check_scheduler(self.request, occurrence.meeting)
        return occurrence


class MeetingAnswersView(APIView):
    """Who answered what to a meeting."""

    scopes = {"GET": ApiToken.Scope.MEETINGS_READ}

    @extend_schema(
        operation_id="meetings_answers_list", responses=AttendeeAnswerSerializer(many=True), tags=["meetings"]
    )
    def get(self, request: Request, meeting_id: UUID) -> Response:
        """List the attendees with their answers; for those who may change the meeting."""
        meeting = visible_meeting(request, meeting_id)
        check_scheduler(request, meeting)
        singles = OccurrenceAnswer.objects.order_by("occurrence__start_at")
        people = meeting.attendees.prefetch_related(Prefetch("occurrence_answers", queryset=singles))
        return Response(AttendeeAnswerSerializer(people, many=True).data)


class MeetingStateView(APIView):
    """Cancelling a meeting, and taking that back: ``operation`` and ``operation_id`` come with the address."""

    scopes = {"POST": ApiToken.Scope.MEETINGS_WRITE}

    @extend_schema(request=NotifySerializer, responses={204: None}, tags=["meetings"])
    def post(self, request: Request, meeting_id: UUID) -> Response:
        meeting = visible_meeting(request, meeting_id)
        check_scheduler(request, meeting)
        self.change(meeting, request)
        return Response(status=204)

    def change(self, meeting: Meeting, request: Request) -> None:
        raise NotImplementedError


@extend_schema_view(post=extend_schema(operation_id="meetings_cancel_create"))
class MeetingCancelView(MeetingStateView):
    """Cancel all that is still to come of a meeting."""

    def change(self, meeting: Meeting, request: Request) -> None:
        cancel_meeting(meeting=meeting, by=membership_of(request), notify=notify_of(request))


@extend_schema_view(post=extend_schema(operation_id="meetings_restore_create"))
class MeetingRestoreView(MeetingStateView):
    """Take back the cancellation of a meeting."""

    def change(self, meeting: Meeting, request: Request) -> None:
        restore_meeting(meeting=meeting, by=membership_of(request), notify=notify_of(request))


def visible_meeting(request: Request, meeting_id: UUID) -> Meeting:
    meetings = Meeting.objects.filter(tenant=tenant_of(request)).visible_to(membership_of(request))
    return get_object_or_404(meetings.select_related("organizer__user", "organizer__tenant", "room"), id=meeting_id)


def check_scheduler(request: Request, meeting: Meeting) -> None:
    """Raise PermissionDenied unless the token's owner may move, invite to or cancel the meeting."""
    if not Meeting.objects.schedulable_by(membership_of(request)).filter(id=meeting.id).exists():
        raise exceptions.PermissionDenied(_("Only its organisers change a meeting."), "not_an_organizer")


def notify_of(request: Request) -> Notify:
    serializer = NotifySerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    return Notify(serializer.validated_data.get("notify", Notify.ALL))
