"""Who was in a conference, and when: computed from the set of LiveKit's events, in whatever order they came.

Pure functions: no ORM, no clock. A connection lasts from its join to its leave; where the leave is missing, to the
end of the conference's session; where that is missing too, to the start of the next session; otherwise it is open.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

JOINED, FINISHED = "participant_joined", "room_finished"
LEFT = frozenset({"participant_left", "participant_connection_aborted"})


@dataclass(frozen=True)
class Event:
    """One of LiveKit's events. ``session`` is a run of the conference, ``connection`` one of a person's in it."""

    name: str
    session: str
    happened_at: datetime
    connection: str = ""
    identity: str = ""
    person_name: str = ""
    joined_at: datetime | None = None


class Interval(NamedTuple):
    """From, and until; an open one lasts still."""

    start: datetime
    end: datetime | None


@dataclass(frozen=True)
class Presence:
    """A person over all their connections: the intervals are in order and do not touch."""

    identity: str
    name: str
    intervals: tuple[Interval, ...]

    @property
    def is_open(self) -> bool:
        return bool(self.intervals) and self.intervals[-1].end is None

    def within(self, start: datetime, end: datetime, *, now: datetime) -> "Presence":
        """Cut the intervals to a window; an open one that reaches beyond it is closed there."""
        cut = []
        for interval in self.intervals:
            is_open = interval.end is None and now < end
            first, last = max(interval.start, start), min(interval.end or now, end)
            if first < last or (is_open and first <= last):
                cut.append(Interval(first, None if is_open else last))
        return Presence(self.identity, self.name, tuple(cut))

    def duration(self, start: datetime, end: datetime, *, now: datetime) -> timedelta:
        """Return the time spent between two instants, up to now."""
        spans = (
            min(interval.end or now, end, now) - max(interval.start, start)
            for interval in self.intervals
            if max(interval.start, start) < min(interval.end or now, end, now)
        )
        return sum(spans, timedelta())


def presences(events: Iterable[Event]) -> list[Presence]:
    """Return each person's presence, by name; the order and the repetition of events do not matter."""
    known = set(events)
    ends = _session_ends(known)
    by_connection: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for event in known:
        if event.identity:
            by_connection[event.session, event.connection or event.identity].append(event)
    by_person: dict[str, list[Interval]] = defaultdict(list)
    for (session, _connection), own in by_connection.items():
        interval = _interval(own, ends.get(session))
        if interval is not None:
            by_person[own[0].identity].append(interval)
    names = _names(known)
    found = [Presence(who, names[who], _joined_up(intervals)) for who, intervals in by_person.items()]
    return sorted(found, key=lambda presence: (presence.name.casefold(), presence.identity))


def _session_ends(events: Iterable[Event]) -> Mapping[str, datetime]:
    """Return when each session ended, as far as it is known: told, or by the start of the next one."""
    starts: dict[str, datetime] = {}
    ends: dict[str, datetime] = {}
    for event in events:
        first = min(event.happened_at, event.joined_at or event.happened_at)
        starts[event.session] = min(first, starts.get(event.session, first))
        if event.name == FINISHED:
            ends[event.session] = max(event.happened_at, ends.get(event.session, event.happened_at))
    for session, start in starts.items():
        later = [other for other in starts.values() if other > start]
        if session not in ends and later:
            ends[session] = min(later)
    return ends


def _interval(events: Sequence[Event], session_end: datetime | None) -> Interval | None:
    """Return when one connection lasted; None where it lasted no time."""
    starts = [event.joined_at for event in events if event.joined_at]
    starts += [event.happened_at for event in events if event.name == JOINED]
    lefts = [event.happened_at for event in events if event.name in LEFT]
    end = max(lefts) if lefts else session_end
    if not starts or (end is not None and end <= min(starts)):
        return None
    return Interval(min(starts), end)


def _joined_up(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Join intervals that overlap or touch: a person with two devices is there once."""
    joined: list[Interval] = []
    for interval in sorted(intervals, key=lambda interval: interval.start):
        last = joined[-1] if joined else None
        if last is None or (last.end is not None and last.end < interval.start):
            joined.append(interval)
        elif last.end is not None:
            end = None if interval.end is None else max(last.end, interval.end)
            joined[-1] = Interval(last.start, end)
    return tuple(joined)


def _names(events: Iterable[Event]) -> Mapping[str, str]:
    """Return what each person was called last."""
    latest: dict[str, tuple[datetime, str]] = {}
    for event in events:
        told = (event.happened_at, event.person_name) if event.person_name else (datetime.min, "")
        known = latest.get(event.identity)
        if known is None or (bool(told[1]), told) > (bool(known[1]), known):
            latest[event.identity] = told
    return {identity: name for identity, (_at, name) in latest.items()}
