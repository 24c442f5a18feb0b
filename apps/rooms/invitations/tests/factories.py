"""Meetings that are still to come, with people, for the tests of invitations."""

from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from apps.rooms.models import Meeting
from apps.rooms.operations import Invitee, MeetingPlan, schedule_meeting
from apps.tenants.models import Membership

GUEST = Invitee("zoe@cabinet.example", "Zoé Garnier")
COLLEAGUE = Invitee("paul@example.gouv.fr", "Paul Roux")


def next_monday(at: time = time(10, 0)) -> datetime:
    """Return a naive wall time at least a week away."""
    today = timezone.localdate()
    return datetime.combine(today + timedelta(days=14 - today.weekday()), at)


def plan(**changes: Any) -> MeetingPlan:
    start = next_monday()
    fields: dict[str, Any] = {
        "title": "Comité de suivi",
        "agenda": "1. Budget\n2. Calendrier",
        "starts_on": start.date(),
        "start_time": start.time(),
        "duration_minutes": 60,
        "invitees": (GUEST, COLLEAGUE),
    }
    return MeetingPlan(**(fields | changes))


def invite(organizer: Membership, **changes: Any) -> Meeting:
    """Schedule a meeting with a guest and a colleague; ``rrule="FREQ=WEEKLY;COUNT=4"`` makes a series."""
    return schedule_meeting(by=organizer, plan=plan(**changes))
