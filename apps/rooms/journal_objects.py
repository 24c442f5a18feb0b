"""What the journal may name of meetings and rooms."""

from django.utils.translation import gettext_lazy as _

from apps.rooms.models import Meeting, Room, VisioConnection
from apps.rooms.places.rules import RULES
from apps.tenants.journal_objects import Kind, show_in_journal
from apps.tenants.journal_words import name_fields, name_values

show_in_journal("meeting", Kind(Meeting.objects.visible_to, "title", "rooms:meeting_detail", "meeting_id"))
show_in_journal(
    "room", Kind(lambda member: Room.objects.filter(tenant=member.tenant_id), "name", "rooms:room_detail", "room_id")
)
name_fields("changed", Meeting, Room, VisioConnection)
name_values("kind", dict(Room.Kind.choices))
name_values("rule", {name: definition.label for name, definition in RULES.items()})
name_values("mode", {"unset": _("nothing"), "default": _("default"), "enforced": _("enforced")})
name_values("changed", {"attendees": _("people invited")})
