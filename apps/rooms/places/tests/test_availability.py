"""When rooms are taken, for many rooms at once."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from apps.rooms.models import Occurrence, Room
from apps.rooms.places.availability import Span, availability, blocking, free_between
from apps.rooms.tests.factories import MeetingFactory, RoomFactory
from apps.tenants.models import Membership

MONDAY = datetime(2026, 3, 9, tzinfo=UTC)
WEEK = (MONDAY, MONDAY + timedelta(days=7))


def test_spans_of_the_week_by_room(organizer: Membership, room: Room) -> None:
    other = RoomFactory.create(tenant=room.tenant)
    inside = MeetingFactory.create(organizer=organizer, room=room, starts_on=date(2026, 3, 10))
    MeetingFactory.create(organizer=organizer, room=room, starts_on=date(2026, 3, 20))
    night = MeetingFactory.create(
        organizer=organizer, room=room, starts_on=date(2026, 3, 8), start_time=time(23), duration_minutes=240
    )
    cancelled = MeetingFactory.create(organizer=organizer, room=other)
    cancelled.occurrences.update(status=Occurrence.Status.CANCELLED)

    found = availability([room, other], *WEEK)

    assert [span.meeting_id for span in found[room.id]] == [night.id, inside.id]
    assert found[other.id] == []
    assert [span.meeting_id for span in availability([room], *WEEK, without=[night.id])[room.id]] == [inside.id]


def test_a_request_is_shown_and_blocks_nobody(organizer: Membership, room: Room) -> None:
    meeting = MeetingFactory.create(organizer=organizer, room=room)
    meeting.occurrences.update(status=Occurrence.Status.TENTATIVE)

    (span,) = availability([room], *WEEK)[room.id]

    assert span.is_tentative and blocking([span]) == []


@pytest.mark.parametrize("count", [1, 30], ids=["1 room", "30 rooms"])
def test_a_week_costs_one_query(organizer: Membership, count: int) -> None:
    rooms = [RoomFactory.create(tenant=organizer.tenant) for _number in range(count)]
    for room in rooms:
        MeetingFactory.create(organizer=organizer, room=room)

    with CaptureQueriesContext(connection) as queries:
        found = availability(rooms, *WEEK)

    assert len(queries) == 1
    assert [len(spans) for spans in found.values()] == [1] * count


HOURS = st.lists(st.tuples(st.integers(-10, 180), st.integers(1, 30)), max_size=8).map(sorted)


@given(HOURS)
def test_free_times_are_all_that_is_left(taken: list[tuple[int, int]]) -> None:
    hour = timedelta(hours=1)
    zero = Span(MONDAY, MONDAY, Room().id, Room().id)
    spans = [
        Span(MONDAY + start * hour, MONDAY + (start + length) * hour, zero.occurrence_id, zero.meeting_id)
        for start, length in taken
    ]

    free = list(free_between(spans, *WEEK))

    for number in range(7 * 24):
        moment = MONDAY + number * hour
        is_taken = any(span.start_at <= moment < span.end_at for span in spans)
        assert is_taken != any(start <= moment < end for start, end in free)
    assert all(start < end for start, end in free)
