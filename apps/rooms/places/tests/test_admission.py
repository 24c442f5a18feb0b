"""A booking is admitted, awaits a manager, or is refused in plain words."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from apps.rooms.models import Meeting, Occurrence, Room, RoomManager, StatePolicyRule
from apps.rooms.operations import (
    Invitee,
    OccurrencePlan,
    RoomTaken,
    cancel_meeting,
    cancel_occurrence,
    change_following,
    change_occurrence,
    plan_of,
    reschedule_meeting,
    restore_meeting,
    restore_occurrence,
    schedule_meeting,
)
from apps.rooms.places.admission import Broken, NotAdmitted
from apps.rooms.places.policies import policy_for
from apps.rooms.places.rules import Bookers, Closure, Hours
from apps.rooms.places.tests.plans import coming, plan, say
from apps.rooms.tests.factories import RoomFactory
from apps.tenants.models import Membership
from apps.tenants.tests.factories import MembershipFactory, UnitFactory
from visio_portal.api.errors import exception_handler

CONFIRMED, TENTATIVE = Occurrence.Status.CONFIRMED, Occurrence.Status.TENTATIVE


def refusal(do: Callable[[], Any]) -> list[str]:
    """Return the rules for which it is refused."""
    with pytest.raises(NotAdmitted) as caught:
        do()
    assert all(broken.message for broken in caught.value.broken)
    return [broken.rule for broken in caught.value.broken]


def manage(room: Room) -> Membership:
    manager = MembershipFactory.create(tenant=room.tenant)
    RoomManager.objects.create(tenant=room.tenant, room=room, membership=manager)
    return manager


def statuses(meeting: Meeting) -> list[str]:
    return list(meeting.occurrences.order_by("start_at").values_list("status", flat=True))


@pytest.mark.parametrize(
    ("name", "value", "changes"),
    [
        ("days_ahead", 5, {}),
        ("max_minutes", 45, {}),
        ("hours", Hours(frozenset({1, 2}), time(8), time(19)), {}),
        ("closures", (Closure(coming(), coming()),), {}),
        ("bookers", Bookers.MANAGERS, {}),
    ],
    ids=["days_ahead", "max_minutes", "hours", "closures", "bookers"],
)
def test_a_broken_limit_refuses_the_booking(
    organizer: Membership, room: Room, name: str, value: Any, changes: dict[str, Any]
) -> None:
    say(organizer.tenant, name, value)

    assert refusal(lambda: schedule_meeting(by=organizer, plan=plan(room, **changes))) == [name]
    assert not Meeting.objects.exists()
    schedule_meeting(by=organizer, plan=plan())  # without the room, its rules are nobody's concern


def test_each_broken_rule_is_told_once_with_its_dates(organizer: Membership, room: Room) -> None:
    say(organizer.tenant, "max_minutes", 30)
    say(organizer.tenant, "closures", (Closure(coming(), coming() + timedelta(weeks=9)),))

    daily = plan(room, rrule="FREQ=DAILY;COUNT=10")

    with translation.override("en"), pytest.raises(NotAdmitted) as caught:
        schedule_meeting(by=organizer, plan=daily)
    assert [broken.rule for broken in caught.value.broken] == ["max_minutes", "closures"]
    assert room.name in str(caught.value) and "7 more" in str(caught.value)
    assert set(caught.value.fields) == {"room"}


def test_the_rooms_unit_counts_for_the_room_and_all_its_ancestors(organizer: Membership, room: Room) -> None:
    top = UnitFactory.create(tenant=organizer.tenant)
    inner = UnitFactory.create(tenant=organizer.tenant, parent=top)
    room.unit = inner
    room.save()
    say(organizer.tenant, "max_minutes", 30, unit=top, is_enforced=True)
    say(organizer.tenant, "max_minutes", 0, unit=inner)

    assert refusal(lambda: schedule_meeting(by=organizer, plan=plan(room))) == ["max_minutes"]


def test_the_state_enforces_over_the_ministry(organizer: Membership, room: Room) -> None:
    StatePolicyRule.objects.create(name="max_minutes", value=30, is_enforced=True, reason="Circulaire 12")
    say(organizer.tenant, "max_minutes", 600)

    with pytest.raises(NotAdmitted, match="Circulaire 12"):
        schedule_meeting(by=organizer, plan=plan(room))


def test_only_the_unit_and_those_below_it_may_book(organizer: Membership, room: Room) -> None:
    room.unit = organizer.unit
    room.save()
    say(organizer.tenant, "bookers", Bookers.UNIT)
    below = MembershipFactory.create(
        tenant=organizer.tenant, unit=UnitFactory.create(tenant=organizer.tenant, parent=organizer.unit)
    )
    stranger = MembershipFactory.create(tenant=organizer.tenant)

    schedule_meeting(by=organizer, plan=plan(room))
    schedule_meeting(by=below, plan=plan(room, start_time=time(12)))
    assert refusal(lambda: schedule_meeting(by=stranger, plan=plan(room, start_time=time(14)))) == ["bookers"]


def test_hours_are_those_of_the_clocks_at_the_room(organizer: Membership, room: Room) -> None:
    room.unit = UnitFactory.create(tenant=organizer.tenant, departement="974")
    room.save()
    say(organizer.tenant, "hours", Hours(frozenset(range(7)), time(8), time(18)))

    at_eleven = plan(room, start_time=time(8), time_zone="Europe/Paris")  # 10:00 or 11:00 in La Réunion
    schedule_meeting(by=organizer, plan=at_eleven)
    late = plan(room, start_time=time(16), time_zone="Europe/Paris")
    assert refusal(lambda: schedule_meeting(by=organizer, plan=late)) == ["hours"]


def test_a_room_out_of_use_is_refused(organizer: Membership, room: Room) -> None:
    room.closed_at = timezone.now()
    room.save()

    assert refusal(lambda: schedule_meeting(by=organizer, plan=plan(room))) == ["closed_room"]


def test_a_locked_setting_is_refused_otherwise_and_proposed(organizer: Membership) -> None:
    say(organizer.tenant, "access_level", Meeting.Access.RESTRICTED, unit=organizer.unit, is_enforced=True)
    say(organizer.tenant, "recording", True)

    policy = policy_for(organizer).meeting

    assert policy.initial()["is_recorded"] is True
    assert set(policy.locked()) == {"access_level"}
    assert refusal(lambda: schedule_meeting(by=organizer, plan=plan())) == ["access_level"]
    schedule_meeting(by=organizer, plan=plan(access_level=Meeting.Access.RESTRICTED))


def test_nobody_from_outside_where_guests_are_locked_out(organizer: Membership) -> None:
    say(organizer.tenant, "guests", False, is_enforced=True)
    inside = MembershipFactory.create(tenant=organizer.tenant)
    invitees = (Invitee(inside.user.email), Invitee("dehors@example.org"))

    with_guest = plan(has_guests=False, invitees=invitees)

    assert refusal(lambda: schedule_meeting(by=organizer, plan=with_guest)) == ["guests"]
    schedule_meeting(by=organizer, plan=plan(has_guests=False, invitees=invitees[:1]))


def test_a_correction_of_the_text_is_admitted_under_a_newer_rule(organizer: Membership, room: Room) -> None:
    meeting = schedule_meeting(by=organizer, plan=plan(room))
    say(organizer.tenant, "max_minutes", 30)
    say(organizer.tenant, "access_level", Meeting.Access.RESTRICTED, is_enforced=True)

    reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, title="Autre titre"))
    meeting.refresh_from_db()

    later = plan_of(meeting, start_time=time(15))
    assert refusal(lambda: reschedule_meeting(meeting=meeting, by=organizer, plan=later)) == ["max_minutes"]


def test_what_is_past_breaks_no_rule(organizer: Membership, room: Room) -> None:
    say(organizer.tenant, "max_minutes", 30)

    schedule_meeting(by=organizer, plan=plan(room, starts_on=date(2024, 1, 8)))


def test_the_api_tells_each_broken_rule_with_its_code() -> None:
    error = NotAdmitted([Broken("max_minutes", "Too long."), Broken("guests", "No guests.", "attendees")])

    response = exception_handler(error, {})

    assert response is not None and response.status_code == 422
    assert response.data == {
        "code": "not_admitted",
        "detail": "Too long. No guests.",
        "fields": {
            "room": [{"code": "max_minutes", "detail": "Too long."}],
            "attendees": [{"code": "guests", "detail": "No guests."}],
        },
    }


class TestConfirmation:
    """Rooms whose bookings a manager confirms."""

    @pytest.fixture(autouse=True)
    def rule(self, organizer: Membership) -> None:
        say(organizer.tenant, "confirmation", True)

    def test_a_booking_awaits_the_manager_and_blocks_nobody(self, organizer: Membership, room: Room) -> None:
        manager = manage(room)

        meeting = schedule_meeting(by=organizer, plan=plan(room, rrule="FREQ=WEEKLY;COUNT=3"))

        assert statuses(meeting) == [TENTATIVE] * 3
        assert statuses(schedule_meeting(by=manager, plan=plan(room))) == [CONFIRMED]

    def test_a_room_without_manager_is_confirmed_at_once(self, organizer: Membership, room: Room) -> None:
        assert statuses(schedule_meeting(by=organizer, plan=plan(room))) == [CONFIRMED]

    def test_a_taken_time_cannot_even_be_asked_for(self, organizer: Membership, room: Room) -> None:
        other = schedule_meeting(by=manage(room), plan=plan(room))

        with pytest.raises(RoomTaken) as caught:
            schedule_meeting(by=organizer, plan=plan(room, start_time=time(10, 30)))
        assert [row.meeting_id for row in caught.value.in_the_way] == [other.id]

    def test_a_moved_meeting_awaits_the_manager_again(self, organizer: Membership, room: Room) -> None:
        manage(room)
        meeting = schedule_meeting(by=organizer, plan=plan(room))
        meeting.occurrences.update(status=CONFIRMED)

        reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, title="Autre titre"))
        assert statuses(meeting) == [CONFIRMED]
        reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, start_time=time(15)))
        assert statuses(meeting) == [TENTATIVE]

    def test_moving_to_a_free_room_confirms_it(self, organizer: Membership, room: Room) -> None:
        manage(room)
        meeting = schedule_meeting(by=organizer, plan=plan(room))

        elsewhere = RoomFactory.create(tenant=organizer.tenant)
        reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, room=elsewhere))

        assert statuses(meeting) == [CONFIRMED]

    def test_a_longer_series_asks_for_its_new_dates_alone(self, organizer: Membership, room: Room) -> None:
        manage(room)
        meeting = schedule_meeting(by=organizer, plan=plan(room, rrule="FREQ=WEEKLY;COUNT=2"))
        meeting.occurrences.update(status=CONFIRMED)

        longer = plan_of(meeting, rrule="FREQ=WEEKLY;COUNT=3")
        reschedule_meeting(meeting=meeting, by=organizer, plan=longer)

        assert statuses(meeting) == [CONFIRMED, CONFIRMED, TENTATIVE]

    def test_one_moved_date_awaits_the_manager(self, organizer: Membership, room: Room) -> None:
        manage(room)
        meeting = schedule_meeting(by=organizer, plan=plan(room, rrule="FREQ=WEEKLY;COUNT=2"))
        meeting.occurrences.update(status=CONFIRMED)
        first = meeting.occurrences.order_by("start_at")[0]

        change_occurrence(
            occurrence=first,
            by=organizer,
            plan=OccurrencePlan(first.starts_on, first.start_time, first.duration_minutes, room, title="Autre"),
        )
        assert statuses(meeting) == [CONFIRMED, CONFIRMED]
        change_occurrence(occurrence=first, by=organizer, plan=OccurrencePlan(first.starts_on, time(16), 60, room))
        assert statuses(meeting) == [TENTATIVE, CONFIRMED]

    def test_cancelling_and_restoring_is_no_way_around_the_manager(self, organizer: Membership, room: Room) -> None:
        manage(room)
        meeting = schedule_meeting(by=organizer, plan=plan(room, rrule="FREQ=WEEKLY;COUNT=2"))

        cancel_meeting(meeting=meeting, by=organizer)
        restore_meeting(meeting=meeting, by=organizer)
        assert statuses(meeting) == [TENTATIVE, TENTATIVE]

        first = meeting.occurrences.select_related("meeting__organizer").order_by("start_at")[0]
        cancel_occurrence(occurrence=first, by=organizer)
        restore_occurrence(occurrence=first, by=organizer)
        assert statuses(meeting) == [TENTATIVE, TENTATIVE]

    def test_dates_put_back_await_the_manager(self, organizer: Membership, room: Room) -> None:
        manage(room)
        first = plan(room, rrule="FREQ=WEEKLY;COUNT=2")
        meeting = schedule_meeting(by=organizer, plan=first)
        meeting.occurrences.update(status=CONFIRMED)
        struck = plan_of(meeting, excluded=frozenset([first.wall_start]))
        reschedule_meeting(meeting=meeting, by=organizer, plan=struck)

        reschedule_meeting(meeting=meeting, by=organizer, plan=plan_of(meeting, excluded=frozenset()))

        assert statuses(meeting) == [TENTATIVE, CONFIRMED]

    def test_dates_that_keep_room_and_time_stay_confirmed_in_the_series_that_follows(
        self, organizer: Membership, room: Room
    ) -> None:
        manage(room)
        meeting = schedule_meeting(by=organizer, plan=plan(room, rrule="FREQ=WEEKLY;COUNT=4"))
        meeting.occurrences.update(status=CONFIRMED)
        _first, second, _third, last = meeting.occurrences.select_related("meeting__organizer").order_by("start_at")
        change_occurrence(
            occurrence=last, by=organizer, plan=OccurrencePlan(last.starts_on, time(16), last.duration_minutes, room)
        )
        rest = plan_of(meeting, title="Autre titre", starts_on=second.starts_on, rrule="FREQ=WEEKLY;COUNT=3")
        second = meeting.occurrences.select_related("meeting__organizer").get(id=second.id)

        following = change_following(occurrence=second, by=organizer, plan=rest)

        assert following.id != meeting.id
        assert statuses(following) == [CONFIRMED, CONFIRMED, TENTATIVE]  # the last one goes back to another time
