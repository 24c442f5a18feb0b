"""REST: date polls, from the question to the date."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import exceptions, mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.rooms.meetings.api import AGENDA_MAX, ZONES, MeetingSerializer, WallTimeField
from apps.rooms.meetings.occurrences_api import check_scheduler
from apps.rooms.meetings.people_api import (
    AttendeeSerializer,
    MemberSerializer,
    check_roles,
    invitees_from,
    organizer_named,
)
from apps.rooms.meetings.repetition_forms import FIRST_DAY, LAST_DAY
from apps.rooms.models import Meeting, Poll, PollAnswer
from apps.rooms.operations import MeetingPlan
from apps.rooms.places.api import RoomField
from apps.rooms.planning.poll_forms import SLOTS_MIN, TITLE_MAX, end_of_day, problem_of_slot
from apps.rooms.planning.polls import (
    SLOTS_MAX,
    PollPlan,
    answer_poll,
    cancel_poll,
    choose_slot,
    open_poll,
    remind_undecided,
)
from apps.rooms.planning.tallies import Tally, tally_of
from apps.tenants.models import ApiToken
from visio_portal.api.access import membership_of, tenant_of
from visio_portal.api.paging import Pages


class PollMeetingSerializer(serializers.ModelSerializer[Meeting]):
    organizer = MemberSerializer(read_only=True)

    class Meta:
        model = Meeting
        fields = ["id", "title", "agenda", "organizer", "time_zone", "duration_minutes", "room"]
        read_only_fields = fields


class PollSerializer(serializers.ModelSerializer[Poll]):
    """A meeting whose date is being chosen."""

    meeting = PollMeetingSerializer(read_only=True)
    is_open = serializers.BooleanField(read_only=True, help_text=_("Whether it still takes answers"))

    class Meta:
        model = Poll
        fields = ["id", "meeting", "status", "is_open", "closes_at", "created_at"]
        read_only_fields = fields


class SlotSerializer(serializers.Serializer[Any]):
    """A date that is proposed, and how many said what to it; ``is_best``: no other one suits more people."""

    id = serializers.UUIDField(source="slot.id")
    starts_on = serializers.DateField(source="slot.starts_on")
    start_time = serializers.TimeField(source="slot.start_time")
    start_at = serializers.DateTimeField(source="slot.start_at")
    end_at = serializers.DateTimeField(source="slot.end_at")
    room = serializers.UUIDField(source="slot.room_id", allow_null=True, help_text=_("What is held for this date"))
    yes = serializers.IntegerField()
    if_needed = serializers.IntegerField()
    no = serializers.IntegerField()
    is_best = serializers.BooleanField()


class ChoiceSerializer(serializers.Serializer[Any]):
    slot = serializers.UUIDField()
    choice = serializers.ChoiceField(PollAnswer.Choice.choices)


class PollPersonSerializer(serializers.Serializer[Any]):
    """Somebody who was asked, and what they said so far."""

    email = serializers.EmailField()
    name = serializers.CharField(allow_blank=True)
    choices = ChoiceSerializer(many=True)


class PollDetailSerializer(PollSerializer):
    slots = serializers.SerializerMethodField()
    people = serializers.SerializerMethodField()

    class Meta(PollSerializer.Meta):
        fields = [*PollSerializer.Meta.fields, "slots", "people"]
        read_only_fields = fields

    @property
    def tally(self) -> Tally:
        tally: Tally = self.context["tally"]
        return tally

    @extend_schema_field(SlotSerializer(many=True))
    def get_slots(self, poll: Poll) -> Any:
        return SlotSerializer(self.tally.columns, many=True).data

    @extend_schema_field(PollPersonSerializer(many=True))
    def get_people(self, poll: Poll) -> Any:
        slots = [column.slot.id for column in self.tally.columns]
        rows = [
            {
                "email": line.attendee.email,
                "name": line.attendee.name,
                "choices": [
                    {"slot": slot, "choice": choice} for slot, choice in zip(slots, line.choices, strict=True) if choice
                ],
            }
            for line in self.tally.lines
        ]
        return PollPersonSerializer(rows, many=True).data


class ProposalSerializer(serializers.Serializer[Any]):
    starts_on = serializers.DateField()
    start_time = WallTimeField()

    def validate_starts_on(self, value: Any) -> Any:
        if not FIRST_DAY <= value <= LAST_DAY:
            raise serializers.ValidationError(_("This date is out of range."), "out_of_range")
        return value


class PollCreationSerializer(serializers.Serializer[Any]):
    """What is asked. Each date holds the room until three days after the last day for answers."""

    title = serializers.CharField(max_length=TITLE_MAX)
    agenda = serializers.CharField(required=False, allow_blank=True, max_length=AGENDA_MAX)
    organizer_id = serializers.UUIDField(
        required=False, help_text=_("In whose name: a member who has delegated this to the token's owner")
    )
    duration_minutes = serializers.IntegerField(min_value=5, max_value=24 * 60)
    time_zone = serializers.ChoiceField(ZONES, required=False, help_text=_("The ministry's own by default"))
    room = RoomField(required=False, allow_null=True)
    closes_on = serializers.DateField(help_text=_("The last day for answers"))
    slots = ProposalSerializer(many=True, min_length=SLOTS_MIN, max_length=SLOTS_MAX)  # type: ignore[call-arg]
    attendees = AttendeeSerializer(many=True, allow_empty=False)

    def validate_title(self, value: str) -> str:
        return " ".join(value.split())

    def validate_closes_on(self, value: Any) -> Any:
        if not FIRST_DAY <= value <= LAST_DAY:
            raise serializers.ValidationError(_("This date is out of range."), "out_of_range")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        organizer = organizer_named(membership_of(self.context["request"]), attrs.get("organizer_id"))
        attrs["organizer"] = organizer
        attrs.setdefault("time_zone", organizer.tenant.time_zone)
        check_roles(invitees_from(attrs["attendees"]), organizer)
        attrs["closes_at"] = end_of_day(attrs["closes_on"], ZoneInfo(attrs["time_zone"]))
        if attrs["closes_at"] <= timezone.now():
            raise serializers.ValidationError({"closes_on": _("This day is past.")}, "out_of_range")
        attrs["walls"] = self._walls(attrs)
        return attrs

    def _walls(self, attrs: dict[str, Any]) -> tuple[datetime, ...]:
        """Return the proposed wall times in order; raises ValidationError with what is wrong with each."""
        zone = ZoneInfo(attrs["time_zone"])
        walls: list[datetime] = []
        problems: list[Any] = []
        for slot in attrs["slots"]:
            wall = datetime.combine(slot["starts_on"], slot["start_time"])
            problem = problem_of_slot(wall, zone, attrs["closes_at"])
            if wall in walls:
                problem = _("This date is proposed twice.")
            problems.append({"starts_on": [problem]} if problem else {})
            walls.append(wall)
        if any(problems):
            raise serializers.ValidationError({"slots": problems})
        return tuple(sorted(walls))

    def plan(self) -> PollPlan:
        values = self.validated_data
        walls = values["walls"]
        meeting = MeetingPlan(
            title=values["title"],
            agenda=values.get("agenda", ""),
            starts_on=walls[0].date(),
            start_time=walls[0].time(),
            duration_minutes=values["duration_minutes"],
            time_zone=values["time_zone"],
            room=values.get("room"),
            invitees=invitees_from(values["attendees"]),
        )
        return PollPlan(meeting=meeting, slots=walls, closes_at=values["closes_at"])


class PollAnswersSerializer(serializers.Serializer[Any]):
    """What the token's owner says; a date that is left out keeps what was said of it."""

    choices = ChoiceSerializer(many=True, min_length=1, max_length=SLOTS_MAX)  # type: ignore[call-arg]


class PollChoiceSerializer(serializers.Serializer[Any]):
    slot = serializers.UUIDField()


class RemindedSerializer(serializers.Serializer[Any]):
    reminded = serializers.IntegerField(help_text=_("How many people are asked again"))


class PollViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Poll]):
    """Date polls of meetings that the token's owner organises, is asked about, or schedules for somebody else."""

    serializer_class = PollSerializer
    lookup_url_kwarg = "poll_id"
    lookup_value_converter = "uuid"
    scopes = {"GET": ApiToken.Scope.MEETINGS_READ, "POST": ApiToken.Scope.MEETINGS_WRITE}

    class pagination_class(Pages):
        ordering = ("-created_at", "id")

    def get_queryset(self) -> QuerySet[Poll]:
        mine = Meeting.objects.visible_to(membership_of(self.request))
        polls = Poll.objects.filter(tenant=tenant_of(self.request), meeting__in=mine)
        return polls.select_related("meeting__organizer__user", "meeting__organizer__tenant", "meeting__tenant")

    @extend_schema(responses=PollDetailSerializer)
    def retrieve(self, request: Request, poll_id: UUID) -> Response:
        """Show a poll with its dates and what everybody said."""
        return self._shown(self.get_object())

    @extend_schema(request=PollCreationSerializer, responses={201: PollDetailSerializer})
    def create(self, request: Request) -> Response:
        """Ask people which date suits them; each gets a mail with a link to answer."""
        serializer = PollCreationSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        organizer = serializer.validated_data["organizer"]
        poll = open_poll(by=membership_of(request), plan=serializer.plan(), organizer=organizer)
        return self._shown(self.get_queryset().get(id=poll.id), status.HTTP_201_CREATED)

    @extend_schema(request=PollAnswersSerializer, responses=PollDetailSerializer)
    @action(detail=True, methods=["post"])
    def answers(self, request: Request, poll_id: UUID) -> Response:
        """Say which dates suit the token's owner, who was asked; later answers replace earlier ones."""
        poll = self.get_object()
        attendee = poll.meeting.attendees.filter(membership=membership_of(request)).first()
        if attendee is None:
            raise exceptions.PermissionDenied(_("You were not asked."), "not_asked")
        serializer = PollAnswersSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        said = {one["slot"]: PollAnswer.Choice(one["choice"]) for one in serializer.validated_data["choices"]}
        known = set(poll.meeting.occurrences.filter(id__in=said).values_list("id", flat=True))
        if known != set(said):
            raise serializers.ValidationError({"choices": _("The poll has no such date.")}, "unknown_slot")
        answer_poll(poll=poll, attendee=attendee, choices=said)
        return self._shown(poll)

    @extend_schema(request=PollChoiceSerializer, responses={200: MeetingSerializer})
    @action(detail=True, methods=["post"])
    def choose(self, request: Request, poll_id: UUID) -> Response:
        """Make one of the dates the meeting's, and invite everybody to it; the meeting is returned."""
        poll = self._decided()
        serializer = PollChoiceSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        slots = poll.meeting.occurrences.select_related("meeting", "room")
        slot = get_object_or_404(slots, id=serializer.validated_data["slot"])
        meeting = choose_slot(poll=poll, slot=slot, by=membership_of(request))
        return Response(MeetingSerializer(meeting, context=self.get_serializer_context()).data)

    @extend_schema(request=None, responses=PollDetailSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, poll_id: UUID) -> Response:
        """Close a poll without a date; those who were asked are told."""
        poll = self._decided()
        cancel_poll(poll=poll, by=membership_of(request))
        return self._shown(poll)

    @extend_schema(request=None, responses=RemindedSerializer)
    @action(detail=True, methods=["post"])
    def remind(self, request: Request, poll_id: UUID) -> Response:
        """Ask those once more who have said nothing yet."""
        count = remind_undecided(poll=self._decided(), by=membership_of(request))
        return Response({"reminded": count})

    def _decided(self) -> Poll:
        """Return the poll, if the token's owner may decide about it (403)."""
        poll: Poll = self.get_object()
        check_scheduler(self.request, poll.meeting)
        return poll

    def _shown(self, poll: Poll, code: int = status.HTTP_200_OK) -> Response:
        context = {**self.get_serializer_context(), "tally": tally_of(poll)}
        return Response(PollDetailSerializer(poll, context=context).data, code)
