"""A Visio of the test's own over real HTTP, a ministry connected to it, and a meeting tomorrow."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from werkzeug.serving import make_server

from apps.rooms.adapters.visio import Visio
from apps.rooms.models import Conference, Meeting, Occurrence, VisioConnection
from apps.rooms.tests.factories import MeetingFactory
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, UserFactory
from visio_portal import broker
from visio_portal.services import visio as stand_in

CLIENT_ID, CLIENT_SECRET = "6a4f3c1e-0000-4000-8000-000000000001", "visio-client-secret"
LIVEKIT_KEY, LIVEKIT_SECRET = "APItest", "livekit-secret-of-at-least-32-bytes"
DOMAIN = "visio.example.fr"
OWNER, CO_OWNER = f"owner@{DOMAIN}", f"co-owner@{DOMAIN}"


@pytest.fixture(scope="session")
def served_visio() -> Iterator[tuple[stand_in.Visio, str]]:
    """The stand-in in a thread, and its address."""
    application = stand_in.Application(client_id=CLIENT_ID, client_secret=CLIENT_SECRET, domains=(DOMAIN,))
    visio = stand_in.Visio(applications={CLIENT_ID: application}, users=set())
    server = make_server("127.0.0.1", 0, stand_in.visio_app(visio), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield visio, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def remote(served_visio: tuple[stand_in.Visio, str]) -> stand_in.Visio:
    """The stand-in as it is at first: two users, no room, no fault."""
    visio, _url = served_visio
    visio.users, visio.provisional = {OWNER, CO_OWNER}, set()
    visio.rooms, visio.calls, visio.fault = {}, [], 0
    visio.allows_public, visio.has_telephony = False, True
    visio.forget_tokens()
    return visio


@pytest.fixture
def visio_url(served_visio: tuple[stand_in.Visio, str]) -> str:
    return served_visio[1]


@pytest.fixture
def client_of_visio(remote: stand_in.Visio, visio_url: str) -> Visio:
    return Visio(base_url=visio_url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)


class Messages:
    """The tasks that were sent, instead of a broker."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def send_task(self, task: str, *, kwargs: dict[str, Any], **_options: Any) -> None:
        self.sent.append((task, kwargs))

    def of(self, task: str) -> list[dict[str, Any]]:
        return [kwargs for name, kwargs in self.sent if name == task]


@pytest.fixture(autouse=True)
def messages(monkeypatch: pytest.MonkeyPatch) -> Messages:
    fake = Messages()
    monkeypatch.setattr(broker, "current_app", fake)
    return fake


@pytest.fixture
def organizer(remote: stand_in.Visio) -> Membership:
    return MembershipFactory.create(user=UserFactory.create(email=OWNER))


@pytest.fixture
def connection(organizer: Membership, visio_url: str) -> VisioConnection:
    with tenant_scope(organizer.tenant_id):
        return VisioConnection.objects.create(
            tenant=organizer.tenant,
            base_url=visio_url,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            livekit_api_key=LIVEKIT_KEY,
            livekit_api_secret=LIVEKIT_SECRET,
        )


def meeting_at(organizer: Membership, start_at: datetime, **values: Any) -> Meeting:
    """Create a meeting of an hour at an instant."""
    local = start_at.astimezone(organizer.tenant.zone)
    meeting = MeetingFactory.create(
        organizer=organizer, starts_on=local.date(), start_time=local.time().replace(tzinfo=None), **values
    )
    with tenant_scope(organizer.tenant_id):
        Occurrence.objects.filter(meeting=meeting).update(start_at=start_at, end_at=start_at + timedelta(hours=1))
    return meeting


@pytest.fixture
def meeting(organizer: Membership) -> Meeting:
    return meeting_at(organizer, timezone.now() + timedelta(days=3))


@pytest.fixture
def ask_for(messages: Messages) -> Callable[..., Conference]:
    """Write the row of a meeting's conference."""

    def write(meeting: Meeting, **values: Any) -> Conference:
        with tenant_scope(meeting.tenant_id):
            fields = {
                "tenant": meeting.tenant,
                "meeting": meeting,
                "owner_email": meeting.organizer.user.email,
                "access_level": meeting.access_level,
            }
            return Conference.objects.create(**(fields | values))

    return write
