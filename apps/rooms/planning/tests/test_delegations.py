"""Delegations: given for a time, used to schedule in somebody's name, ended by either side."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from apps.rooms.models import Delegation, Meeting
from apps.rooms.operations import schedule_meeting
from apps.rooms.planning.delegations import DelegationEnded, end_delegation, give_delegation
from apps.rooms.planning.tests.conftest import poll_plan
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory


@pytest.fixture
def secretary(organizer: Membership) -> Membership:
    return MembershipFactory.create(tenant=organizer.tenant)


def test_delegate_schedules_in_the_principals_name(organizer: Membership, secretary: Membership) -> None:
    with tenant_scope(organizer.tenant_id):
        give_delegation(by=organizer, delegate=secretary, starts_on=timezone.localdate())

        meeting = schedule_meeting(by=secretary, plan=poll_plan().meeting, organizer=organizer)

        assert (meeting.organizer, meeting.scheduled_by) == (organizer, secretary)
        event = JournalEvent.objects.get(action="meeting.scheduled")
        assert (event.actor_id, event.data["organizer"]) == (secretary.user_id, str(organizer.user_id))
        assert Meeting.objects.schedulable_by(secretary).get() == meeting
        assert not Meeting.objects.editable_by(secretary).exists()  # recordings and transcripts stay the principal's


@pytest.mark.parametrize(("first", "last"), [(1, None), (-9, 0)], ids=["not yet", "over"])
def test_delegation_holds_between_its_dates_alone(
    organizer: Membership, secretary: Membership, first: int, last: int | None
) -> None:
    day = timezone.localdate()
    with tenant_scope(organizer.tenant_id):
        ends_on = day + timedelta(days=last) if last is not None else None
        give_delegation(by=organizer, delegate=secretary, starts_on=day + timedelta(days=first), ends_on=ends_on)

        with pytest.raises(PermissionDenied):
            schedule_meeting(by=secretary, plan=poll_plan().meeting, organizer=organizer)


def test_delegation_begins_at_the_ministrys_midnight(
    organizer: Membership, secretary: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    midnight = datetime.combine(timezone.localdate() + timedelta(days=1), time(0, 20), organizer.tenant.zone)
    monkeypatch.setattr(timezone, "now", lambda: midnight.astimezone(UTC))
    with tenant_scope(organizer.tenant_id):
        give_delegation(by=organizer, delegate=secretary, starts_on=midnight.date())

        schedule_meeting(by=secretary, plan=poll_plan().meeting, organizer=organizer)

        assert Meeting.objects.schedulable_by(secretary).exists()


def test_ended_delegation_opens_nothing(organizer: Membership, secretary: Membership) -> None:
    with tenant_scope(organizer.tenant_id):
        delegation = give_delegation(by=organizer, delegate=secretary, starts_on=timezone.localdate())
        end_delegation(by=secretary, delegation=delegation)

        assert not Meeting.objects.schedulable_by(secretary).exists()
        with pytest.raises(PermissionDenied):
            schedule_meeting(by=secretary, plan=poll_plan().meeting, organizer=organizer)
        with pytest.raises(DelegationEnded):
            end_delegation(by=organizer, delegation=delegation)


def test_delegation_form_keeps_the_last_day(organizer: Membership, secretary: Membership) -> None:
    day = timezone.localdate()
    values = {"delegate": secretary.user.email.upper(), "starts_on": day.isoformat(), "ends_on": day.isoformat()}

    client_of(organizer).post(reverse("rooms:delegation_create", args=[organizer.tenant.slug]), values)

    with tenant_scope(organizer.tenant_id):
        assert Delegation.objects.get().ends_on == day + timedelta(days=1)


@pytest.mark.parametrize("email", ["nobody@example.org", "not an address", ""])
def test_delegation_form_refuses_strangers(organizer: Membership, email: str) -> None:
    values = {"delegate": email, "starts_on": timezone.localdate().isoformat(), "ends_on": ""}

    response = client_of(organizer).post(reverse("rooms:delegation_create", args=[organizer.tenant.slug]), values)

    assert response.status_code == 422
