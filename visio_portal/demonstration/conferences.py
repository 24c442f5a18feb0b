"""The demonstration's conferences: each ministry connected to the stand-in for Visio, and who was in a past one."""

import uuid
from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Value
from django.db.models.functions import Replace

from apps.rooms.conferences.connections import ConnectionPlan, save_connection
from apps.rooms.models import Conference, ConferenceEvent, Meeting, Occurrence, VisioConnection
from apps.tenants.models import Membership, Role, Tenant
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration.people import load_people
from visio_portal.demonstration.tenants import member_of
from visio_portal.demonstration.visio import keys_of

THRESHOLD = 75  # percent
# Who came to the cabinet meeting, and from which minute to which: somebody lost the line, somebody came late.
VISITS = (
    ("helene-marchand", -6, 63),
    ("olivier-perrin", 1, 22),
    ("olivier-perrin", 24, 61),
    ("sophie-lambert", 31, 61),
)
GUEST = ("Préfecture de région", 2, 58)


def connect_ministries() -> None:
    """Connect each ministry to the stand-in for Visio, where one runs; its address may be another one by now."""
    if not settings.DEMO_VISIO_URL:
        return
    for tenant in Tenant.objects.ministries():
        with tenant_scope(tenant.id):
            present = VisioConnection.objects.first()
            if present is None:
                admin = Membership.objects.filter(roles__contains=[Role.ADMIN]).select_related("tenant").first()
                if admin is not None:
                    save_connection(by=admin, plan=_plan(tenant))
            elif present.base_url != settings.DEMO_VISIO_URL:
                _follow(present)


def _plan(tenant: Tenant) -> ConnectionPlan:
    keys = keys_of(tenant.slug, settings.DEMO_VISIO_SECRET)
    return ConnectionPlan(
        base_url=settings.DEMO_VISIO_URL,
        client_id=keys.client_id,
        client_secret=keys.client_secret,
        livekit_api_key=keys.livekit_key,
        livekit_api_secret=keys.livekit_secret,
        attendance_days=90,
    )


def _follow(connection: VisioConnection) -> None:
    """Lead to where the stand-in listens now."""
    former, now = Value(connection.base_url), Value(settings.DEMO_VISIO_URL)
    Conference.objects.update(url=Replace("url", former, now))
    VisioConnection.objects.filter(id=connection.id).update(base_url=settings.DEMO_VISIO_URL)


def seed_attendance(today: date) -> None:
    """Keep the attendance of the cabinet's meetings, and say who was in the last one; once."""
    tenant = Tenant.objects.get(slug="territoires")
    with tenant_scope(tenant.id):
        if ConferenceEvent.objects.exists():
            return
        meetings = Meeting.objects.filter(organizer=member_of(tenant, "helene-marchand"))
        last = meetings.filter(starts_on__lt=today).latest("starts_on")
        meetings.filter(starts_on__gte=last.starts_on).update(attendance_threshold=THRESHOLD)
        occurrence = last.occurrences.order_by("start_at")[0]
        conference, _is_new = Conference.objects.get_or_create(
            tenant=tenant,
            meeting=last,
            defaults={
                "status": Conference.Status.READY,
                "owner_email": last.organizer.user.email,
                "access_level": last.access_level,
                "given_level": last.access_level,
                "visio_id": uuid.uuid5(uuid.NAMESPACE_URL, str(last.id)),
                "slug": "ref-orme-jhw",
                "url": f"{settings.DEMO_VISIO_URL or 'http://127.0.0.1:9500'}/ref-orme-jhw",
                "checked_at": occurrence.start_at - timedelta(minutes=15),
            },
        )
        ConferenceEvent.objects.bulk_create(_events(conference, occurrence))


def _events(conference: Conference, occurrence: Occurrence) -> Iterator[ConferenceEvent]:
    """Yield what LiveKit told: the start, each coming and going, the end."""
    subs = {person.key: person for person in load_people()}
    visits = [(subs[key].sub, subs[key].full_name, start, end) for key, start, end in VISITS]
    visits.append((str(uuid.uuid5(uuid.NAMESPACE_URL, GUEST[0])), *GUEST))

    def event(number: str, name: str, minute: int, **person: str) -> ConferenceEvent:
        return ConferenceEvent(
            tenant_id=conference.tenant_id,
            conference=conference,
            event_id=f"EV_{number}",
            name=name,
            session_id="RM_demonstration",
            happened_at=occurrence.start_at + timedelta(minutes=minute),
            **person,
        )

    yield event("start", "room_started", -6)
    for number, (identity, name, start, end) in enumerate(visits):
        person = {"participant_id": f"PA_{number}", "identity": identity, "participant_name": name}
        yield event(f"joined_{number}", "participant_joined", start, **person)
        yield event(f"left_{number}", "participant_left", end, **person)
    yield event("end", "room_finished", 64)
