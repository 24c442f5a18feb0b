"""REST: meetings."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions, mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.rooms.meetings.people_forms import INVITEES_MAX
from apps.rooms.meetings.repetition_forms import FIRST_DAY, LAST_DAY
from apps.rooms.models import Attendee, Meeting
from apps.rooms.operations import Invitee, MeetingPlan, recognise, reschedule_meeting, schedule_meeting
from apps.rooms.wall_time import FRENCH_ZONES, NonexistentTime
from apps.tenants.models import ApiToken, Membership
from visio_portal.api.access import membership_of, tenant_of
from visio_portal.api.paging import Pages

AGENDA_MAX = 10_000  # characters
ZONES = [key for key, _name in FRENCH_ZONES]


class AttendeeSerializer(serializers.ModelSerializer[Attendee]):
    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    role = serializers.ChoiceField(Attendee.Role.choices, required=False)

    class Meta:
        model = Attendee
        fields = ["email", "name", "role"]

    def validate_email(self, value: str) -> str:
        return value.lower()


class OrganizerSerializer(serializers.ModelSerializer[Membership]):
    name = serializers.CharField(source="user.full_name", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "name"]
        read_only_fields = fields


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$", "example": "14:00"})
class WallTimeField(serializers.TimeField):
    """A time of day without a zone, which the meeting has beside it; "14:00Z" is refused."""

    def __init__(self) -> None:
        super().__init__(input_formats=["%H:%M", "%H:%M:%S"])


class MeetingSerializer(serializers.ModelSerializer[Meeting]):
    """A meeting: a wall time in a zone. ``attendees`` replaces the whole list where it is given."""

    organizer = OrganizerSerializer(read_only=True)
    agenda = serializers.CharField(required=False, allow_blank=True, max_length=AGENDA_MAX)
    starts_on = serializers.DateField()
    start_time = WallTimeField()
    time_zone = serializers.ChoiceField(ZONES, required=False, help_text=_("The ministry's own by default"))
    attendees = AttendeeSerializer(many=True, required=False)
    start_at = serializers.SerializerMethodField()
    end_at = serializers.SerializerMethodField()
    seen_at = serializers.DateTimeField(
        write_only=True,
        required=False,
        help_text=_("The updated_at that you read: 409 if somebody changed the meeting since"),
    )

    class Meta:
        model = Meeting
        fields = [
            "id",
            "title",
            "agenda",
            "organizer",
            "starts_on",
            "start_time",
            "time_zone",
            "duration_minutes",
            "start_at",
            "end_at",
            "transcript_audience",
            "attendees",
            "created_at",
            "updated_at",
            "seen_at",
        ]
        read_only_fields = ["id", "created_at", "updated_at"]

    @extend_schema_field(serializers.DateTimeField)
    def get_start_at(self, meeting: Meeting) -> str:
        return meeting.bounds()[0].isoformat()

    @extend_schema_field(serializers.DateTimeField)
    def get_end_at(self, meeting: Meeting) -> str:
        return meeting.bounds()[1].isoformat()

    def validate_starts_on(self, value: Any) -> Any:
        if not FIRST_DAY <= value <= LAST_DAY:
            raise serializers.ValidationError(_("This date is out of range."), "out_of_range")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        organizer = self.instance.organizer if self.instance else membership_of(self.context["request"])
        if attrs.get("transcript_audience") == Meeting.Audience.UNIT and organizer.unit_id is None:
            raise serializers.ValidationError({"transcript_audience": _("The organiser belongs to no unit.")})
        invitees = invitees_from(attrs.get("attendees", []))
        if len(invitees) > INVITEES_MAX:
            raise serializers.ValidationError({"attendees": _("Too many people.")}, "max_length")
        members = recognise(invitees, tenant_id=organizer.tenant_id)
        if any(who.role == Attendee.Role.CO_ORGANIZER and who.email not in members for who in invitees):
            raise serializers.ValidationError({"attendees": _("Only members can be co-organisers.")})
        try:
            plan_from(attrs, self.instance, organizer).bounds()
        except NonexistentTime as error:
            detail = _("The clocks go forward over this time.")
            raise serializers.ValidationError({"start_time": detail}, "nonexistent_time") from error
        return attrs


class MeetingViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Meeting]):
    """Meetings that the token's owner organises or attends."""

    serializer_class = MeetingSerializer
    lookup_url_kwarg = "meeting_id"
    lookup_value_converter = "uuid"
    scopes = {
        "GET": ApiToken.Scope.MEETINGS_READ,
        "POST": ApiToken.Scope.MEETINGS_WRITE,
        "PATCH": ApiToken.Scope.MEETINGS_WRITE,
    }
    http_method_names = ["get", "post", "patch", "head", "options"]

    class pagination_class(Pages):
        ordering = ("-starts_on", "-start_time", "id")

    def get_queryset(self) -> QuerySet[Meeting]:
        meetings = Meeting.objects.filter(tenant=tenant_of(self.request))
        found = meetings.visible_to(membership_of(self.request))
        return found.select_related("organizer__user", "organizer__tenant").prefetch_related("attendees")

    def create(self, request: Request) -> Response:
        """Schedule a meeting that the token's owner organises."""
        serializer = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        owner = membership_of(request)
        meeting = schedule_meeting(by=owner, plan=plan_from(serializer.validated_data, None, owner))
        return Response(self._body(meeting.id), status.HTTP_201_CREATED)

    def partial_update(self, request: Request, meeting_id: UUID) -> Response:
        """Change a meeting that the token's owner organises or co-organises."""
        meeting = self.get_object()
        owner = membership_of(request)
        if not Meeting.objects.editable_by(owner).filter(id=meeting.id).exists():
            raise exceptions.PermissionDenied(_("Only its organisers change a meeting."), "not_an_organizer")
        serializer = self.get_serializer(meeting, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        plan = plan_from(values, meeting, meeting.organizer)
        reschedule_meeting(meeting=meeting, by=owner, plan=plan, seen_at=values.get("seen_at"))
        return Response(self._body(meeting.id))

    def _body(self, meeting_id: UUID) -> Any:
        return self.get_serializer(self.get_queryset().get(id=meeting_id)).data


def plan_from(values: dict[str, Any], changed: Meeting | None, organizer: Membership) -> MeetingPlan:
    """Return the plan that the values make, on top of the meeting that is being changed."""
    tenant = organizer.tenant
    meeting = changed or Meeting(tenant=tenant, time_zone=tenant.time_zone)
    names = ("title", "agenda", "starts_on", "start_time", "duration_minutes", "time_zone", "transcript_audience")
    decided = {name: values.get(name, getattr(meeting, name)) for name in names}
    if "attendees" in values:
        invitees = invitees_from(values["attendees"])
    else:
        invitees = invitees_of(changed.attendees.all()) if changed else ()
    return MeetingPlan(**decided, invitees=invitees)


def invitees_from(values: Sequence[dict[str, Any]]) -> tuple[Invitee, ...]:
    """Return the people of a body, each address once."""
    people: dict[str, Invitee] = {}
    for value in values:
        role = Attendee.Role(value.get("role") or Attendee.Role.ATTENDEE)
        people.setdefault(value["email"], Invitee(value["email"], value.get("name", ""), role))
    return tuple(people.values())


def invitees_of(attendees: QuerySet[Attendee]) -> tuple[Invitee, ...]:
    """Return the people whom a meeting has already."""
    return tuple(Invitee(person.email, person.name, Attendee.Role(person.role)) for person in attendees)
