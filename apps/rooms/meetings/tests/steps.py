"""What tests of the meeting form do again and again: a step of it, a series, its values."""

from datetime import time, timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from apps.rooms.meetings.tests.test_views import FORM, url
from apps.rooms.models import Meeting
from apps.rooms.operations import MeetingPlan, schedule_meeting
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope

MONDAY = timezone.localdate() + timedelta(days=7 - timezone.localdate().weekday())
SOON = FORM | {"starts_on": MONDAY.isoformat()}
WEEKLY = SOON | {"frequency": "weekly", "ends": "after", "count": "6"}


def step(web: Client, member: Membership, what: str, **changes: Any) -> Any:
    response = web.post(url("meeting_create", member), SOON | {"step": what} | changes)
    assert response.status_code == 200
    return response


def the_meeting(member: Membership) -> Meeting:
    with tenant_scope(member.tenant_id):
        return Meeting.objects.select_related("tenant", "organizer").get()


def series_of(member: Membership, **changes: Any) -> Meeting:
    fields: dict[str, Any] = {
        "title": "Point",
        "starts_on": MONDAY,
        "start_time": time(10),
        "duration_minutes": 60,
        "rrule": "FREQ=WEEKLY;COUNT=6",
    }
    with tenant_scope(member.tenant_id):
        return schedule_meeting(by=member, plan=MeetingPlan(**(fields | changes)))


def data_of(form: Any) -> dict[str, Any]:
    return {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", False)}
