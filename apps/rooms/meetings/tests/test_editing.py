"""Changing meetings by the form: in whose name, what is locked, a series or one of its dates, and copies."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.rooms.meetings.drafts import new_values
from apps.rooms.meetings.tests.steps import MONDAY, SOON, data_of, series_of, the_meeting
from apps.rooms.meetings.tests.test_views import SEND, url
from apps.rooms.models import Delegation, Meeting, PolicyRule
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db


# --- In whose name, and what is locked ----------------------------------------------------------------


def test_delegate_schedules_in_the_name_of_somebody_else(web: Client, member: Membership) -> None:
    principal = MembershipFactory.create(tenant=member.tenant)
    with tenant_scope(member.tenant_id):
        Delegation.objects.create(
            tenant=member.tenant, principal=principal, delegate=member, starts_on=date(2020, 1, 1)
        )
    form = web.get(url("meeting_create", member)).context["form"]
    assert {key for key, _name in form.fields["organizer"].choices} == {str(member.id), str(principal.id)}
    web.post(url("meeting_create", member), SOON | SEND | {"organizer": str(principal.id)})
    meeting = the_meeting(member)
    assert (meeting.organizer_id, meeting.scheduled_by_id) == (principal.id, member.id)
    assert web.get(url("meeting_edit", member, meeting.id)).status_code == 200


def test_nobody_schedules_in_the_name_of_a_stranger(web: Client, member: Membership) -> None:
    other = MembershipFactory.create(tenant=member.tenant)
    web.post(url("meeting_create", member), SOON | SEND | {"organizer": str(other.id)})
    assert the_meeting(member).organizer_id == member.id


def test_locked_setting_stays_and_says_by_whom(web: Client, member: Membership) -> None:
    with tenant_scope(member.tenant_id):
        PolicyRule.objects.create(tenant=member.tenant, name="recording", value=False, is_enforced=True)
    response = web.get(url("meeting_create", member))
    assert f"Locked by: {member.tenant.name}" in response.content.decode()
    web.post(url("meeting_create", member), SOON | SEND | {"is_recorded": "on"})
    assert not the_meeting(member).is_recorded


# --- Series -------------------------------------------------------------------------------------------


def test_series_that_has_begun_keeps_its_past_when_its_text_is_corrected(web: Client, member: Membership) -> None:
    meeting = series_of(member, starts_on=MONDAY - timedelta(weeks=3))
    response = web.get(url("meeting_edit", member, meeting.id))
    form = response.context["form"]
    assert form["starts_on"].value() == response.context["editing"].since.date()
    web.post(url("meeting_edit", member, meeting.id), data_of(form) | {"title": "Autre", "step": "send"})
    changed = the_meeting(member)
    assert (changed.title, changed.starts_on) == ("Autre", meeting.starts_on)
    with tenant_scope(member.tenant_id):
        assert changed.occurrences.count() == 6


def test_series_is_changed_from_one_date_on(web: Client, member: Membership) -> None:
    meeting = series_of(member)
    with tenant_scope(member.tenant_id):
        since = meeting.occurrences.order_by("start_at")[3]
    address = f"{url('meeting_edit', member, meeting.id)}?since={since.id}"
    data = data_of(web.get(address).context["form"])
    assert (data["starts_on"], data["count"]) == (since.starts_on, 3)
    web.post(address, data | {"start_time": "15:00", "end_time": "16:00", "step": "send"})
    with tenant_scope(member.tenant_id):
        first, second = Meeting.objects.order_by("created_at")
        assert (first.occurrences.count(), second.occurrences.count()) == (3, 3)
        assert second.start_time == time(15)


def test_one_date_is_changed_and_another_one_cancelled(web: Client, member: Membership) -> None:
    meeting = series_of(member)
    AttendeeFactory.create(meeting=meeting, membership=None, name="", email="a@x.fr")
    with tenant_scope(member.tenant_id):
        one, two = meeting.occurrences.order_by("start_at")[1:3]
    address = url("occurrence_edit", member, meeting.id, one.id)
    data = data_of(web.get(address).context["form"]) | {"start_time": "16:00", "end_time": "17:30"}
    confirmation = web.post(address, data)
    assert len(confirmation.context["choices"][0].letters) == 2
    web.post(address, data | {"step": "send"})
    cancel = url("occurrence_cancel", member, meeting.id, two.id)
    assert len(web.get(cancel).context["choices"][0].letters) == 2
    web.post(cancel)
    with tenant_scope(member.tenant_id):
        one.refresh_from_db()
        two.refresh_from_db()
    assert (one.start_time, one.duration_minutes, two.status) == (time(16), 90, "cancelled")
    page = web.get(url("meeting_dates", member, meeting.id)).content.decode()
    assert "Changed" in page


def test_series_ends_before_a_date(web: Client, member: Membership) -> None:
    meeting = series_of(member)
    with tenant_scope(member.tenant_id):
        third = meeting.occurrences.order_by("start_at")[2]
    web.post(url("occurrence_cancel", member, meeting.id, third.id) + "?scope=following")
    with tenant_scope(member.tenant_id):
        assert meeting.occurrences.count() == 2
    assert web.get(url("occurrence_cancel", member, meeting.id, third.id) + "?scope=x").status_code == 404


# --- At once, and anew --------------------------------------------------------------------------------


def test_meeting_now_begins_and_offers_its_invitation(web: Client, member: Membership) -> None:
    response = web.post(url("meeting_now", member), follow=True)
    meeting = the_meeting(member)
    assert f"/join/{meeting.join_code}/" in response.context["invitation"]
    with tenant_scope(member.tenant_id):
        occurrence = meeting.occurrences.get()
    assert occurrence.start_at <= timezone.now() < occurrence.end_at


def test_duplicate_starts_from_another_meeting_without_its_dates(web: Client, member: Membership) -> None:
    meeting = series_of(member, agenda="Budget")
    form = web.get(url("meeting_create", member) + f"?copy={meeting.id}").context["form"]
    assert (form["agenda"].value(), form["frequency"].value()) == ("Budget", "never")
    stranger = MeetingFactory.create(organizer=MembershipFactory.create(tenant=member.tenant), agenda="Secret")
    form = web.get(url("meeting_create", member) + f"?copy={stranger.id}").context["form"]
    assert form["agenda"].value() is None


@pytest.mark.parametrize(
    ("now", "proposed"),
    [
        (datetime(2026, 11, 23, 9, 20, tzinfo=UTC), "2026-11-23 11:00"),  # in Paris an hour later
        (datetime(2026, 11, 23, 5, 0, tzinfo=UTC), "2026-11-23 09:00"),
        (datetime(2026, 11, 23, 16, 30, tzinfo=UTC), "2026-11-24 09:00"),
        (datetime(2026, 11, 27, 23, 30, tzinfo=UTC), "2026-11-30 09:00"),
    ],
    ids=["day", "morning", "evening", "weekend"],
)
def test_new_meeting_is_proposed_at_an_hour_of_work(member: Membership, now: datetime, proposed: str) -> None:
    values = new_values(member, now)
    assert f"{values['starts_on']} {values['start_time']:%H:%M}" == proposed
