"""Managers confirm or refuse who asks for their rooms."""

from datetime import time, timedelta
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.rooms.models import Announcement, Meeting, Occurrence, Room, RoomManager, RoomRefusal
from apps.rooms.operations import RoomTaken, schedule_meeting
from apps.rooms.places.requests import RequestAnswered, awaiting, confirm_request, refuse_request, requests_of
from apps.rooms.places.tests.plans import plan, say
from apps.rooms.tests.factories import RoomFactory
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory

CONFIRMED, TENTATIVE = Occurrence.Status.CONFIRMED, Occurrence.Status.TENTATIVE


@pytest.fixture
def manager(organizer: Membership, room: Room) -> Membership:
    say(organizer.tenant, "confirmation", True)
    manager = MembershipFactory.create(tenant=organizer.tenant)
    RoomManager.objects.create(tenant=organizer.tenant, room=room, membership=manager)
    return manager


@pytest.fixture
def weekly(organizer: Membership, room: Room, manager: Membership) -> Meeting:
    return schedule_meeting(by=organizer, plan=plan(room, rrule="FREQ=WEEKLY;COUNT=3"))


def statuses(meeting: Meeting) -> list[tuple[str, bool]]:
    rows = meeting.occurrences.order_by("start_at")
    return [(row.status, row.room_id is not None) for row in rows]


def test_requests_come_to_the_managers_of_the_room(organizer: Membership, manager: Membership, weekly: Meeting) -> None:
    (asked,) = requests_of(awaiting(manager))

    assert (asked.meeting, len(asked.occurrences), asked.taken) == (weekly, 3, [])
    assert not awaiting(organizer).exists()


def test_confirming_books_every_date(weekly: Meeting, room: Room, manager: Membership) -> None:
    assert confirm_request(meeting=weekly, room=room, by=manager) == 3

    assert statuses(weekly) == [(CONFIRMED, True)] * 3
    assert JournalEvent.objects.get(action="room.booking_confirmed").data["dates"] == 3
    with pytest.raises(RequestAnswered):
        confirm_request(meeting=weekly, room=room, by=manager)


@pytest.mark.parametrize("decision", ["confirm", "refuse"])
def test_lists_of_requests_that_are_open_hear_of_the_answer(
    weekly: Meeting, room: Room, manager: Membership, monkeypatch: pytest.MonkeyPatch, decision: str
) -> None:
    told: list[str] = []
    monkeypatch.setattr("apps.rooms.places.requests.publish", lambda _tenant, topic, _event: told.append(topic))

    if decision == "confirm":
        confirm_request(meeting=weekly, room=room, by=manager)
    else:
        refuse_request(meeting=weekly, room=room, by=manager, reason="Travaux")

    assert told == [f"calendar:{weekly.tenant_id}"]


def test_confirming_what_others_have_by_now_is_refused(weekly: Meeting, room: Room, manager: Membership) -> None:
    second = weekly.starts_on + timedelta(weeks=1)
    other = schedule_meeting(by=manager, plan=plan(room, starts_on=second, start_time=time(10, 30)))

    with pytest.raises(RoomTaken) as caught:
        confirm_request(meeting=weekly, room=room, by=manager)

    assert [row.meeting_id for row in caught.value.in_the_way] == [other.id]
    assert statuses(weekly) == [(TENTATIVE, True)] * 3
    assert [len(asked.taken) for asked in requests_of(awaiting(manager))] == [1]
    assert confirm_request(meeting=weekly, room=room, by=manager, only_free=True) == 2
    assert statuses(weekly) == [(CONFIRMED, True), (TENTATIVE, True), (CONFIRMED, True)]


def test_a_refused_meeting_stays_without_the_room_and_its_organiser_is_told(
    weekly: Meeting, room: Room, manager: Membership
) -> None:
    refuse_request(meeting=weekly, room=room, by=manager, reason="Travaux")

    weekly.refresh_from_db()
    assert statuses(weekly) == [(CONFIRMED, False)] * 3
    assert weekly.room_id is None
    assert RoomRefusal.objects.get(meeting=weekly).reason == "Travaux"
    notice = Announcement.objects.get(kind=Announcement.Kind.NOTICE)
    assert "Travaux" in notice.note
    assert [letter.address for letter in notice.mails.all()] == [weekly.organizer.user.email]
    assert JournalEvent.objects.filter(action="room.booking_refused").exists()
    assert mail.outbox == []


def test_a_refused_single_date_leaves_the_others_their_room(weekly: Meeting, room: Room, manager: Membership) -> None:
    first, *others = weekly.occurrences.order_by("start_at")
    weekly.occurrences.filter(id__in=[row.id for row in others]).update(status=CONFIRMED)

    refuse_request(meeting=weekly, room=room, by=manager, reason="Travaux")

    weekly.refresh_from_db()
    first.refresh_from_db()
    assert statuses(weekly) == [(CONFIRMED, False), (CONFIRMED, True), (CONFIRMED, True)]
    assert weekly.room_id == room.id and first.is_changed


@pytest.mark.parametrize("count", [1, 30], ids=["1 request", "30 requests"])
def test_requests_cost_the_same_queries(organizer: Membership, manager: Membership, room: Room, count: int) -> None:
    for number in range(count):
        other = RoomFactory.create(tenant=room.tenant)
        RoomManager.objects.create(tenant=room.tenant, room=other, membership=manager)
        schedule_meeting(by=organizer, plan=plan(other, start_time=time(8 + number % 10)))

    with CaptureQueriesContext(connection) as queries:
        assert len(requests_of(awaiting(manager))) == count

    assert len(queries) == 2


@pytest.mark.django_db(transaction=True)
class TestRaces:
    """Real threads with a connection each."""

    def compete(self, tenant_id: object, *attempts: object) -> list[str]:
        """Run attempts at the same moment; return what became of each, in the order of the alphabet."""
        barrier, results = Barrier(len(attempts)), list[str]()

        def run(attempt: object) -> None:
            barrier.wait()
            try:
                with tenant_scope(tenant_id):  # type: ignore[arg-type]
                    attempt()  # type: ignore[operator]
                results.append("done")
            except (RoomTaken, RequestAnswered) as error:
                results.append(type(error).__name__)
            finally:
                connection.close()

        threads = [Thread(target=run, args=[attempt]) for attempt in attempts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sorted(results)

    @pytest.fixture
    def place(self) -> tuple[Room, list[Membership]]:
        room = RoomFactory.create(site="Paris", capacity=10)
        return room, [MembershipFactory.create(tenant=room.tenant) for _number in range(8)]

    def test_one_of_many_bookings_of_a_slot_wins(self, place: tuple[Room, list[Membership]]) -> None:
        room, people = place
        attempts = [
            lambda who=who, number=number: schedule_meeting(by=who, plan=plan(room, start_time=time(10, 5 * number)))
            for number, who in enumerate(people)
        ]

        assert self.compete(room.tenant_id, *attempts) == ["RoomTaken"] * 7 + ["done"]

        with tenant_scope(room.tenant_id):
            assert Occurrence.objects.filter(room=room).count() == Meeting.objects.count() == 1

    def test_one_of_several_managers_answers_a_request(self, place: tuple[Room, list[Membership]]) -> None:
        room, (asking, *managers) = place
        with tenant_scope(room.tenant_id):
            say(room.tenant, "confirmation", True)
            for manager in managers:
                RoomManager.objects.create(tenant=room.tenant, room=room, membership=manager)
            meeting = schedule_meeting(by=asking, plan=plan(room))
        confirming = [
            lambda who=who: confirm_request(meeting=Meeting.objects.get(id=meeting.id), room=room, by=who)
            for who in managers[:3]
        ]
        refusing = [
            lambda who=who: refuse_request(
                meeting=Meeting.objects.get(id=meeting.id), room=room, by=who, reason="Travaux"
            )
            for who in managers[3:6]
        ]

        assert self.compete(room.tenant_id, *confirming, *refusing) == ["RequestAnswered"] * 5 + ["done"]

    def test_one_of_two_requests_for_a_slot_is_confirmed(self, place: tuple[Room, list[Membership]]) -> None:
        room, (first, second, manager, *_others) = place
        with tenant_scope(room.tenant_id):
            say(room.tenant, "confirmation", True)
            RoomManager.objects.create(tenant=room.tenant, room=room, membership=manager)
            meetings = [schedule_meeting(by=who, plan=plan(room)) for who in (first, second)]
        attempts = [
            lambda meeting=meeting: confirm_request(meeting=Meeting.objects.get(id=meeting.id), room=room, by=manager)
            for meeting in meetings
        ]

        assert self.compete(room.tenant_id, *attempts) == ["RoomTaken", "done"]
