"""An organiser whose ministry has a mailbox, and a real SMTP server."""

from collections.abc import Iterator

import pytest
import vobject
from imapclient import IMAPClient
from pytest_django import Settings

from apps.rooms.invitations.tests.servers import ACCOUNT, PASSWORD, Postbox, imap_server, smtp_server
from apps.rooms.models import Mailbox
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, TenantFactory, UserFactory

MAILBOX = "visio@interieur.example"


@pytest.fixture(autouse=True)
def fresh_zones() -> None:
    """Have vobject read each calendar's own VTIMEZONE: it keeps the first one that it met for each TZID."""
    vars(vobject.icalendar)["__tzidMap"].clear()
    vobject.icalendar.registerTzid("UTC", vobject.icalendar.utc)


@pytest.fixture
def organizer() -> Membership:
    tenant = TenantFactory.create(name="Ministère de l’Intérieur")
    user = UserFactory.create(given_name="Claire", usual_name="Vasseur", email="claire@interieur.example")
    with tenant_scope(tenant.id):
        Mailbox.objects.create(tenant=tenant, address=MAILBOX)
    return MembershipFactory.create(tenant=tenant, user=user)


@pytest.fixture
def postbox(settings: Settings) -> Iterator[Postbox]:
    """A running SMTP server, known to the portal's settings."""
    with smtp_server() as (postbox, port):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield postbox


@pytest.fixture(scope="session")
def imap() -> Iterator[tuple[IMAPClient, int]]:
    """A running IMAP server, for the whole run: it takes a second to start."""
    with imap_server() as running:
        yield running


@pytest.fixture
def inbox(imap: tuple[IMAPClient, int], organizer: Membership) -> IMAPClient:
    """The inbox of the organiser's ministry, empty."""
    client, port = imap
    client.select_folder("INBOX")
    client.delete_messages(client.search())
    client.expunge()
    with tenant_scope(organizer.tenant_id):
        Mailbox.objects.update(
            imap_host="127.0.0.1", imap_port=port, has_tls=False, username=ACCOUNT, password=PASSWORD
        )
    return client
