"""The demonstration's calendars from elsewhere: one that says when somebody is busy, and meetings of old tools."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.rooms.models import BusyPeriod, CalendarImport, ExternalCalendar
from apps.rooms.planning.moving import mark_cancelled, meetings_of, move_over, preview_file
from apps.tenants.models import Membership, Tenant
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration.tenants import member_of

PARIS = ZoneInfo("Europe/Paris")
WEEKS = 8
BUSY = ((0, "12:30", 90), (1, "08:00", 60), (2, "17:30", 120), (4, "09:00", 75))  # weekday, start, minutes
NEVER_AGAIN = timedelta(days=3650)
RULE = "_" * 60
TEAMS = f"{{agenda}}\\n\\n{RULE}\\nRéunion Microsoft Teams\\nhttps://teams.microsoft.com/l/meetup-join/{{key}}\\n{RULE}"
ZOOM = "{agenda}\\n\\nVous invite à une réunion Zoom.\\nhttps://zoom.us/j/{key}"
# Title, rule, weekday and start in two weeks, minutes, agenda, text of the old tool, addresses.
OLD = (
    ("Point d’équipe", "FREQ=WEEKLY;COUNT=20", 0, "09:00", 30, "Tour de table", TEAMS, ("{team}",)),
    ("Comité technique", "FREQ=MONTHLY;BYDAY=2TU;COUNT=6", 1, "14:00", 90, "Incidents", TEAMS, ("si@editeur.example",)),
    ("Entretien avec l’éditeur", "", 3, "16:00", 60, "Feuille de route", ZOOM, ("avant-vente@editeur.example",)),
)


def seed_calendars(today: date) -> None:
    """Connect a calendar, move meetings over from an old tool, and preview others, around a day; once."""
    territoires, numerique = (Tenant.objects.get(slug=slug) for slug in ("territoires", "transition-numerique"))
    with tenant_scope(territoires.id):
        if CalendarImport.objects.exists():
            return
        _connect(member_of(territoires, "helene-marchand"), today)
        secretary = member_of(territoires, "nathalie-brunet")
        _move_over(secretary, _file(today, secretary, "olivier.perrin@territoires.example"))
    with tenant_scope(numerique.id):
        leader = member_of(numerique, "claire-vasseur")
        _connect(leader, today)
        _preview(leader, _file(today, leader, "karim.benali@transition-numerique.example"))


def _connect(member: Membership, today: date) -> None:
    """Keep busy times as they would have been read; nobody answers at the address, so it is not asked again."""
    midnight = datetime.combine(today, time(), PARIS)
    calendar = ExternalCalendar.objects.create(
        tenant_id=member.tenant_id,
        membership=member,
        address="https://agenda.example/personnel.ics",
        fetched_at=midnight,
        checked_at=midnight + NEVER_AGAIN,
    )
    monday = today - timedelta(days=today.weekday())
    for week in range(WEEKS):
        for weekday, clock, minutes in BUSY:
            day = monday + timedelta(weeks=week, days=weekday)
            start = datetime.combine(day, time.fromisoformat(clock), PARIS)
            end = start + timedelta(minutes=minutes)
            BusyPeriod.objects.create(tenant_id=member.tenant_id, calendar=calendar, start_at=start, end_at=end)


def _preview(by: Membership, content: bytes) -> CalendarImport:
    return preview_file(by=by, organizers=[by], name="calendrier-outlook.ics", content=content)


def _move_over(by: Membership, content: bytes) -> None:
    """Move all of a file over; one original is cancelled in the old tool, the others are left."""
    imported = _preview(by, content)
    chosen = [number for number, meeting in enumerate(meetings_of(imported)) if not meeting.problem]
    move_over(by=by, imported=imported, chosen=chosen, organizers=[by])
    done = imported.originals.first()
    if done is not None:
        mark_cancelled(by=by, imported=imported, original_id=done.id, is_cancelled=True)


def _file(today: date, member: Membership, colleague: str) -> bytes:
    """Return a calendar file as Outlook saves it: series and single meetings, one organised by somebody else."""
    monday = today + timedelta(weeks=2, days=-today.weekday())
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN"]
    for key, (title, rule, weekday, clock, minutes, agenda, text, people) in enumerate(OLD):
        start = datetime.combine(monday + timedelta(days=weekday), time.fromisoformat(clock))
        told = text.format(agenda=agenda, key=f"19-{key}")
        lines += _event(f"{key}@outlook.example", title, start, minutes, told, member.user.email)
        lines += [f"RRULE:{rule}"] if rule else []
        lines += [f"ATTENDEE:mailto:{person.format(team=colleague)}" for person in people]
        lines += ["END:VEVENT"]
    start = datetime.combine(monday + timedelta(days=4), time(11))
    lines += _event("autre@outlook.example", "Revue trimestrielle", start, 60, "Indicateurs", colleague)
    lines += [f"ATTENDEE:mailto:{member.user.email}", "END:VEVENT", "END:VCALENDAR", ""]
    return "\r\n".join(lines).encode()


def _event(uid: str, title: str, start: datetime, minutes: int, text: str, organizer: str) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTAMP:{start:%Y%m%dT%H%M%S}Z",
        f"DTSTART;TZID=Europe/Paris:{start:%Y%m%dT%H%M%S}",
        f"DURATION:PT{minutes}M",
        f"SUMMARY:{title}",
        f"DESCRIPTION:{text}",
        f"ORGANIZER:mailto:{organizer}",
    ]
