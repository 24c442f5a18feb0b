"""What the app stores, by noun."""

from apps.rooms.models.calendars import BusyPeriod, CalendarFeed, ExternalCalendar
from apps.rooms.models.conferences import Conference, ConferenceEvent, VisioConnection
from apps.rooms.models.delegations import Delegation
from apps.rooms.models.invitations import Announcement, Mail, Mailbox, Notify, PendingAnswer
from apps.rooms.models.meetings import Answer, Attendee, Meeting, Occurrence, OccurrenceAnswer
from apps.rooms.models.planning import (
    AttendeeGroup,
    CalendarImport,
    GroupMember,
    ImportedOriginal,
    MeetingTemplate,
    Poll,
    PollAnswer,
)
from apps.rooms.models.refusals import RoomRefusal
from apps.rooms.models.rooms import PolicyRule, Room, RoomManager, StatePolicyRule

__all__ = [
    "Announcement",
    "Answer",
    "Attendee",
    "AttendeeGroup",
    "BusyPeriod",
    "CalendarFeed",
    "CalendarImport",
    "Conference",
    "ConferenceEvent",
    "Delegation",
    "ExternalCalendar",
    "GroupMember",
    "ImportedOriginal",
    "Mail",
    "Mailbox",
    "Meeting",
    "MeetingTemplate",
    "Notify",
    "Occurrence",
    "OccurrenceAnswer",
    "PendingAnswer",
    "PolicyRule",
    "Poll",
    "PollAnswer",
    "Room",
    "RoomManager",
    "RoomRefusal",
    "StatePolicyRule",
    "VisioConnection",
]
