"""The demonstration's meetings: weekly habits of the past months and the coming weeks."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from apps.rooms.models import Attendee, Meeting
from apps.rooms.operations import (
    Invitee,
    MeetingPlan,
    Notify,
    OccurrencePlan,
    RoomTaken,
    cancel_occurrence,
    change_occurrence,
    schedule_meeting,
)
from apps.rooms.places.admission import NotAdmitted
from apps.tenants.models import Membership, Tenant
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration.people import load_rows
from visio_portal.demonstration.rooms import room_of
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
    weeks = range(row["from_week"], row["to_week"] + 1, row["every_weeks"])
    for week in weeks[:1] if "rrule" in row else weeks:
        plan = MeetingPlan(
            title=row["title"],
            agenda=row["agenda"],
            starts_on=monday + timedelta(weeks=week, days=row["weekday"]),
            start_time=time.fromisoformat(row["time"]),
            duration_minutes=row["minutes"],
            time_zone=row.get("zone", "Europe/Paris"),
            transcript_audience=Meeting.Audience(row["audience"]),
            invitees=invitees,
            room=room_of(tenant, row["room"]) if "room" in row else None,
            rrule=row.get("rrule", ""),
        )
        meeting = _schedule(organizer, plan)
        if meeting.is_series:
            _change_single_dates(meeting, organizer)


def _change_single_dates(series: Meeting, by: Membership) -> None:
    """Move the third date to come by an hour, and cancel the fifth."""
    coming = series.occurrences.filter(start_at__gt=timezone.now()).select_related("meeting__organizer__user", "room")
    moved, cancelled = coming[2], coming[4]
    at = (datetime.combine(moved.starts_on, moved.start_time) + timedelta(hours=1)).time()
    plan = OccurrencePlan(moved.starts_on, at, moved.duration_minutes)
    change_occurrence(occurrence=moved, by=by, plan=plan, notify=Notify.NOBODY)
    cancel_occurrence(occurrence=cancelled, by=by, notify=Notify.NOBODY)


def _schedule(organizer: Membership, plan: MeetingPlan) -> Meeting:
    """Schedule a meeting; without its room where that is closed on the day, whatever day the data are seeded."""
    try:
        return schedule_meeting(by=organizer, plan=plan, notify=Notify.NOBODY)
    except (NotAdmitted, RoomTaken):
        return schedule_meeting(by=organizer, plan=replace(plan, room=None), notify=Notify.NOBODY)


def _invitees(tenant: Tenant, row: dict[str, Any]) -> Iterator[Invitee]:
    for key in row["attendees"]:
        member = member_of(tenant, key)
        is_co_organizer = key in row["co_organizers"]
        role = Attendee.Role.CO_ORGANIZER if is_co_organizer else Attendee.Role.ATTENDEE
        yield Invitee(email=member.user.email, name=member.user.full_name, role=role)
