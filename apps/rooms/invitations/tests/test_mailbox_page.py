"""The administrator's page of the portal mailbox."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from imapclient import IMAPClient
from pytest_django import Settings

from apps.rooms.models import Mailbox
from apps.tenants.models import Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory

pytestmark = pytest.mark.django_db

FORM = {
    "address": "Visio@interieur.example",
    "imap_host": "imap.interieur.example",
    "imap_port": "993",
    "has_tls": "on",
    "username": "visio",
    "password": "secret",
    "authserv_id": "",
    "reminder_hours": "",
}


@pytest.fixture
def web(organizer: Membership) -> Client:
    client = client_of(MembershipFactory.create(tenant=organizer.tenant, roles=[Role.ADMIN]))
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def post(web: Client, organizer: Membership, **changes: str) -> Any:
    return web.post(reverse("rooms:mailbox", args=[organizer.tenant.slug]), FORM | changes, follow=True)


def known(organizer: Membership) -> Mailbox:
    with tenant_scope(organizer.tenant_id):
        return Mailbox.objects.get()


def test_the_mailbox_is_saved_and_its_password_never_shown(web: Client, organizer: Membership) -> None:
    page = post(web, organizer).content.decode()

    mailbox = known(organizer)
    assert (mailbox.imap_host, mailbox.password, mailbox.reminder_hours) == ("imap.interieur.example", "secret", None)
    assert "The mailbox is saved." in page
    assert 'value="secret"' not in page


def test_an_empty_password_keeps_the_known_one(web: Client, organizer: Membership) -> None:
    post(web, organizer)
    post(web, organizer, password="", reminder_hours="12")

    assert (known(organizer).password, known(organizer).reminder_hours) == ("secret", 12)


def test_another_account_is_read_from_its_beginning(web: Client, organizer: Membership) -> None:
    post(web, organizer)
    with tenant_scope(organizer.tenant_id):
        Mailbox.objects.update(uid_validity=7, last_uid=99)

    post(web, organizer, username="autre")

    assert (known(organizer).uid_validity, known(organizer).last_uid) == (None, 0)


@pytest.mark.parametrize(
    "changes",
    [{"username": ""}, {"password": ""}, {"imap_host": "https://imap.example/"}, {"imap_port": "0"}],
    ids=["no-account", "no-password", "an-address", "no-port"],
)
def test_a_faulty_form_comes_back(web: Client, organizer: Membership, changes: dict[str, str]) -> None:
    assert post(web, organizer, **changes).status_code == 422


def test_a_server_outside_the_list_is_refused(web: Client, organizer: Membership, settings: Settings) -> None:
    settings.IMAP_HOSTS = ["imap.example"]

    assert post(web, organizer).status_code == 422


@pytest.mark.parametrize(
    ("password", "words"), [("secret-of-the-mailbox", "The mailbox answers"), ("wrong", "cannot be read")]
)
def test_the_connection_is_tried(
    web: Client, organizer: Membership, inbox: IMAPClient, password: str, words: str
) -> None:
    with tenant_scope(organizer.tenant_id):
        Mailbox.objects.update(password=password)

    page = web.post(reverse("rooms:mailbox_check", args=[organizer.tenant.slug]), follow=True).content.decode()

    assert words in page
