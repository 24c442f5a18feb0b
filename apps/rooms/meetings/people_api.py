"""REST: who is invited, and in whose name."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from apps.rooms.addresses import INVITEES_MAX
from apps.rooms.meetings.editing import principals_of
from apps.rooms.models import Attendee
from apps.rooms.operations import Invitee, recognise
from apps.tenants.models import Membership


class PeopleSerializer(serializers.ListSerializer[Any]):
    """The people of a body; too many are refused before each one is looked at."""

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and len(data) > INVITEES_MAX:
            numbers = {"most": INVITEES_MAX, "number": len(data)}
            message = _("At most %(most)s people can be invited; these are %(number)s.") % numbers
            raise serializers.ValidationError(message, "max_length")
        people: list[Any] = super().to_internal_value(data)
        return people


class AttendeeSerializer(serializers.ModelSerializer[Attendee]):
    email = serializers.EmailField(max_length=254)
    name = serializers.CharField(max_length=200, required=False, allow_blank=True)
    role = serializers.ChoiceField(Attendee.Role.choices, required=False)

    class Meta:
        model = Attendee
        fields = ["email", "name", "role"]
        list_serializer_class = PeopleSerializer

    def validate_email(self, value: str) -> str:
        return value.lower()

    def validate_name(self, value: str) -> str:
        return " ".join(value.split())  # of one line: it stands in the headers of mails


class MemberSerializer(serializers.ModelSerializer[Membership]):
    name = serializers.CharField(source="user.full_name", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "name"]
        read_only_fields = fields


def organizer_named(owner: Membership, wanted: UUID | None) -> Membership:
    """Return in whose name the owner of a token schedules; raises ValidationError where they may not."""
    if wanted is None or wanted == owner.id:
        return owner
    organizer = next((member for member in principals_of(owner) if member.id == wanted), None)
    if organizer is None:
        raise serializers.ValidationError({"organizer_id": _("You may not schedule in this person’s name.")})
    return organizer


def invitees_from(values: Sequence[dict[str, Any]]) -> tuple[Invitee, ...]:
    """Return the people of a body, each address once."""
    people: dict[str, Invitee] = {}
    for value in values:
        role = Attendee.Role(value.get("role") or Attendee.Role.ATTENDEE)
        people.setdefault(value["email"], Invitee(value["email"], value.get("name", ""), role))
    return tuple(people.values())


def check_roles(invitees: Sequence[Invitee], organizer: Membership) -> None:
    """Raise ValidationError where somebody who is no member would be a co-organiser."""
    chosen = [who for who in invitees if who.role == Attendee.Role.CO_ORGANIZER]
    members = recognise(chosen, tenant_id=organizer.tenant_id) if chosen else {}
    if any(who.email not in members for who in chosen):
        raise serializers.ValidationError({"attendees": _("Only members can be co-organisers.")})
