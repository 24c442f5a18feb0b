"""The demonstration's meetings: weekly habits of the past months and the coming weeks."""

from collections.abc import Iterator
from datetime import date, time, timedelta
from typing import Any

from apps.rooms.models import Attendee, Meeting
from apps.rooms.operations import Invitee, MeetingPlan, Notify, schedule_meeting
from apps.tenants.models import Tenant
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration.people import load_rows
from visio_portal.demonstration.tenants import member_of


def seed_meetings(today: date) -> None:
    """Schedule each tenant's meetings around a day, once."""
    for tenant in Tenant.objects.ministries():
        with tenant_scope(tenant.id):
            if not Meeting.objects.exists():
                for row in load_rows("meetings"):
                    if row["tenant"] == tenant.slug:
                        _schedule_series(tenant, row, today)


def _schedule_series(tenant: Tenant, row: dict[str, Any], today: date) -> None:
    organizer = member_of(tenant, row["organizer"])
    invitees = tuple(_invitees(tenant, row))
    monday = today - timedelta(days=today.weekday())
    for week in range(row["from_week"], row["to_week"] + 1, row["every_weeks"]):
        plan = MeetingPlan(
            title=row["title"],
            agenda=row["agenda"],
            starts_on=monday + timedelta(weeks=week, days=row["weekday"]),
            start_time=time.fromisoformat(row["time"]),
            duration_minutes=row["minutes"],
            time_zone=row.get("zone", "Europe/Paris"),
            transcript_audience=Meeting.Audience(row["audience"]),
            invitees=invitees,
        )
        schedule_meeting(by=organizer, plan=plan, notify=Notify.NOBODY)


def _invitees(tenant: Tenant, row: dict[str, Any]) -> Iterator[Invitee]:
    for key in row["attendees"]:
        member = member_of(tenant, key)
        is_co_organizer = key in row["co_organizers"]
        role = Attendee.Role.CO_ORGANIZER if is_co_organizer else Attendee.Role.ATTENDEE
        yield Invitee(email=member.user.email, name=member.user.full_name, role=role)
