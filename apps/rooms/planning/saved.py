"""Groups of people and templates of meetings that are saved: a member's own, or their unit's."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from apps.rooms.addresses import Address
from apps.rooms.meetings.drafts import SETTINGS, values_of
from apps.rooms.models import Attendee, AttendeeGroup, GroupMember, Meeting, MeetingTemplate
from apps.tenants.journal import record_by
from apps.tenants.models import Membership

# What a template keeps of a meeting: everything but its date, its people's answers and its organiser.
KEPT = ("title", "agenda", "room", "start_time", "end_time", "co_organizers", "attendees", *SETTINGS)


def groups_of(member: Membership) -> QuerySet[AttendeeGroup]:
    """Return the groups that a member may use and change: their own and their unit's."""
    return AttendeeGroup.objects.filter(_saved_for(member), tenant=member.tenant_id)


def templates_of(member: Membership) -> QuerySet[MeetingTemplate]:
    """Return the templates that a member may use and change: their own and their unit's."""
    return MeetingTemplate.objects.filter(_saved_for(member), tenant=member.tenant_id)


def save_group(
    *, by: Membership, name: str, people: Sequence[Address], for_unit: bool, group: AttendeeGroup | None = None
) -> AttendeeGroup:
    """Save a group, anew or in the place of what it was; ``for_unit`` shares it with the member's unit."""
    with transaction.atomic():
        group = group or AttendeeGroup(tenant_id=by.tenant_id)
        group.name, group.owner, group.unit = name, *_owner(by, for_unit)
        group.save()
        group.people.all().delete()
        GroupMember.objects.bulk_create(
            GroupMember(tenant_id=by.tenant_id, group=group, email=person.email, name=person.name) for person in people
        )
        record_by(by, "group.saved", group, people=len(people), shared=for_unit)
    return group


def delete_group(*, by: Membership, group: AttendeeGroup) -> None:
    """Delete a saved group; meetings to which it was invited stay as they are."""
    with transaction.atomic():
        record_by(by, "group.deleted", group)
        group.delete()


def save_template(*, by: Membership, name: str, meeting: Meeting, for_unit: bool) -> MeetingTemplate:
    """Keep what a meeting is made of, for others like it."""
    people: list[Attendee] = list(meeting.attendees.all())
    values = {key: _plain(value) for key, value in values_of(meeting, people).items() if key in KEPT}
    owner, unit = _owner(by, for_unit)
    with transaction.atomic():
        template = MeetingTemplate.objects.create(
            tenant_id=by.tenant_id, name=name, owner=owner, unit=unit, values=values
        )
        record_by(by, "template.saved", template, shared=for_unit)
    return template


def delete_template(*, by: Membership, template: MeetingTemplate) -> None:
    """Delete a template; meetings made from it stay as they are."""
    with transaction.atomic():
        record_by(by, "template.deleted", template)
        template.delete()


def _saved_for(member: Membership) -> Q:
    own = Q(owner=member)
    return own | Q(unit=member.unit_id) if member.unit_id else own


def _owner(by: Membership, for_unit: bool) -> tuple[Membership | None, Any]:
    return (None, by.unit) if for_unit and by.unit_id else (by, None)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return value if value is None or isinstance(value, bool | int | str) else str(value)
