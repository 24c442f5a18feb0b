"""A whole exchange as files, and every calendar read back by two libraries that did not write it.

``golden/`` holds REQUEST, the REPLY of a mail program, the REQUEST for a changed date, and CANCEL. To write the
portal's own ones anew after a wanted change: GOLDEN=write pytest apps/rooms/invitations/tests/test_exchange.py
"""

import json
import os
import shutil
import subprocess
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
import vobject

from apps.rooms.conferences.joining import DialIn
from apps.rooms.invitations import ical
from apps.rooms.invitations.incoming import read_mail
from apps.rooms.models import Answer, Attendee, Meeting, Occurrence, Room
from apps.rooms.models.meetings import recurrence_id_of
from apps.rooms.recurrence import expand, instant, parse_rule
from apps.tenants.models import Membership, User
from visio_portal.tests.skips import skip_or_fail

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"
STAMP = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
START = datetime(2026, 10, 5, 10, 0)  # a Monday; the clocks change on 25 October
WEEKLY = "FREQ=WEEKLY;COUNT=6"
ZOE, PAUL = UUID(int=1), UUID(int=2)


def person(given_name: str, usual_name: str, email: str) -> Membership:
    return Membership(user=User(given_name=given_name, usual_name=usual_name, email=email, language="fr"))


def meeting(**changes: Any) -> Meeting:
    fields: dict[str, Any] = {
        "title": "Comité de suivi : « Réseaux, égalité »; bilan, œuvres et suites à donner pour l’année",
        "agenda": "1. Budget, crédits; reports\n2. Calendrier\\échéances",
        "organizer": person("Claire", "Vasseur", "claire.vasseur@interieur.example"),
        "scheduled_by": person("Inès", "Carpentier", "ines.carpentier@interieur.example"),
        "room": Room(name="Salle Olympe-de-Gouges", site="Beauvau"),
        "starts_on": START.date(),
        "start_time": START.time(),
        "time_zone": "Europe/Paris",
        "duration_minutes": 90,
        "rrule": WEEKLY,
        "uid": "5d3b4b0e-8f2a-4b59-9d0e-1c6f6f0a7a11",
        "created_at": STAMP,
        "updated_at": STAMP,
    }
    return Meeting(**(fields | changes))


def occurrence(of: Meeting, week: int, **changes: Any) -> Occurrence:
    wall = of.wall_start + timedelta(weeks=week)
    fields: dict[str, Any] = {
        "id": UUID(int=100 + week),
        "meeting": of,
        "room": of.room,
        "recurrence_id": recurrence_id_of(wall),
        "starts_on": wall.date(),
        "start_time": wall.time(),
        "duration_minutes": of.duration_minutes,
        "is_changed": True,
    }
    return Occurrence(**(fields | changes))


def source(of: Meeting, occurrences: tuple[Occurrence, ...] = (), **changes: Any) -> ical.Source:
    people = (
        Attendee(id=ZOE, email="zoe@cabinet.example", name="Zoé Garnier"),
        Attendee(id=PAUL, email="paul@interieur.example", name='Roux, Paul "Polo"', answer=Answer.ACCEPTED),
    )
    fields: dict[str, Any] = {
        "meeting": of,
        "sender": "visio@interieur.example",
        "join_url": "https://portail.example/t/interieur/join/abc/",
        "stamped_at": STAMP,
        "attendees": people,
        "occurrences": occurrences,
        "dial_in": DialIn("+33 1 23 45 67 89", "123 456#"),
    }
    return ical.Source(**(fields | changes))


def written() -> dict[str, str]:
    """Return the portal's own part of the exchange, by file."""
    first = meeting()
    moved = occurrence(first, 1, starts_on=date(2026, 10, 13), start_time=time(15, 30), sequence=1)
    struck = occurrence(first, 3, status=Occurrence.Status.CANCELLED, sequence=1)
    answered = {(moved.id, PAUL): "declined"}
    last = meeting(sequence=2)
    return {
        "1-request.ics": ical.request(source(first)),
        "3-changed-occurrence.ics": ical.request(source(first, (moved,), answers=answered), only=moved),
        "4-cancelled-occurrence.ics": ical.cancellation(source(first, (moved, struck)), only=struck),
        "5-request-with-exceptions.ics": ical.request(source(first, (moved, struck), answers=answered)),
        "6-cancel.ics": ical.cancellation(source(last, (moved, struck))),
    }


def by_ical_js(text: str) -> Any:
    node = shutil.which("node")
    if node is None:
        skip_or_fail("Node.js is missing: install it to read calendars with ical.js")
    done = subprocess.run(
        [node, str(HERE / "read_calendar.mjs")], input=text, capture_output=True, text=True, timeout=60, check=True
    )
    return json.loads(done.stdout)


def starts_by_vobject(event: Any) -> list[datetime]:
    """Return the instants of a master's rule and exceptions, as vobject and dateutil expand them."""
    if "rrule" not in event.contents:
        return [event.dtstart.value.astimezone(UTC)]
    return [start.astimezone(UTC) for start in event.getrruleset(addRDate=True)]


@pytest.mark.parametrize("name", sorted(written()))
def test_what_the_portal_sends_is_what_was_agreed(name: str) -> None:
    text = written()[name]
    if os.environ.get("GOLDEN") == "write":
        (GOLDEN / name).write_text(text, newline="")

    assert (GOLDEN / name).read_bytes().decode() == text


@pytest.mark.parametrize("name", sorted(written()))
def test_lines_are_folded_at_75_octets_and_end_in_crlf(name: str) -> None:
    lines = written()[name].encode().split(b"\r\n")

    assert max(len(line) for line in lines) <= 75
    assert not any(b"\n" in line or b"\r" in line for line in lines)


@pytest.mark.parametrize("name", sorted(written()))
def test_both_libraries_read_the_same(name: str) -> None:
    text = written()[name]

    seen, calendar = by_ical_js(text), vobject.readOne(text)

    event = calendar.vevent
    assert calendar.method.value == seen["method"]
    assert event.uid.value == seen["uid"] == meeting().uid
    assert event.summary.value == seen["summary"] == meeting().title
    assert event.description.value == seen["description"]
    assert seen["description"].startswith(meeting().agenda)
    assert "+33 1 23 45 67 89" in seen["description"]
    assert event.location.value == seen["location"] == "Salle Olympe-de-Gouges, Beauvau"
    assert event.organizer.value == seen["organizer"] == "mailto:visio@interieur.example"
    assert event.organizer.params["SENT-BY"] == ["mailto:ines.carpentier@interieur.example"]
    assert [line.value for line in event.attendee_list] == [address for address, _answer in seen["attendees"]]
    assert event.attendee_list[2].params["CN"] == ["Roux, Paul 'Polo'"]
    assert seen["minutes"] == 90


def test_the_exceptions_of_a_series_are_read_by_both() -> None:
    text = written()["5-request-with-exceptions.ics"]
    zone = ZoneInfo("Europe/Paris")
    weeks = [instant(START + timedelta(weeks=week), zone) for week in (0, 1, 2, 4, 5)]
    with_move = sorted([weeks[0], *weeks[2:], instant(datetime(2026, 10, 13, 15, 30), zone)])

    seen = sorted(datetime.fromisoformat(start) for start in by_ical_js(text)["starts"])
    calendar = vobject.readOne(text)

    assert seen == with_move
    assert starts_by_vobject(calendar.vevent_list[0]) == weeks
    assert calendar.vevent_list[1].dtstart.value.astimezone(UTC) == with_move[1]


RULES = {
    "weekly-over-the-change": ("Europe/Paris", START, "FREQ=WEEKLY;COUNT=8"),
    "last-friday": ("Europe/Paris", datetime(2026, 10, 30, 9, 15), "FREQ=MONTHLY;BYDAY=-1FR;COUNT=6"),
    "night-of-summer-time": ("Europe/Paris", datetime(2027, 3, 27, 3, 30), "FREQ=DAILY;COUNT=3"),
    "night-of-winter-time": ("Europe/Paris", datetime(2026, 10, 24, 3, 30), "FREQ=DAILY;COUNT=3"),
    "other-half-of-the-world": ("Australia/Sydney", datetime(2026, 9, 28, 3, 30), "FREQ=DAILY;COUNT=9"),
    "until": ("Indian/Reunion", START, "FREQ=WEEKLY;UNTIL=20261102T060000Z"),
    "half-hour-zone": ("Pacific/Marquesas", START, "FREQ=DAILY;COUNT=5"),
    "own-summer-time": ("America/Miquelon", START, "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=12"),
}


@pytest.mark.parametrize(("zone", "start", "rule"), RULES.values(), ids=RULES.keys())
def test_repetitions_are_read_as_the_portal_expands_them(zone: str, start: datetime, rule: str) -> None:
    series = meeting(time_zone=zone, starts_on=start.date(), start_time=start.time(), rrule=rule)
    wanted = [instant(wall, series.zone) for wall in expand(parse_rule(rule, series.zone), start).times]

    text = ical.request(source(series))

    assert [datetime.fromisoformat(moment) for moment in by_ical_js(text)["starts"]] == wanted
    assert starts_by_vobject(vobject.readOne(text).vevent) == wanted


def test_the_reply_of_a_mail_program_is_understood() -> None:
    raw = (GOLDEN / "2-reply.eml").read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")

    incoming = read_mail(raw)

    (reply,) = incoming.replies
    assert incoming.sender.address == "zoe@cabinet.example"
    assert (reply.uid, reply.answer, reply.sequence) == (meeting().uid, Answer.DECLINED, 0)
    assert reply.comment == "En congé ce jour-là, désolée"
    assert reply.organizer == "visio@interieur.example"
    assert reply.recurrence_id == (START + timedelta(weeks=1)).replace(tzinfo=ZoneInfo("Europe/Paris"))


def test_a_series_that_follows_another_one_says_so() -> None:
    former = meeting()
    following = meeting(uid="00000000-0000-4000-8000-000000000001", follows=former)

    event = vobject.readOne(ical.request(source(following))).vevent

    assert event.contents["related-to"][0].value == former.uid
