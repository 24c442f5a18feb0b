"""REST: saved groups and templates, and meetings made from a template."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.dateparse import parse_time
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.rooms.addresses import parse_addresses
from apps.rooms.meetings.api import MeetingSerializer, notify_from
from apps.rooms.meetings.drafts import SETTINGS
from apps.rooms.models import Attendee, AttendeeGroup, GroupMember, MeetingTemplate
from apps.rooms.operations import schedule_meeting
from apps.rooms.planning.saved import groups_of, templates_of
from apps.tenants.models import ApiToken
from visio_portal.api.access import membership_of
from visio_portal.api.paging import Pages

DAY_MINUTES = 24 * 60


class GroupMemberSerializer(serializers.ModelSerializer[GroupMember]):
    class Meta:
        model = GroupMember
        fields = ["email", "name"]
        read_only_fields = fields


class GroupSerializer(serializers.ModelSerializer[AttendeeGroup]):
    """People saved under a name; ``is_shared``: by a unit, for all of its members."""

    people = GroupMemberSerializer(many=True, read_only=True)
    is_shared = serializers.SerializerMethodField()

    class Meta:
        model = AttendeeGroup
        fields = ["id", "name", "is_shared", "people"]
        read_only_fields = fields

    def get_is_shared(self, group: AttendeeGroup) -> bool:
        return group.unit_id is not None


class TemplateSerializer(serializers.ModelSerializer[MeetingTemplate]):
    """A meeting filled in advance; ``values`` are those that ``meetings`` takes, the date is missing."""

    values = serializers.SerializerMethodField()
    is_shared = serializers.SerializerMethodField()

    class Meta:
        model = MeetingTemplate
        fields = ["id", "name", "is_shared", "values"]
        read_only_fields = fields

    def get_is_shared(self, template: MeetingTemplate) -> bool:
        return template.unit_id is not None

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_values(self, template: MeetingTemplate) -> dict[str, Any]:
        return body_of(template)


class FromTemplateSerializer(serializers.Serializer[Any]):
    """The date, and whatever else of ``values`` is to be otherwise than in the template."""

    starts_on = serializers.DateField()
    start_time = serializers.CharField(required=False, help_text=_("The template's own by default"))


class GroupViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[AttendeeGroup]):
    """Saved groups that the token's owner may use: their own and their unit's."""

    serializer_class = GroupSerializer
    lookup_url_kwarg = "group_id"
    lookup_value_converter = "uuid"
    scopes = {"GET": ApiToken.Scope.MEETINGS_READ}

    class pagination_class(Pages):
        ordering = ("name", "id")

    def get_queryset(self) -> QuerySet[AttendeeGroup]:
        return groups_of(membership_of(self.request)).prefetch_related("people")


class TemplateViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[MeetingTemplate]):
    """Templates of meetings that the token's owner may use: their own and their unit's."""

    serializer_class = TemplateSerializer
    lookup_url_kwarg = "template_id"
    lookup_value_converter = "uuid"
    scopes = {"GET": ApiToken.Scope.MEETINGS_READ, "POST": ApiToken.Scope.MEETINGS_WRITE}

    class pagination_class(Pages):
        ordering = ("name", "id")

    def get_queryset(self) -> QuerySet[MeetingTemplate]:
        return templates_of(membership_of(self.request))

    @extend_schema(request=FromTemplateSerializer, responses={201: MeetingSerializer})
    @action(detail=True, methods=["post"])
    def schedule(self, request: Request, template_id: UUID) -> Response:
        """Schedule a meeting from a template: what the body says comes before what the template says."""
        template = self.get_object()
        FromTemplateSerializer(data=request.data).is_valid(raise_exception=True)
        context = self.get_serializer_context()
        serializer: Any = MeetingSerializer(data=body_of(template) | dict(request.data), context=context)
        serializer.is_valid(raise_exception=True)
        meeting = schedule_meeting(
            by=membership_of(request),
            organizer=serializer.member,
            plan=serializer.plan,
            notify=notify_from(serializer.validated_data),
        )
        return Response(MeetingSerializer(meeting, context=context).data, status.HTTP_201_CREATED)


def body_of(template: MeetingTemplate) -> dict[str, Any]:
    """Return what a template holds as the body that schedules a meeting, without its date."""
    saved = template.values
    body = {name: saved[name] for name in ("title", "agenda", "room", "start_time", *SETTINGS) if name in saved}
    start, end = (parse_time(str(saved.get(name) or "")) for name in ("start_time", "end_time"))
    if start and end:
        day = datetime.min.date()
        seconds = (datetime.combine(day, end) - datetime.combine(day, start)).total_seconds()
        body["duration_minutes"] = int(seconds // 60) % DAY_MINUTES or DAY_MINUTES
    people = [
        {"email": address.email, "name": address.name, "role": role.value}
        for name, role in (
            ("co_organizers", Attendee.Role.CO_ORGANIZER),
            ("attendees", Attendee.Role.ATTENDEE),
        )
        for address in parse_addresses(str(saved.get(name) or ""))[0]
    ]
    return body | {"attendees": people}
