"""Series: moving, splitting, single changes, what is past, what is cancelled and restored, and new rules of a zone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.rooms.models import Mail, Meeting, Notify, Occurrence
from apps.rooms.operations import (
    Invitee,
    MeetingChanged,
    MeetingPlan,
    OccurrencePlan,
    RoomTaken,
    cancel_following,
    cancel_meeting,
    cancel_occurrence,
    change_following,
    change_occurrence,
    extend_series,
    plan_of,
    reschedule_meeting,
    restore_meeting,
    restore_occurrence,
    schedule_meeting,
)
from apps.rooms.operations.plans import excluded_of
from apps.rooms.operations.series import extend_open_series
from apps.rooms.operations.tzdata import recompute_meeting
from apps.rooms.tests.factories import MeetingFactory, RoomFactory
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

CONFIRMED, CANCELLED = Occurrence.Status.CONFIRMED, Occurrence.Status.CANCELLED
MONDAY = timezone.localdate() + timedelta(days=7 - timezone.localdate().weekday())
WEEK = timedelta(weeks=1)


@pytest.fixture
def organizer() -> Iterator[Membership]:
    membership = MembershipFactory.create()
    with tenant_scope(membership.tenant_id):
        yield membership


def series(organizer: Membership, **changes: Any) -> Meeting:
    """Schedule a weekly meeting of six dates from next Monday on, at ten."""
    fields: dict[str, Any] = {
        "title": "Point hebdomadaire",
        "starts_on": MONDAY,
        "start_time": time(10),
        "duration_minutes": 60,
        "rrule": "FREQ=WEEKLY;COUNT=6",
    }
    return schedule_meeting(by=organizer, plan=MeetingPlan(**(fields | changes)))


def begun(organizer: Membership, **changes: Any) -> Meeting:
    """Schedule such a series whose first two dates are past."""
    return series(organizer, starts_on=MONDAY - 2 * WEEK, **changes)


def dates(meeting: Meeting, status: str = CONFIRMED) -> list[date]:
    return list(meeting.occurrences.filter(status=status).order_by("start_at").values_list("starts_on", flat=True))


def nth(meeting: Meeting, number: int) -> Occurrence:
    return meeting.occurrences.select_related("meeting__organizer__user").order_by("recurrence_id")[number]


def moved_by_an_hour(occurrence: Occurrence) -> OccurrencePlan:
    return OccurrencePlan(occurrence.starts_on, time(11), occurrence.duration_minutes, occurrence.room)


# --- All of a series ----------------------------------------------------------------------------------


def test_series_has_an_occurrence_for_each_date(organizer: Membership) -> None:
    assert dates(series(organizer)) == [MONDAY + week * WEEK for week in range(6)]


def test_series_leaves_out_what_is_excluded(organizer: Membership) -> None:
    struck = datetime.combine(MONDAY + WEEK, time(10))
    meeting = series(organizer, excluded=frozenset({struck}))
    assert dates(meeting, CANCELLED) == [MONDAY + WEEK]
    assert excluded_of(meeting) == {struck}


def test_series_to_come_moves_with_all_its_dates_and_keeps_out_what_was_left_out(organizer: Membership) -> None:
    struck = datetime.combine(MONDAY + WEEK, time(10))
    meeting = series(organizer, excluded=frozenset({struck}))
    moved = reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, start_time=time(14)))
    assert moved.id == meeting.id
    assert len(dates(moved)) == 5
    assert dates(moved, CANCELLED) == [MONDAY + WEEK]
    assert set(moved.occurrences.values_list("start_time", flat=True)) == {time(14)}


def test_text_of_a_series_is_corrected_without_touching_its_dates(organizer: Membership) -> None:
    room = RoomFactory.create(tenant=organizer.tenant)
    meeting = begun(organizer, room=room)
    change_occurrence(occurrence=nth(meeting, 3), by=organizer, plan=moved_by_an_hour(nth(meeting, 3)))
    before = list(meeting.occurrences.order_by("id").values())
    sequence = Meeting.objects.get(id=meeting.id).sequence
    meeting.refresh_from_db()

    corrected = reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, title="Point du lundi"))

    assert corrected.id == meeting.id
    assert list(meeting.occurrences.order_by("id").values()) == before
    assert (corrected.title, corrected.sequence) == ("Point du lundi", sequence)


def test_series_that_has_begun_is_moved_from_the_next_date_on(organizer: Membership) -> None:
    meeting = begun(organizer)
    later = reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, start_time=time(15)))

    meeting.refresh_from_db()
    assert later.follows == meeting
    assert later.uid != meeting.uid
    assert dates(meeting) == [MONDAY - 2 * WEEK, MONDAY - WEEK]
    assert dates(later) == [MONDAY + week * WEEK for week in range(4)]  # four of six are left to count
    assert "UNTIL=" in meeting.rrule


def test_dates_are_struck_and_put_back_with_all_of_a_series(organizer: Membership) -> None:
    room = RoomFactory.create(tenant=organizer.tenant)
    meeting = series(organizer, room=room)
    struck = frozenset({datetime.combine(MONDAY + WEEK, time(10))})
    reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, excluded=struck))
    meeting.refresh_from_db()
    assert dates(meeting, CANCELLED) == [MONDAY + WEEK]
    assert meeting.sequence == 1

    reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, excluded=frozenset()))
    assert dates(meeting, CANCELLED) == []
    assert not meeting.occurrences.filter(is_changed=True).exists()


def test_date_is_not_put_back_into_a_room_that_was_given_away(organizer: Membership) -> None:
    room = RoomFactory.create(tenant=organizer.tenant)
    struck = frozenset({datetime.combine(MONDAY + WEEK, time(10))})
    meeting = series(organizer, room=room, excluded=struck)
    MeetingFactory.create(organizer=organizer, room=room, starts_on=MONDAY + WEEK, start_time=time(10))
    with pytest.raises(RoomTaken) as caught:
        reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, excluded=frozenset()))
    assert len(caught.value.in_the_way) == 1
    assert dates(meeting, CANCELLED) == [MONDAY + WEEK]


# --- This one and those that follow -------------------------------------------------------------------


def test_following_dates_become_a_series_of_their_own(organizer: Membership) -> None:
    meeting = series(organizer)
    plan = plan_of(meeting, starts_on=MONDAY + 3 * WEEK + timedelta(days=1), rrule="FREQ=WEEKLY;COUNT=3")
    later = change_following(occurrence=nth(meeting, 3), by=organizer, plan=plan)
    assert dates(meeting) == [MONDAY, MONDAY + WEEK, MONDAY + 2 * WEEK]
    assert dates(later) == [MONDAY + timedelta(days=1) + week * WEEK for week in (3, 4, 5)]
    assert later.follows == meeting


def test_split_keeps_out_later_dates_and_gives_up_their_single_changes(organizer: Membership) -> None:
    meeting = series(organizer)
    cancel_occurrence(occurrence=nth(meeting, 4), by=organizer)
    change_occurrence(occurrence=nth(meeting, 5), by=organizer, plan=moved_by_an_hour(nth(meeting, 5)))
    meeting.refresh_from_db()
    plan = plan_of(meeting, starts_on=MONDAY + 3 * WEEK, rrule="FREQ=WEEKLY;COUNT=3", agenda="Nouveau")
    later = change_following(occurrence=nth(meeting, 3), by=organizer, plan=plan)
    assert dates(later, CANCELLED) == [MONDAY + 4 * WEEK]
    assert nth(later, 2).start_time == time(10)


def test_split_into_a_taken_room_leaves_the_series_whole(organizer: Membership) -> None:
    room = RoomFactory.create(tenant=organizer.tenant)
    meeting = series(organizer)
    MeetingFactory.create(organizer=organizer, room=room, starts_on=MONDAY + 4 * WEEK, start_time=time(10))
    plan = plan_of(meeting, starts_on=MONDAY + 3 * WEEK, rrule="FREQ=WEEKLY;COUNT=3", room=room)
    with pytest.raises(RoomTaken):
        change_following(occurrence=nth(meeting, 3), by=organizer, plan=plan)
    assert len(dates(meeting)) == 6


def test_series_is_ended_before_a_date(organizer: Membership) -> None:
    meeting = series(organizer)
    cancel_following(occurrence=nth(meeting, 2), by=organizer)
    assert dates(meeting) == [MONDAY, MONDAY + WEEK]
    assert meeting.cancelled_at is None


def test_ending_a_series_before_its_first_date_cancels_it(organizer: Membership) -> None:
    meeting = series(organizer)
    cancel_following(occurrence=nth(meeting, 0), by=organizer)
    meeting.refresh_from_db()
    assert meeting.cancelled_at is not None
    with pytest.raises(MeetingChanged):
        cancel_following(occurrence=nth(meeting, 2), by=organizer)


# --- One date -----------------------------------------------------------------------------------------


def test_one_date_moves_alone_and_back_to_its_neighbours_rule(organizer: Membership) -> None:
    meeting = series(organizer)
    change_occurrence(occurrence=nth(meeting, 1), by=organizer, plan=moved_by_an_hour(nth(meeting, 1)))
    changed = nth(meeting, 1)
    assert (changed.start_time, changed.is_changed, changed.sequence) == (time(11), True, 1)
    assert [nth(meeting, number).start_time for number in (0, 2)] == [time(10), time(10)]


def test_single_change_stays_when_only_the_room_of_the_series_changes(organizer: Membership) -> None:
    room = RoomFactory.create(tenant=organizer.tenant)
    meeting = series(organizer)
    change_occurrence(occurrence=nth(meeting, 1), by=organizer, plan=moved_by_an_hour(nth(meeting, 1)))
    meeting.refresh_from_db()
    reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, room=room))
    assert nth(meeting, 1).start_time == time(11)
    assert set(meeting.occurrences.values_list("room_id", flat=True)) == {room.id}


def test_one_date_is_cancelled_and_restored(organizer: Membership) -> None:
    meeting = series(organizer)
    cancel_occurrence(occurrence=nth(meeting, 1), by=organizer)
    with pytest.raises(MeetingChanged):
        cancel_occurrence(occurrence=nth(meeting, 1), by=organizer)
    restore_occurrence(occurrence=nth(meeting, 1), by=organizer)
    assert len(dates(meeting)) == 6


def test_cancelled_series_is_restored_without_the_dates_cancelled_before(organizer: Membership) -> None:
    meeting = begun(organizer)
    cancel_occurrence(occurrence=nth(meeting, 3), by=organizer)
    meeting.refresh_from_db()
    cancel_meeting(meeting=meeting, by=organizer)
    assert dates(meeting) == [MONDAY - 2 * WEEK, MONDAY - WEEK]  # what happened stays
    restore_meeting(meeting=meeting, by=organizer)
    assert dates(meeting, CANCELLED) == [MONDAY + WEEK]


# --- Far ahead, and new rules -------------------------------------------------------------------------


def test_open_series_grows_and_loses_its_room_where_that_is_taken(organizer: Membership) -> None:
    room = RoomFactory.create(tenant=organizer.tenant)
    meeting = series(organizer, rrule="FREQ=WEEKLY", room=room)
    last = meeting.occurrences.order_by("recurrence_id").last()
    assert last is not None
    meeting.occurrences.filter(recurrence_id__gte=nth(meeting, 100).recurrence_id).delete()
    MeetingFactory.create(organizer=organizer, room=room, starts_on=MONDAY + 100 * WEEK, start_time=time(10))

    added = extend_series(meeting=meeting)

    assert [occurrence.starts_on for occurrence in added][:2] == [MONDAY + 100 * WEEK, MONDAY + 101 * WEEK]
    assert (added[0].room, added[0].is_changed) == (None, True)
    assert added[1].room == room
    assert Mail.objects.get(announcement__kind="notice").address == organizer.user.email
    assert extend_open_series() == 0


def test_new_rules_of_a_zone_move_the_instants_and_the_journal_tells(organizer: Membership) -> None:
    meeting = series(organizer)
    occurrence = nth(meeting, 1)
    right = occurrence.start_at
    hour = timedelta(hours=1)
    meeting.occurrences.filter(id=occurrence.id).update(start_at=right + hour, end_at=right + 2 * hour)  # old rules

    moved = recompute_meeting(meeting=meeting)

    assert [row.id for row in moved] == [occurrence.id]
    assert nth(meeting, 1).start_at == right
    event = JournalEvent.objects.get(action="meeting.recomputed")
    assert event.data == {"occurrences": [str(occurrence.id)], "zone": "Europe/Paris"}
    assert recompute_meeting(meeting=meeting) == []


def test_recompute_times_looks_at_every_ministry(organizer: Membership) -> None:
    meeting = series(organizer)
    meeting.occurrences.update(start_at=datetime(2090, 1, 1, tzinfo=UTC), end_at=datetime(2090, 1, 2, tzinfo=UTC))
    out = StringIO()
    call_command("recompute_times", stdout=out)
    assert "6 dates of 1 meetings moved" in out.getvalue()


# --- Who is written to --------------------------------------------------------------------------------


@pytest.mark.parametrize(("notify", "mails"), [(Notify.ALL, 2), (Notify.NOBODY, 0)], ids=["all", "nobody"])
def test_schedule_writes_to_whom_it_is_asked_to(organizer: Membership, notify: Notify, mails: int) -> None:
    plan = MeetingPlan("Comité", MONDAY, time(10), 60, invitees=(Invitee("a@example.org"),))
    meeting = schedule_meeting(by=organizer, plan=plan, notify=notify)
    assert sum(announcement.mails.count() for announcement in meeting.announcements.all()) == mails
