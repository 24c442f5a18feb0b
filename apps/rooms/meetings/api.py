"""REST: meetings."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions, mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response

from apps.rooms.invitations.links import join_url
from apps.rooms.meetings.drafts import SETTINGS
from apps.rooms.meetings.people_api import (
    AttendeeSerializer,
    MemberSerializer,
    check_roles,
    invitees_from,
    organizer_named,
)
from apps.rooms.meetings.repetition_forms import FIRST_DAY, LAST_DAY
from apps.rooms.models import Meeting, Notify, Occurrence
from apps.rooms.models.meetings import wall_of
from apps.rooms.operations import (
    MeetingPlan,
    change_following,
    reschedule_meeting,
    schedule_meeting,
)
from apps.rooms.operations.plans import invitees_of
from apps.rooms.places.api import RoomField
from apps.rooms.places.policies import policy_for
from apps.rooms.recurrence import OCCURRENCES_MAX, TEXT_MAX, RuleError, StartOutsideRule, parse_rule, rest_of
from apps.rooms.wall_time import FRENCH_ZONES, NonexistentTime
from apps.tenants.models import ApiToken, Membership
from visio_portal.api.access import membership_of, tenant_of
from visio_portal.api.paging import Pages

AGENDA_MAX = 10_000  # characters
ZONES = [key for key, _name in FRENCH_ZONES]


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$", "example": "14:00"})
class WallTimeField(serializers.TimeField):
    """A time of day without a zone, which the meeting has beside it; "14:00Z" is refused."""

    def __init__(self) -> None:
        super().__init__(input_formats=["%H:%M", "%H:%M:%S"])


class MeetingSerializer(serializers.ModelSerializer[Meeting]):
    """A meeting: a wall time in a zone, perhaps repeated.

    ``attendees`` and ``excluded`` replace the whole list where they are given. ``start_at`` and ``end_at`` are those
    of the first date; the others are read from ``occurrences``. Once valid, ``plan`` is what to do in the name of
    ``member``.
    """

    member: Membership
    plan: MeetingPlan

    organizer = MemberSerializer(read_only=True)
    organizer_id = serializers.UUIDField(
        write_only=True,
        required=False,
        help_text=_("In whose name: a member who has delegated this to the token's owner"),
    )
    room = RoomField(required=False, allow_null=True)
    rrule = serializers.CharField(
        required=False, allow_blank=True, max_length=TEXT_MAX, help_text=_("RFC 5545, such as FREQ=WEEKLY;BYDAY=TU")
    )
    excluded = serializers.ListField(
        child=serializers.DateField(),
        write_only=True,
        required=False,
        max_length=OCCURRENCES_MAX,
        help_text=_("Dates of the repetition that do not take place"),
    )
    join_url = serializers.SerializerMethodField()
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
    since = serializers.UUIDField(
        write_only=True,
        required=False,
        help_text=_("An occurrence: that date and all that follow are changed, as a meeting of their own"),
    )
    notify = serializers.ChoiceField(
        [choice.value for choice in Notify],
        write_only=True,
        required=False,
        help_text=_("Who is written to; everybody by default"),
    )

    class Meta:
        model = Meeting
        fields = [
            "id",
            "title",
            "agenda",
            "organizer",
            "organizer_id",
            "starts_on",
            "start_time",
            "time_zone",
            "duration_minutes",
            "start_at",
            "end_at",
            "rrule",
            "excluded",
            "room",
            "join_url",
            *SETTINGS,
            "attendees",
            "cancelled_at",
            "created_at",
            "updated_at",
            "seen_at",
            "since",
            "notify",
        ]
        read_only_fields = ["id", "cancelled_at", "created_at", "updated_at"]

    def get_join_url(self, meeting: Meeting) -> str:
        return join_url(meeting)

    @extend_schema_field(serializers.DateTimeField)
    def get_start_at(self, meeting: Meeting) -> str:
        return meeting.bounds()[0].isoformat()

    @extend_schema_field(serializers.DateTimeField)
    def get_end_at(self, meeting: Meeting) -> str:
        return meeting.bounds()[1].isoformat()

    def validate_title(self, value: str) -> str:
        return " ".join(value.split())  # of one line: it stands in the headers of mails

    def validate_starts_on(self, value: Any) -> Any:
        if not FIRST_DAY <= value <= LAST_DAY:
            raise serializers.ValidationError(_("This date is out of range."), "out_of_range")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        organizer = self.instance.organizer if self.instance else self.organizer_of(attrs)
        if attrs.get("transcript_audience") == Meeting.Audience.UNIT and organizer.unit_id is None:
            raise serializers.ValidationError({"transcript_audience": _("The organiser belongs to no unit.")})
        check_roles(invitees_from(attrs.get("attendees", [])), organizer)
        if self.instance is not None and "since" in attrs:  # the plan belongs to that date, which is read later
            return attrs
        self.member, self.plan = organizer, plan_from(attrs, self.instance, organizer)
        self.check_time(self.plan)
        return attrs

    def organizer_of(self, attrs: dict[str, Any]) -> Membership:
        """Return in whose name a new meeting is scheduled."""
        return organizer_named(membership_of(self.context["request"]), attrs.get("organizer_id"))

    def check_time(self, plan: MeetingPlan) -> None:
        """Refuse a time that the clocks skip, and a repetition that cannot be."""
        try:
            plan.expansion()
        except NonexistentTime as error:
            detail = _("The clocks go forward over this time.")
            raise serializers.ValidationError({"start_time": detail}, "nonexistent_time") from error
        except StartOutsideRule as error:
            raise serializers.ValidationError({"starts_on": str(error)}, "start_outside_rule") from error
        except RuleError as error:
            raise serializers.ValidationError({"rrule": str(error)}, "invalid_rule") from error


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
        return found.select_related(
            "tenant", "organizer__user", "organizer__tenant", "organizer__unit", "room"
        ).prefetch_related("attendees")

    def create(self, request: Request) -> Response:
        """Schedule a meeting that the token's owner organises, or somebody who has delegated this to them."""
        serializer: Any = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        meeting = schedule_meeting(
            by=membership_of(request),
            organizer=serializer.member,
            plan=serializer.plan,
            notify=notify_from(serializer.validated_data),
        )
        return Response(self._body(meeting.id), status.HTTP_201_CREATED)

    def partial_update(self, request: Request, meeting_id: UUID) -> Response:
        """Change a meeting, or a series from one of its dates on (``since``); what it becomes is returned."""
        meeting = self.get_object()
        owner = membership_of(request)
        if not Meeting.objects.schedulable_by(owner).filter(id=meeting.id).exists():
            raise exceptions.PermissionDenied(_("Only its organisers change a meeting."), "not_an_organizer")
        serializer: Any = self.get_serializer(meeting, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        seen_at, notify = values.get("seen_at"), notify_from(values)
        if "since" in values:
            occurrence = get_object_or_404(meeting.occurrences.all(), id=values["since"])
            occurrence.meeting = meeting
            plan = plan_since(values, occurrence)
            serializer.check_time(plan)
            changed = change_following(occurrence=occurrence, by=owner, plan=plan, seen_at=seen_at, notify=notify)
        else:
            plan = serializer.plan
            changed = reschedule_meeting(meeting=meeting, by=owner, plan=plan, seen_at=seen_at, notify=notify)
        return Response(self._body(changed.id))

    def _body(self, meeting_id: UUID) -> Any:
        return self.get_serializer(self.get_queryset().get(id=meeting_id)).data


def plan_from(values: dict[str, Any], changed: Meeting | None, organizer: Membership) -> MeetingPlan:
    """Return the plan that the values make, on top of the meeting that is being changed."""
    tenant = organizer.tenant
    proposed = policy_for(organizer).meeting.initial() if changed is None else {}
    meeting = changed or Meeting(tenant=tenant, time_zone=tenant.time_zone, **proposed)
    names = [name for name in MeetingPlan.__dataclass_fields__ if name not in ("invitees", "excluded")]
    decided = {name: values.get(name, getattr(meeting, name)) for name in names}
    invitees = invitees_of(changed) if changed else ()
    if "attendees" in values:
        invitees = invitees_from(values["attendees"])
    excluded = None
    if "excluded" in values:
        excluded = frozenset(datetime.combine(day, decided["start_time"]) for day in values["excluded"])
    return MeetingPlan(**decided, invitees=invitees, excluded=excluded)


def plan_since(values: dict[str, Any], occurrence: Occurrence) -> MeetingPlan:
    """Return the plan that the values make for a series from one of its dates on."""
    meeting, wall = occurrence.meeting, wall_of(occurrence.recurrence_id)
    rest: dict[str, Any] = {"starts_on": wall.date()}
    if meeting.rrule:
        rule = rest_of(parse_rule(meeting.rrule, meeting.zone), meeting.wall_start, wall)
        rest["rrule"] = rule.text(meeting.zone)
    return plan_from(rest | values, meeting, meeting.organizer)


def notify_from(values: dict[str, Any]) -> Notify:
    return Notify(values.get("notify", Notify.ALL))
