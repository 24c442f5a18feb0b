"""What the journal may name of meetings."""

from django.utils.translation import gettext_lazy as _

from apps.rooms.models import Meeting
from apps.tenants.journal_objects import Kind, show_in_journal
from apps.tenants.journal_words import name_fields, name_values

show_in_journal("meeting", Kind(Meeting.objects.visible_to, "title", "rooms:meeting_detail", "meeting_id"))
name_fields("changed", Meeting)
name_values("changed", {"attendees": _("people invited")})
