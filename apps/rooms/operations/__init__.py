"""What people do with rooms and meetings."""

from apps.rooms.models import Notify
from apps.rooms.operations.booking import RoomTaken
from apps.rooms.operations.people import recognise
from apps.rooms.operations.plans import Invitee, MeetingPlan, OccurrencePlan, Scope, may_act_for, plan_of
from apps.rooms.operations.scheduling import (
    MeetingChanged,
    cancel_meeting,
    change_following,
    reschedule_meeting,
    restore_meeting,
    schedule_meeting,
)
from apps.rooms.operations.series import (
    cancel_following,
    cancel_occurrence,
    change_occurrence,
    extend_series,
    restore_occurrence,
)

__all__ = [
    "Invitee",
    "MeetingChanged",
    "MeetingPlan",
    "Notify",
    "OccurrencePlan",
    "RoomTaken",
    "Scope",
    "cancel_following",
    "cancel_meeting",
    "cancel_occurrence",
    "change_following",
    "change_occurrence",
    "extend_series",
    "may_act_for",
    "plan_of",
    "recognise",
    "reschedule_meeting",
    "restore_meeting",
    "restore_occurrence",
    "schedule_meeting",
]
