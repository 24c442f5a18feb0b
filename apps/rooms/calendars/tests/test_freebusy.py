"""Who is taken when, and where that is known from."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.rooms.calendars.freebusy import Source, free_busy
from apps.rooms.models import Answer, Attendee, BusyPeriod, ExternalCalendar, Occurrence, OccurrenceAnswer
from apps.rooms.tests.factories import AttendeeFactory, MeetingFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

DAY = datetime(2026, 3, 10, tzinfo=UTC)  # the factory's meetings are at 13:00 UTC
TOMORROW = DAY + timedelta(days=1)


@pytest.fixture
def member(db: None) -> Membership:
    return MembershipFactory.create()


def busy(member: Membership) -> list[tuple[int, Source, bool]]:
    with tenant_scope(member.tenant_id):
        sheet = free_busy([member], DAY, TOMORROW)[member.id]
        return [(span.start_at.hour, span.source, span.is_tentative) for span in sheet.busy]


def test_organizer_is_taken(member: Membership) -> None:
    MeetingFactory.create(organizer=member)

    assert busy(member) == [(13, Source.PORTAL, False)]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer.ACCEPTED, [(13, Source.PORTAL, False)]),
        (Answer.NEEDS_ACTION, [(13, Source.PORTAL, True)]),
        (Answer.DECLINED, []),
    ],
)
def test_attendee_is_taken_as_they_answered(
    member: Membership, answer: Answer, expected: list[tuple[int, Source, bool]]
) -> None:
    organizer = MembershipFactory.create(tenant=member.tenant)
    AttendeeFactory.create(meeting=MeetingFactory.create(organizer=organizer), membership=member, answer=answer)

    assert busy(member) == expected


def test_answer_to_one_date_rules_over_the_series(member: Membership) -> None:
    organizer = MembershipFactory.create(tenant=member.tenant)
    attendee: Attendee = AttendeeFactory.create(
        meeting=MeetingFactory.create(organizer=organizer), membership=member, answer=Answer.ACCEPTED
    )
    with tenant_scope(member.tenant_id):
        OccurrenceAnswer.objects.create(
            tenant=member.tenant,
            occurrence=attendee.meeting.occurrences.get(),
            attendee=attendee,
            answer=Answer.DECLINED,
            stamped_at=timezone.now(),
        )

    assert busy(member) == []


def test_answer_from_before_the_move_of_a_date_takes_perhaps(member: Membership) -> None:
    organizer = MembershipFactory.create(tenant=member.tenant)
    meeting = MeetingFactory.create(organizer=organizer)
    AttendeeFactory.create(meeting=meeting, membership=member, answer=Answer.ACCEPTED)
    with tenant_scope(member.tenant_id):
        meeting.occurrences.update(moved_at=timezone.now())

    assert [is_tentative for *_rest, is_tentative in busy(member)] == [True]


@pytest.mark.parametrize("status", [Occurrence.Status.CANCELLED, Occurrence.Status.HELD])
def test_what_does_not_take_place_takes_nobody(member: Membership, status: Occurrence.Status) -> None:
    MeetingFactory.create(organizer=member)
    with tenant_scope(member.tenant_id):
        Occurrence.objects.update(status=status)

    assert busy(member) == []


def test_external_calendar_counts_once_it_was_read(member: Membership) -> None:
    with tenant_scope(member.tenant_id):
        calendar = ExternalCalendar.objects.create(tenant=member.tenant, membership=member, address="https://x.fr/a")
        start_at = DAY + timedelta(hours=8)
        BusyPeriod.objects.create(
            tenant=member.tenant, calendar=calendar, start_at=start_at, end_at=start_at + timedelta(hours=1)
        )
    assert busy(member) == []
    with tenant_scope(member.tenant_id):
        ExternalCalendar.objects.update(fetched_at=timezone.now())

    assert busy(member) == [(8, Source.EXTERNAL, False)]


def test_free_busy_costs_the_same_for_one_and_for_many(member: Membership) -> None:
    people = [member, *MembershipFactory.create_batch(5, tenant=member.tenant)]
    for person in people:
        AttendeeFactory.create(meeting=MeetingFactory.create(organizer=person), membership=member)
    with tenant_scope(member.tenant_id):
        counts = []
        for wanted in (people[:1], people):
            with CaptureQueriesContext(connection) as queries:
                free_busy(wanted, DAY, TOMORROW)
            counts.append(len(queries))

    assert counts[0] == counts[1]
