"""REST: the rules in force, so that an intranet can say in advance what would be refused."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.rooms.meetings.people_api import organizer_named
from apps.rooms.models import Room
from apps.rooms.places.policies import policy_for
from apps.rooms.places.rules import RULES, Definition, Effective, LevelKind
from apps.tenants.models import ApiToken
from visio_portal.api.access import membership_of, tenant_of
from visio_portal.api.errors import ErrorSerializer


@extend_schema_field({})  # a number, a text, yes or no, hours, or days: as the rule has it
class RuleValueField(serializers.Field[Any, Any, Any, Any]):
    """What counts, in the form in which the rule is kept."""

    def to_representation(self, value: Any) -> Any:
        return value


class RuleSerializer(serializers.Serializer[Any]):
    """What counts for a rule after all levels. An enforced one is refused otherwise (422), a default is a proposal."""

    rule = serializers.ChoiceField([(name, definition.label) for name, definition in RULES.items()])
    label = serializers.CharField()  # type: ignore[assignment]
    value = RuleValueField()
    text = serializers.CharField(allow_blank=True, help_text=_("The value in words"))
    is_enforced = serializers.BooleanField()
    level = serializers.ChoiceField(LevelKind.choices, allow_null=True, help_text=_("Who decided; null: nobody"))
    origin = serializers.CharField(help_text=_("Who decided and why, in words"))


class RulesQuerySerializer(serializers.Serializer[Any]):
    organizer_id = serializers.UUIDField(
        required=False, help_text=_("For the meetings of a member who has delegated this to the token's owner")
    )


class MeetingRulesView(APIView):
    """The rules for the meetings of the token's owner, or of somebody in whose name they schedule."""

    scopes = {"GET": ApiToken.Scope.MEETINGS_READ}

    @extend_schema(
        operation_id="rules_list",
        parameters=[RulesQuerySerializer],
        responses={200: RuleSerializer(many=True), 400: ErrorSerializer},
        tags=["rules"],
    )
    def get(self, request: Request) -> Response:
        query = RulesQuerySerializer(data=request.query_params)
        query.is_valid(raise_exception=True)
        organizer = organizer_named(membership_of(request), query.validated_data.get("organizer_id"))
        return Response(_rules(policy_for(organizer).meeting.rows()))


class RoomRulesView(APIView):
    """The rules for booking a room."""

    scopes = {"GET": ApiToken.Scope.MEETINGS_READ}

    @extend_schema(operation_id="rooms_rules_list", responses=RuleSerializer(many=True), tags=["rooms"])
    def get(self, request: Request, room_id: UUID) -> Response:
        room = get_object_or_404(Room, tenant=tenant_of(request), closed_at=None, id=room_id)
        policy = policy_for(membership_of(request), room).room
        return Response(_rules(policy.rows() if policy is not None else ()))


def _rules(rows: Iterable[tuple[Definition[Any], Effective[Any]]]) -> Any:
    told = [
        {
            "rule": definition.name,
            "label": str(definition.label),
            "value": definition.write(decided.value),
            "text": decided.text,
            "is_enforced": decided.is_enforced,
            "level": decided.level.kind if decided.level else None,
            "origin": decided.origin,
        }
        for definition, decided in rows
    ]
    return RuleSerializer(told, many=True).data
