"""Measure booking rooms through the REST API: many at once on few slots, one at a time among many bookings.

Starts PostgreSQL, Valkey and granian (pages in production) in a temporary folder, with a million occurrences.
Run it alone: .venv/bin/python benchmarks/booking.py [--quick]
"""

import argparse
import http.client
import json
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

BASE_DIR = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(BASE_DIR))

import psycopg

from benchmarks._portal import Portal, call, running_portal
from visio_portal.services.processes import LOOPBACK

AT_A_TIME = 32
SLOT_ROOMS, SLOTS_PER_ROOM = 4, 10
WEEK_ROOMS = 200
P95_TARGET_MS = 150
TODAY = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
BOOKINGS_A_DAY, OCCURRENCES_PER_MEETING = 10, 100  # of those that are there already, half of them past
BOOKINGS_PER_ROOM = 2000
FREE_HOUR = 21  # in Paris; the bookings that are there already end at 20:00 at the latest

FILL = """
    WITH room AS (SELECT id, row_number() OVER (ORDER BY name) - 1 AS n FROM rooms_room WHERE name LIKE 'Salle %%'),
         meeting AS (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM rooms_meeting)
    INSERT INTO rooms_occurrence (id, tenant_id, meeting_id, room_id, recurrence_id, starts_on, start_time,
        duration_minutes, start_at, end_at, status, is_changed, title, agenda, sequence)
    SELECT gen_random_uuid(), %(tenant)s, meeting.id, room.id, to_char(s, 'YYYYMMDD"T"HH24MISS'), s::date, s::time,
        60, s AT TIME ZONE 'UTC', s AT TIME ZONE 'UTC' + interval '1 hour', 'confirmed', false, '', '', 0
    FROM room CROSS JOIN generate_series(0, %(per_room)s - 1) AS k
    CROSS JOIN LATERAL (SELECT %(first)s::timestamp + (k / %(a_day)s) * interval '1 day'
                               + (8 + k %% %(a_day)s) * interval '1 hour') AS t(s)
    JOIN meeting ON meeting.n = (room.n * %(per_room)s + k) / %(per_meeting)s
"""
BARE_TABLE = """
    CREATE EXTENSION IF NOT EXISTS btree_gist;
    CREATE TABLE bare_booking (room int, during tstzrange, EXCLUDE USING gist (room WITH =, during WITH &&))
"""
Attempt = Callable[[http.client.HTTPConnection, random.Random], Any]


def fill(portal: Portal, occurrences: int) -> float:
    """Create rooms, and bookings of most of them; return the seconds that it took."""
    from apps.rooms.models import Meeting, Room
    from apps.tenants.models import Membership
    from apps.tenants.scoping import tenant_scope

    started = time.monotonic()
    booked = max(WEEK_ROOMS, occurrences // BOOKINGS_PER_ROOM)
    per_room = occurrences // booked
    first_day = TODAY - timedelta(days=per_room // BOOKINGS_A_DAY // 2)
    tenant = {"tenant_id": portal.tenant_id}
    with tenant_scope(portal.tenant_id):
        member = Membership.objects.get()
        for name, count in (("Salle", booked), ("Concours", SLOT_ROOMS)):
            rooms = [Room(**tenant, kind="equipped", name=f"{name} {n:04}", site="Bercy") for n in range(count)]
            portal.rooms[name] = [room.id for room in Room.objects.bulk_create(rooms)]
        meetings = (
            Meeting(
                **tenant,
                title="Point",
                organizer=member,
                starts_on=first_day.date(),
                start_time=first_day.time(),
                duration_minutes=60,
            )
            for _ in range(-(-occurrences // OCCURRENCES_PER_MEETING))
        )
        Meeting.objects.bulk_create(meetings, batch_size=1000)
    values = {
        "tenant": portal.tenant_id,
        "per_room": per_room,
        "first": first_day.replace(tzinfo=None),
        "a_day": BOOKINGS_A_DAY,
        "per_meeting": OCCURRENCES_PER_MEETING,
    }
    with psycopg.connect(portal.postgres.owner_url) as owner:
        owner.execute("SELECT set_config('app.tenant', %s, true)", [str(portal.tenant_id)])
        owner.execute(FILL, values)
    with psycopg.connect(portal.postgres.owner_url, autocommit=True) as owner:
        owner.execute("VACUUM ANALYZE rooms_occurrence, rooms_meeting")
    return time.monotonic() - started


def book(connection: http.client.HTTPConnection, portal: Portal, room: UUID, wall: datetime, minutes: int) -> int:
    """Try to book a room at a wall time in Paris; return the status."""
    body = {
        "title": "Réunion",
        "starts_on": f"{wall:%Y-%m-%d}",
        "start_time": f"{wall:%H:%M}",
        "duration_minutes": minutes,
        "room": str(room),
    }
    return call(connection, portal, "POST", "/api/v1/meetings/", body)[0]


def together(attempts: int, attempt: Attempt, portal: Portal) -> tuple[Counter[Any], float]:
    """Make attempts, AT_A_TIME at a time on a connection each; return how often each result came, and the seconds."""
    shares = [attempts // AT_A_TIME + (number < attempts % AT_A_TIME) for number in range(AT_A_TIME)]
    given: Counter[Any] = Counter()
    lock = threading.Lock()

    def run(number: int) -> None:
        connection, chance = portal.connect(), random.Random(number)
        own = Counter(attempt(connection, chance) for _ in range(shares[number]))
        with lock:
            given.update(own)

    callers = [threading.Thread(target=run, args=[number]) for number in range(AT_A_TIME)]
    started = time.monotonic()
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    return given, time.monotonic() - started


def measure_race(portal: Portal, attempts: int) -> dict[str, Any]:
    """Have many callers want the same few slots; every two attempts at a slot overlap."""
    first = TODAY + timedelta(days=7, hours=10)

    def attempt(connection: http.client.HTTPConnection, chance: random.Random) -> int:
        room = chance.choice(portal.rooms["Concours"])
        start = first + timedelta(days=chance.randrange(SLOTS_PER_ROOM), minutes=5 * chance.randrange(4))
        return book(connection, portal, room, start, 45)

    def ask(connection: http.client.HTTPConnection, chance: random.Random) -> int:
        return call(connection, portal, "GET", "/health/live")[0]

    trivial, trivial_s = together(max(AT_A_TIME, attempts // 20), ask, portal)
    statuses, elapsed_s = together(attempts, attempt, portal)
    booked = bookings_by_slot(portal)
    return {
        "attempts": attempts,
        "statuses": {str(status): count for status, count in sorted(statuses.items())},
        "slots": SLOT_ROOMS * SLOTS_PER_ROOM,
        "slots_booked_once": sum(count == 1 for count in booked.values()),
        "slots_booked_twice": sum(count > 1 for count in booked.values()),
        "deadlocks": deadlocks(portal),
        "attempts_per_s": attempts / elapsed_s,
        "trivial_per_s": trivial.total() / trivial_s,
    }


def bookings_by_slot(portal: Portal) -> dict[tuple[Any, ...], int]:
    """Return how many occurrences each slot has, from the rows themselves."""
    query = """
        SELECT room_id, starts_on, count(*) FROM rooms_occurrence
        WHERE room_id = ANY(%s) AND status <> 'cancelled' GROUP BY room_id, starts_on
    """
    with psycopg.connect(portal.postgres.owner_url) as owner:
        owner.execute("SELECT set_config('app.tenant', %s, true)", [str(portal.tenant_id)])
        return {row[:2]: row[2] for row in owner.execute(query, [portal.rooms["Concours"]])}


def deadlocks(portal: Portal) -> int:
    """Return how many deadlocks the database has broken; a 409 could hide one."""
    time.sleep(1)  # the statistics of the sessions arrive within a second
    with psycopg.connect(portal.postgres.owner_url) as owner:
        row = owner.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()").fetchone()
    return int(row[0]) if row else -1


def measure_booking(portal: Portal, number: int) -> dict[str, Any]:
    """Book free times one after the other, and insert bare rows under the same kind of constraint."""
    chance, connection = random.Random(7), portal.connect()
    places = [(room, day) for room in portal.rooms["Salle"] for day in range(1, 80)]
    chosen = chance.sample(places, number + 10)
    taken_ms = []
    for room, day in chosen:
        wall = TODAY + timedelta(days=day, hours=FREE_HOUR)
        started = time.perf_counter()
        status = book(connection, portal, room, wall, 30)
        taken_ms.append((time.perf_counter() - started) * 1000)
        if status != 201:
            raise RuntimeError(f"A free room was refused with {status}.")
    bare_ms = insert_bare(portal, number)
    return {
        "bookings": number,
        "booking_ms": statistics.median(taken_ms[10:]),
        "booking_p95_ms": p95(taken_ms[10:]),  # without the first ones, which open the server's connections
        "bare_insert_ms": statistics.median(bare_ms),
    }


def insert_bare(portal: Portal, number: int) -> list[float]:
    """Return the milliseconds of each of many committed INSERTs under an exclusion constraint."""
    taken_ms = []
    with psycopg.connect(portal.postgres.owner_url, autocommit=True) as owner:
        owner.execute(BARE_TABLE)
        for n in range(number):
            during = TODAY + timedelta(hours=n), TODAY + timedelta(hours=n + 1)
            started = time.perf_counter()
            owner.execute("INSERT INTO bare_booking VALUES (%s, tstzrange(%s, %s))", [n % 50, *during])
            taken_ms.append((time.perf_counter() - started) * 1000)
    return taken_ms


def measure_availability(portal: Portal, number: int) -> dict[str, Any]:
    """Ask for a week of many rooms: how long it takes, and how many queries for two rooms and for all of them."""
    week = f"since={TODAY:%Y-%m-%d}T00:00:00Z&until={TODAY + timedelta(days=7):%Y-%m-%d}T00:00:00Z"
    path = f"/api/v1/rooms/availability/?{week}&page_size="
    connection, taken_ms = portal.connect(), []
    for _ in range(number):
        started = time.perf_counter()
        status, content = call(connection, portal, "GET", f"{path}{WEEK_ROOMS}")
        taken_ms.append((time.perf_counter() - started) * 1000)
        if status != 200:
            raise RuntimeError(f"Availability was answered with {status}.")
    shown = json.loads(content)["results"]
    return {
        "week_rooms": len(shown),
        "week_bookings": sum(len(row["taken"]) for row in shown),
        "week_p95_ms": p95(taken_ms),
        "week_queries": [queries_of(portal, f"{path}{rooms}") for rooms in (2, WEEK_ROOMS)],
    }


def queries_of(portal: Portal, path: str) -> int:
    """Return how many queries an address costs, asked for inside this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME=LOOPBACK, headers={"Authorization": portal.headers["Authorization"]})
    client.get("/health/live")
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} was answered with {answer.status_code}.")
    return len(queries)


def p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


def measure(*, occurrences: int, attempts: int, bookings: int) -> dict[str, Any]:
    """Return the figures for so many occurrences that are there already."""
    with tempfile.TemporaryDirectory(prefix="visio-portal-bench-") as name:
        folder = Path(name)
        folder.chmod(0o711)  # run as root, the database server is somebody else and has to pass through
        with running_portal(folder) as portal:
            figures: dict[str, Any] = {"occurrences": occurrences, "fill_s": fill(portal, occurrences)}
            figures |= measure_booking(portal, bookings)
            figures |= measure_availability(portal, max(20, bookings // 10))
            return figures | measure_race(portal, attempts)


def missed(figures: dict[str, Any]) -> list[str]:
    """Return the targets that were missed, in words."""
    targets = {
        "exactly one booking per slot": figures["slots_booked_once"] == figures["slots"],
        "no answer but 201 and 409": set(figures["statuses"]) <= {"201", "409"}
        and figures["statuses"].get("201") == figures["slots"],
        "no deadlock": figures["deadlocks"] == 0,
        f"one booking < {P95_TARGET_MS} ms p95": figures["booking_p95_ms"] < P95_TARGET_MS,
        "availability in a constant number of queries": len(set(figures["week_queries"])) == 1
        and figures["week_rooms"] == WEEK_ROOMS,
    }
    return [target for target, is_met in targets.items() if not is_met]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="20,000 occurrences and 2,000 attempts")
    is_quick = parser.parse_args().quick
    figures = measure(
        occurrences=20_000 if is_quick else 1_000_000,
        attempts=2_000 if is_quick else 100_000,
        bookings=60 if is_quick else 300,
    )
    not_met = missed(figures)
    figures["booking_to_bare_insert"] = figures["booking_ms"] / figures["bare_insert_ms"]
    figures["attempts_to_trivial"] = figures["attempts_per_s"] / figures["trivial_per_s"]
    statuses = ", ".join(f"{count} × {status}" for status, count in figures["statuses"].items())
    once, slots, queries = figures["slots_booked_once"], figures["slots"], figures["week_queries"]
    lines = [
        ("occurrences already there", f"{figures['occurrences']:,}", f"filled in {figures['fill_s']:.0f} s"),
        (
            "one booking, median",
            f"{figures['booking_ms']:.1f} ms",
            f"{figures['booking_to_bare_insert']:.1f} × a bare INSERT",
        ),
        ("one booking, p95", f"{figures['booking_p95_ms']:.1f} ms", f"target < {P95_TARGET_MS} ms"),
        (
            f"a week of {figures['week_rooms']} rooms, p95",
            f"{figures['week_p95_ms']:.1f} ms",
            f"{figures['week_bookings']} bookings",
        ),
        ("queries for 2 rooms and for all", f"{queries[0]}, {queries[1]}", "target: the same"),
        (f"attempts, {AT_A_TIME} at a time", f"{figures['attempts']:,}", statuses),
        ("slots booked exactly once", f"{once} of {slots}", f"{figures['slots_booked_twice']} more than once"),
        ("deadlocks", str(figures["deadlocks"]), "target: none"),
        (
            "attempts per second",
            f"{figures['attempts_per_s']:.0f}",
            f"{figures['attempts_to_trivial']:.2f} × a trivial page's",
        ),
    ]
    for label, value, remark in lines:
        print(f"{label:<36}{value:>14}  {remark}")
    if not_met:
        print(f"Missed: {'; '.join(not_met)}.")
    print(json.dumps({"benchmark": "booking", "is_met": not not_met} | figures))
    return 1 if not_met else 0


if __name__ == "__main__":
    sys.exit(main())
