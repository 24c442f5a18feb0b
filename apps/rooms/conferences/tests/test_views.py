"""The conference's part of the meeting's page, trying again, who may follow it live, and the tasks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.rooms import tasks
from apps.rooms.conferences.operations import Status
from apps.rooms.conferences.tests.conftest import meeting_at
from apps.rooms.consumers import may_follow_meeting
from apps.rooms.models import Conference, Meeting, VisioConnection
from apps.rooms.tests.factories import AttendeeFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

AskFor = Callable[..., Conference]


def part(member: Membership, meeting: Meeting) -> str:
    response = client_of(member).get(f"/t/{meeting.tenant.slug}/meetings/{meeting.id}/conference/")
    assert response.status_code == 200
    return str(response.content.decode())


def test_part_says_that_it_is_being_prepared_and_follows(meeting: Meeting, ask_for: AskFor) -> None:
    ask_for(meeting)

    shown = part(meeting.organizer, meeting)

    assert "En préparation" in shown
    assert f'data-live-topic="meeting:{meeting.id}"' in shown
    assert f"/join/{meeting.join_code}/" in shown


def test_part_shows_why_it_failed_and_lets_the_organiser_try_again(meeting: Meeting, ask_for: AskFor) -> None:
    ask_for(meeting, status=Status.FAILED, failure_code="unknown_user")
    attendee = AttendeeFactory.create(meeting=meeting).membership

    assert "Visio ne connaît pas encore l’organisateur" in part(meeting.organizer, meeting)
    assert "Réessayer" in part(meeting.organizer, meeting)
    assert "Réessayer" not in part(attendee, meeting)


def test_part_tells_that_visio_made_another_level(organizer: Membership, ask_for: AskFor) -> None:
    meeting = meeting_at(organizer, timezone.now() + timedelta(days=1), access_level="public")
    ask_for(meeting, status=Status.READY, given_level="trusted")

    assert "n’accepte pas ici de salon ouvert à tous" in part(organizer, meeting)


def test_attendee_may_not_try_again(meeting: Meeting, ask_for: AskFor) -> None:
    ask_for(meeting, status=Status.FAILED)
    attendee = AttendeeFactory.create(meeting=meeting).membership
    url = f"/t/{meeting.tenant.slug}/meetings/{meeting.id}/conference/retry/"

    assert client_of(attendee).post(url).status_code == 403
    assert client_of(meeting.organizer).post(url).status_code == 302


def test_trying_a_ready_conference_again_is_a_conflict(meeting: Meeting, ask_for: AskFor) -> None:
    ask_for(meeting, status=Status.READY)

    url = f"/t/{meeting.tenant.slug}/meetings/{meeting.id}/conference/retry/"
    assert client_of(meeting.organizer).post(url).status_code == 409


def test_part_costs_few_queries(meeting: Meeting, ask_for: AskFor, django_assert_max_num_queries: Any) -> None:
    ask_for(meeting, status=Status.READY)
    client = client_of(meeting.organizer)

    with django_assert_max_num_queries(12):
        client.get(f"/t/{meeting.tenant.slug}/meetings/{meeting.id}/conference/")


def test_those_who_see_a_meeting_may_follow_it(meeting: Meeting) -> None:
    attendee = AttendeeFactory.create(meeting=meeting).membership
    stranger = MembershipFactory.create(tenant=meeting.tenant)
    with tenant_scope(meeting.tenant_id):
        assert may_follow_meeting(meeting.organizer, meeting.id)
        assert may_follow_meeting(attendee, meeting.id)
        assert not may_follow_meeting(stranger, meeting.id)


def test_tasks_make_check_and_purge(meeting: Meeting, connection: VisioConnection, ask_for: AskFor) -> None:
    conference, tenant_id = ask_for(meeting), str(meeting.tenant_id)

    tasks.make_conference(tenant_id=tenant_id, conference_id=str(conference.id))
    tasks.tend_conferences(tenant_id=tenant_id)
    tasks.purge_tenant_attendance(tenant_id=tenant_id)

    with tenant_scope(meeting.tenant_id):
        assert Conference.objects.get().status == Status.READY
