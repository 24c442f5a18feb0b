"""The administrators' pages of the transcription service."""

from ipaddress import IPv4Network
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from apps.tenants.models import ApiToken, JournalEvent, Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory
from apps.transcripts.models import ServiceJob, TranscriptionService
from apps.transcripts.service.tests.factories import ServiceFactory, ServiceJobFactory

pytestmark = pytest.mark.django_db
SCOPE_IN_A_TEST = 4  # queries: inside the transaction of a test the tenant is entered in a savepoint
FORM = {
    "hosts": "S3.example.gouv.fr\n*.s3.example.gouv.fr s3.example.gouv.fr",
    "size_limit_mb": "500",
    "fetch_minutes": "20",
    "callback_url": "https://visio.example.gouv.fr/hook/",
    "callback_key": "secret",
}


@pytest.fixture
def admin() -> Membership:
    return MembershipFactory.create(roles=[Role.ADMIN])


@pytest.fixture
def client(admin: Membership) -> Client:
    return client_of(admin)


def address(admin: Membership, page: str = "") -> str:
    return f"/t/{admin.tenant.slug}/transcription-service/{page}"


def saved(admin: Membership) -> TranscriptionService:
    with tenant_scope(admin.tenant_id):
        return TranscriptionService.objects.get()


def test_settings_are_saved_with_an_encrypted_key(client: Client, admin: Membership) -> None:
    assert client.post(address(admin, "edit/"), FORM).status_code == 302

    service = saved(admin)
    assert service.hosts == ["s3.example.gouv.fr", "*.s3.example.gouv.fr"]
    assert (service.size_limit_mb, service.callback_key) == (500, "secret")
    with tenant_scope(admin.tenant_id), connection.cursor() as cursor:
        cursor.execute("SELECT callback_key FROM transcripts_transcriptionservice")
        assert "secret" not in cursor.fetchone()[0]
        assert JournalEvent.objects.filter(action="service.changed").exists()


@pytest.mark.parametrize(
    ("change", "kept"), [({"callback_key": ""}, "secret"), ({"callback_url": ""}, "")], ids=range(2)
)
def test_empty_key_keeps_the_former_one(client: Client, admin: Membership, change: Any, kept: str) -> None:
    client.post(address(admin, "edit/"), FORM)

    client.post(address(admin, "edit/"), FORM | change)

    assert saved(admin).callback_key == kept
    assert "secret" not in client.get(address(admin, "edit/")).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hosts", ""),
        ("hosts", "https://s3.example.gouv.fr/"),
        ("hosts", "localhost"),
        ("hosts", "*"),
        ("hosts", "\n".join(f"s{number}.example.fr" for number in range(30))),
        ("size_limit_mb", "4000"),
        ("fetch_minutes", "0"),
        ("callback_url", "http://visio.example.gouv.fr/hook/"),
        ("callback_url", "https://user:secret@visio.example.gouv.fr/"),
        ("callback_key", "clé"),
    ],
    ids=range(10),
)
def test_wrong_setting_is_explained(client: Client, admin: Membership, field: str, value: str) -> None:
    answer = client.post(address(admin, "edit/"), FORM | {field: value})

    assert answer.status_code == 422
    assert answer.context["form"].errors[field]


def test_own_network_may_be_called_without_tls(client: Client, admin: Membership, settings: Settings) -> None:
    settings.FETCH_NETWORKS = (IPv4Network("127.0.0.0/8"),)

    answer = client.post(address(admin, "edit/"), FORM | {"callback_url": "http://127.0.0.1:8080/hook/"})

    assert answer.status_code == 302


def test_key_is_shown_once_and_may_order_alone(client: Client, admin: Membership) -> None:
    answer = client.post(address(admin, "keys/new/"))

    token = ApiToken.objects.get()
    assert token.scopes == [ApiToken.Scope.TRANSCRIPTION]
    assert answer.context["secret"] in answer.content.decode()
    page = client.get(address(admin)).content.decode()
    assert token.name in page
    assert answer.context["secret"] not in page


def test_members_cannot_make_such_a_key_themselves(client: Client, admin: Membership) -> None:
    form = {"name": "x", "scopes": [ApiToken.Scope.TRANSCRIPTION.value], "expires_on": "2026-12-24"}

    assert client.post(f"/t/{admin.tenant.slug}/tokens/new/", form).status_code == 422


def test_page_says_what_became_of_orders_without_their_titles(client: Client, admin: Membership) -> None:
    ServiceFactory.create(tenant=admin.tenant)
    member = MembershipFactory.create(tenant=admin.tenant)
    ServiceJobFactory.create(
        member=member, status=ServiceJob.Status.FAILED, reason="Le fichier est vide.", title="Plan secret"
    )

    page = client.get(address(admin)).content.decode()

    assert "Le fichier est vide." in page
    assert str(member.user) in page
    assert "Plan secret" not in page


def test_page_costs_the_same_for_many_orders(client: Client, admin: Membership) -> None:
    ServiceFactory.create(tenant=admin.tenant)
    member = MembershipFactory.create(tenant=admin.tenant)
    costs = []
    for number in (1, 5):
        for _order in range(number):
            ServiceJobFactory.create(member=member)
        with CaptureQueriesContext(connection) as queries:
            client.get(address(admin))
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 12 + SCOPE_IN_A_TEST
