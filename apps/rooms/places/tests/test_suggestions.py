"""What is offered when a room is taken."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from apps.rooms.models import Room
from apps.rooms.operations import schedule_meeting
from apps.rooms.places.rules import Bookers, Hours
from apps.rooms.places.suggestions import SLOTS_MAX, nearest_slots, suggest
from apps.rooms.places.tests.plans import plan, say
from apps.rooms.tests.factories import MeetingFactory, RoomFactory
from apps.tenants.models import Membership
from apps.tenants.tests.factories import MembershipFactory

START = datetime(2030, 3, 4, 10, 0, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


def offers(minutes: int, *taken: tuple[int, int]) -> list[tuple[int, int]]:
    """Return (shift, shortened) of what is offered for a meeting of some minutes."""
    spans = [(at(start), at(end)) for start, end in taken]
    return [(slot.shift_minutes, slot.shortened_minutes) for slot in nearest_slots(START, at(minutes), spans)]


def test_the_nearest_whole_slot_on_each_side_comes_first() -> None:
    assert offers(30, (5, 20)) == [(20, 0), (-20, 5)]
    assert offers(60, (-60, 10)) == [(10, 0)]


def test_a_meeting_is_shortened_where_another_one_follows() -> None:
    assert offers(60, (50, 120)) == [(-10, 0), (0, 10), (-5, 5)]


def test_nothing_is_offered_in_a_full_room() -> None:
    assert offers(60, (-600, 600)) == []


MINUTES = st.integers(-120, 240)
SPANS = st.lists(st.tuples(MINUTES, st.integers(1, 180)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=6)


@given(st.integers(5, 24 * 60), SPANS)
def test_each_slot_is_free_near_and_long_enough(minutes: int, taken: list[tuple[int, int]]) -> None:
    spans = [(at(start), at(end)) for start, end in taken]

    slots = nearest_slots(START, at(minutes), spans)

    assert len(slots) <= SLOTS_MAX and len(set(slots)) == len(slots)
    for slot in slots:
        length = (slot.end_at - slot.start_at).total_seconds() / 60
        assert (slot.shift_minutes, slot.shortened_minutes) != (0, 0)
        assert abs(slot.shift_minutes) <= 20 and length >= 0.75 * minutes and length == minutes - slot.shortened_minutes
        assert slot.start_at == at(slot.shift_minutes)
        assert not any(start < slot.end_at and end > slot.start_at for start, end in spans)


@given(st.integers(5, 600), SPANS)
def test_a_free_shift_is_never_passed_over(minutes: int, taken: list[tuple[int, int]]) -> None:
    spans = [(at(start), at(end)) for start, end in taken]
    free = [
        shift
        for shift in range(-20, 21, 5)
        if shift and not any(start < at(minutes + shift) and end > at(shift) for start, end in spans)
    ]

    whole = [slot.shift_minutes for slot in nearest_slots(START, at(minutes), spans) if not slot.shortened_minutes]

    assert bool(whole) == bool(free)
    if free:
        assert abs(whole[0]) == min(map(abs, free))


@given(st.integers(5, 600), SPANS)
def test_no_slot_is_offered_that_the_rules_forbid(minutes: int, taken: list[tuple[int, int]]) -> None:
    slots = nearest_slots(START, at(minutes), [(at(a), at(b)) for a, b in taken], lambda start, end: start >= START)

    assert all(slot.shift_minutes >= 0 for slot in slots)


def take(room: Room, **changes: Any) -> None:
    schedule_meeting(by=MembershipFactory.create(tenant=room.tenant), plan=plan(room, **changes))


def test_a_free_room_needs_no_offer(organizer: Membership, room: Room) -> None:
    found = suggest(plan=plan(room), organizer=organizer)

    assert (found.total, found.blocked_count, found.dates, found.rooms) == (1, 0, (), ())


def test_other_times_and_rooms_of_the_site_are_offered(organizer: Membership, room: Room) -> None:
    take(room, duration_minutes=15)
    twin = RoomFactory.create(tenant=room.tenant, site="Paris", capacity=12, name="B jumelle")
    for other in ({"site": "Lyon", "capacity": 12}, {"site": "Paris", "capacity": 4}, {"site": "Paris"}):
        RoomFactory.create(tenant=room.tenant, **other)

    found = suggest(plan=plan(room), organizer=organizer)

    (blocked,) = found.dates
    assert [slot.shift_minutes for slot in blocked.slots][:1] == [15]
    assert len(blocked.in_the_way) == 1
    assert blocked.rooms == (twin,)
    assert [(offer.room, offer.is_free_always, offer.needs_confirmation) for offer in found.rooms] == [
        (twin, True, False)
    ]


def test_another_room_has_the_equipment_is_open_and_may_be_booked(organizer: Membership, room: Room) -> None:
    room.equipment = ["camera"]
    room.save()
    take(room)
    like = {"tenant": room.tenant, "site": "Paris", "capacity": 10}
    RoomFactory.create(**like, equipment=["screen"])
    RoomFactory.create(**like, equipment=["camera", "screen"], closed_at=START)
    equipped = RoomFactory.create(**like, equipment=["camera", "screen"])

    assert [offer.room for offer in suggest(plan=plan(room), organizer=organizer).rooms] == [equipped]
    say(room.tenant, "bookers", Bookers.MANAGERS)
    assert suggest(plan=plan(room), organizer=organizer).rooms == ()


def test_a_taken_room_is_not_offered(organizer: Membership, room: Room) -> None:
    twin = RoomFactory.create(tenant=room.tenant, site="Paris", capacity=10)
    take(room)
    take(twin)

    assert suggest(plan=plan(room), organizer=organizer).rooms == ()


def test_times_outside_the_bookable_hours_are_not_offered(organizer: Membership, room: Room) -> None:
    say(room.tenant, "hours", Hours(frozenset(range(7)), time(8), time(11)))
    take(room, duration_minutes=15)

    (blocked,) = suggest(plan=plan(room), organizer=organizer).dates

    assert [(slot.shift_minutes, slot.shortened_minutes) for slot in blocked.slots] == [(15, 15)]


def test_a_series_counts_its_blocked_dates_and_where_it_could_go(organizer: Membership, room: Room) -> None:
    twin = RoomFactory.create(tenant=room.tenant, site="Paris", capacity=10)
    weekly = plan(room, rrule="FREQ=WEEKLY;COUNT=8")
    for week in (1, 3):
        take(room, starts_on=weekly.starts_on + timedelta(weeks=week))
    take(twin, starts_on=weekly.starts_on + timedelta(weeks=3))

    found = suggest(plan=weekly, organizer=organizer)

    assert (found.total, found.blocked_count) == (8, 2)
    assert [blocked.rooms for blocked in found.dates] == [(twin,), ()]
    assert [(offer.free_count, offer.is_free_always) for offer in found.rooms] == [(7, False)]


def test_a_meeting_is_not_in_its_own_way(organizer: Membership, room: Room) -> None:
    meeting = schedule_meeting(by=organizer, plan=plan(room))

    later = plan(room, start_time=time(10, 30))

    assert suggest(plan=later, organizer=organizer, meeting=meeting).blocked_count == 0
    assert suggest(plan=later, organizer=organizer).blocked_count == 1


def test_past_dates_are_nobodys_concern(organizer: Membership, room: Room) -> None:
    MeetingFactory.create(organizer=organizer, room=room, starts_on=date(2024, 3, 4))

    assert suggest(plan=plan(room, starts_on=date(2024, 3, 4), start_time=time(14)), organizer=organizer).total == 0


@pytest.mark.parametrize("count", [1, 30], ids=["1 room", "30 rooms"])
def test_offers_cost_the_same_queries_for_one_and_for_many_rooms(organizer: Membership, room: Room, count: int) -> None:
    for _number in range(count):
        RoomFactory.create(tenant=room.tenant, site="Paris", capacity=10)
    take(room)
    fresh = Membership.objects.select_related("tenant").get(id=organizer.id)

    with CaptureQueriesContext(connection) as queries:
        suggest(plan=plan(room, rrule="FREQ=WEEKLY;COUNT=20"), organizer=fresh)

    assert len(queries) == 6
