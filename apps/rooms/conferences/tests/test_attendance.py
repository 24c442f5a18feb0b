"""Attendance from events: any order, any repetition, several connections, what is missing."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.rooms.conferences.attendance import Event, Interval, Presence, presences

START = datetime(2026, 11, 23, 10, tzinfo=UTC)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def event(name: str, minute: float, who: str = "", connection: str = "", session: str = "S1", **more: str) -> Event:
    return Event(name, session, at(minute), connection or who, who, more.get("called", who.title()))


def joined(minute: float, who: str, connection: str = "", session: str = "S1") -> Event:
    return event("participant_joined", minute, who, connection, session)


def left(minute: float, who: str, connection: str = "", session: str = "S1") -> Event:
    return event("participant_left", minute, who, connection, session)


def intervals(*events: Event) -> list[tuple[float, float | None]]:
    """Return the intervals of the one person in minutes."""
    (presence,) = presences(events)
    return [(minutes(start), None if end is None else minutes(end)) for start, end in presence.intervals]


def minutes(moment: datetime) -> float:
    return (moment - START).total_seconds() / 60


def test_reconnection_makes_two_intervals() -> None:
    events = [joined(0, "ana", "c1"), left(10, "ana", "c1"), joined(12, "ana", "c2"), left(30, "ana", "c2")]

    assert intervals(*events) == [(0, 10), (12, 30)]


def test_two_devices_are_one_presence() -> None:
    events = [joined(0, "ana", "c1"), joined(5, "ana", "c2"), left(10, "ana", "c1"), left(20, "ana", "c2")]

    assert intervals(*events) == [(0, 20)]


def test_missing_leave_ends_with_the_session() -> None:
    assert intervals(joined(0, "ana"), event("room_finished", 45)) == [(0, 45)]


def test_missing_end_of_the_session_is_the_start_of_the_next() -> None:
    events = [joined(0, "ana"), event("room_started", 60, session="S2"), joined(61, "ana", session="S2")]

    assert intervals(*events, left(70, "ana", session="S2")) == [(0, 60), (61, 70)]


def test_live_presence_is_open() -> None:
    assert intervals(joined(0, "ana", "c1"), left(5, "ana", "c1"), joined(6, "ana", "c2")) == [(0, 5), (6, None)]


def test_missing_join_is_known_from_the_leave() -> None:
    told = Event("participant_left", "S1", at(20), "c1", "ana", "Ana", joined_at=at(3))

    assert intervals(told) == [(3, 20)]


def test_leave_without_any_start_says_nothing() -> None:
    assert presences([left(20, "ana")]) == []


def test_aborted_connection_ends() -> None:
    assert intervals(joined(0, "ana"), event("participant_connection_aborted", 2, "ana")) == [(0, 2)]


def test_name_is_the_last_one_told() -> None:
    events = [
        event("participant_joined", 0, "ana", called="Ana"),
        event("participant_left", 9, "ana", called="Ana Roy"),
    ]

    assert [presence.name for presence in presences(events)] == ["Ana Roy"]


def test_duration_counts_the_planned_time_alone() -> None:
    presence = Presence("ana", "Ana", (Interval(at(-10), at(20)), Interval(at(50), None)))

    assert presence.duration(at(0), at(60), now=at(90)) == timedelta(minutes=30)
    assert presence.duration(at(0), at(60), now=at(55)) == timedelta(minutes=25)


def test_window_cuts_intervals() -> None:
    presence = Presence("ana", "Ana", (Interval(at(-90), at(-80)), Interval(at(-10), None)))

    assert presence.within(at(0), at(60), now=at(30)).intervals == (Interval(at(0), None),)
    assert presence.within(at(0), at(60), now=at(90)).intervals == (Interval(at(0), at(60)),)


@st.composite
def meetings(draw: st.DrawFn) -> list[Event]:
    """Draw the events of a conference with several sessions, people, connections, and losses."""
    events: list[Event] = []
    for session in range(draw(st.integers(1, 3))):
        begin = session * 200
        events.append(event("room_started", begin, session=f"S{session}"))
        for who in draw(st.lists(st.sampled_from(["ana", "bo", "cy", "di"]), max_size=6)):
            start = begin + draw(st.integers(0, 60))
            connection = f"{session}-{len(events)}"
            events.append(joined(start, who, connection, f"S{session}"))
            events.append(left(start + draw(st.integers(0, 60)), who, connection, f"S{session}"))
        events.append(event("room_finished", begin + 150, session=f"S{session}"))
    kept = draw(st.lists(st.booleans(), min_size=len(events), max_size=len(events)))
    return [one for one, is_kept in zip(events, kept, strict=True) if is_kept or draw(st.booleans())]


@settings(deadline=None)  # machines are slow at times
@given(meetings(), st.data())
def test_order_and_repetition_do_not_matter(events: list[Event], data: st.DataObject) -> None:
    expected = presences(events)
    repeated = data.draw(st.lists(st.sampled_from(events), max_size=10)) if events else []
    mixed = data.draw(st.permutations(events + repeated))

    assert presences(mixed) == expected


@settings(deadline=None)
@given(meetings())
def test_intervals_are_in_order_and_apart(events: list[Event]) -> None:
    for presence in presences(events):
        ends = [interval.end or at(10_000) for interval in presence.intervals]
        assert all(interval.start < end for interval, end in zip(presence.intervals, ends, strict=True))
        assert all(end < later.start for end, later in zip(ends, presence.intervals[1:], strict=False))
