"""Reminders: once for each occurrence, to those who come."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.rooms.invitations.reminders import send_reminders
from apps.rooms.invitations.tests.factories import COLLEAGUE, GUEST, invite
from apps.rooms.models import Announcement, Answer, Mailbox, Meeting, Occurrence
from apps.rooms.operations import OccurrencePlan, change_occurrence
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(organizer: Membership) -> Meeting:
    """A meeting that begins in 23 hours and was scheduled a week ago."""
    with tenant_scope(organizer.tenant_id):
        meeting = invite(organizer)
        start_at = timezone.now() + timedelta(hours=23)
        meeting.occurrences.update(start_at=start_at, end_at=start_at + timedelta(hours=1))
        Meeting.objects.update(created_at=timezone.now() - timedelta(days=7))
    return meeting


def reminded(meeting: Meeting) -> list[set[str]]:
    with tenant_scope(meeting.tenant_id):
        told = Announcement.objects.filter(kind=Announcement.Kind.REMINDER)
        return [{mail.address for mail in row.mails.all()} for row in told]


def test_everybody_who_has_not_declined_is_reminded_once(meeting: Meeting) -> None:
    with tenant_scope(meeting.tenant_id):
        meeting.attendees.filter(email=GUEST.email).update(answer=Answer.DECLINED)

    assert send_reminders(tenant_id=meeting.tenant_id) == 1
    assert send_reminders(tenant_id=meeting.tenant_id) == 0

    assert reminded(meeting) == [{meeting.organizer.user.email, COLLEAGUE.email}]


def test_who_was_invited_just_now_needs_no_reminder(meeting: Meeting) -> None:
    with tenant_scope(meeting.tenant_id):
        Meeting.objects.update(created_at=timezone.now())

    assert send_reminders(tenant_id=meeting.tenant_id) == 0


def test_a_ministry_may_do_without_reminders(meeting: Meeting) -> None:
    with tenant_scope(meeting.tenant_id):
        Mailbox.objects.update(reminder_hours=None)

    assert send_reminders(tenant_id=meeting.tenant_id) == 0


def test_what_is_cancelled_is_not_reminded_of(meeting: Meeting) -> None:
    with tenant_scope(meeting.tenant_id):
        meeting.occurrences.update(status=Occurrence.Status.CANCELLED)

    assert send_reminders(tenant_id=meeting.tenant_id) == 0


def test_a_date_that_is_moved_is_reminded_of_again(meeting: Meeting) -> None:
    send_reminders(tenant_id=meeting.tenant_id)
    with tenant_scope(meeting.tenant_id):
        occurrence = meeting.occurrences.select_related("meeting").get()
        later = OccurrencePlan(occurrence.starts_on + timedelta(days=9), occurrence.start_time, 60)
        change_occurrence(occurrence=occurrence, by=meeting.organizer, plan=later)

        assert Occurrence.objects.get().reminded_at is None
