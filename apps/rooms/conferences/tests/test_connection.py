"""The administrator's page of the connection: what is kept, what is never shown, and the test button."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone
from pytest_django import Settings

from apps.rooms.conferences.tests.conftest import CLIENT_ID, CLIENT_SECRET, DOMAIN, LIVEKIT_SECRET
from apps.rooms.models import Conference, Meeting, VisioConnection
from apps.tenants.models import JournalEvent, Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from apps.tenants.tests.factories import MembershipFactory, UserFactory
from visio_portal.services import visio as stand_in

pytestmark = pytest.mark.django_db

AskFor = Callable[..., Conference]


@pytest.fixture
def admin(organizer: Membership, remote: stand_in.Visio) -> Membership:
    remote.users.add(f"admin@{DOMAIN}")
    user = UserFactory.create(email=f"admin@{DOMAIN}")
    return MembershipFactory.create(tenant=organizer.tenant, user=user, roles=[Role.ADMIN])


def fields(**values: str) -> dict[str, str]:
    return {
        "base_url": "https://visio.example.fr/",
        "client_id": "abc",
        "client_secret": "first secret",
        "livekit_api_key": "",
        "livekit_api_secret": "",
        "attendance_days": "30",
    } | values


def save(admin: Membership, **values: str) -> Any:
    return client_of(admin).post(f"/t/{admin.tenant.slug}/visio/", fields(**values))


def kept(admin: Membership) -> VisioConnection:
    with tenant_scope(admin.tenant_id):
        return VisioConnection.objects.get()


def check(admin: Membership) -> str:
    response = client_of(admin).post(f"/t/{admin.tenant.slug}/visio/check/", follow=True)
    return str(response.content.decode())


def test_connection_is_kept_encrypted_and_journalled_without_secrets(admin: Membership) -> None:
    assert save(admin).status_code == 302

    assert (kept(admin).base_url, kept(admin).client_secret) == ("https://visio.example.fr", "first secret")
    with tenant_scope(admin.tenant_id), database.cursor() as cursor:
        cursor.execute("SELECT client_secret FROM rooms_visioconnection")
        assert "first secret" not in cursor.fetchone()[0]
        event = JournalEvent.objects.get(action="visio.connected")
    assert event.data == {"changed": ["attendance_days", "base_url", "client_id", "client_secret"]}


def test_secrets_are_never_shown_again(admin: Membership, connection: VisioConnection) -> None:
    shown = client_of(admin).get(f"/t/{admin.tenant.slug}/visio/").content.decode()

    assert CLIENT_ID in shown
    assert CLIENT_SECRET not in shown
    assert LIVEKIT_SECRET not in shown
    assert f"/t/{admin.tenant.slug}/visio/webhook/" in shown


def test_refused_form_repeats_no_secret(admin: Membership) -> None:
    response = save(admin, base_url="nonsense")

    assert response.status_code == 422
    assert "first secret" not in response.content.decode()


def test_empty_secrets_stay_as_they_are(admin: Membership, connection: VisioConnection) -> None:
    save(admin, base_url=connection.base_url, client_id="new", client_secret="", livekit_api_key="k")

    assert (kept(admin).client_id, kept(admin).client_secret) == ("new", CLIENT_SECRET)
    assert (kept(admin).livekit_api_key, kept(admin).livekit_api_secret) == ("k", LIVEKIT_SECRET)


def test_secret_is_not_sent_to_another_address_unasked(admin: Membership, connection: VisioConnection) -> None:
    assert save(admin, base_url="https://elsewhere.example", client_secret="").status_code == 422

    assert kept(admin).base_url == connection.base_url


@pytest.mark.parametrize(
    "base_url",
    ["file:///etc/passwd", "javascript:alert(1)", "https://a:b@visio.example", "//visio.example"],
    ids=["file", "script", "password", "no-scheme"],
)
def test_addresses_of_other_kinds_are_refused(admin: Membership, base_url: str) -> None:
    assert save(admin, base_url=base_url).status_code == 422


def test_production_asks_for_https(admin: Membership, settings: Settings) -> None:
    settings.IS_PRODUCTION = True

    assert save(admin, base_url="http://visio.example").status_code == 422


def test_operator_may_limit_the_hosts(admin: Membership, settings: Settings) -> None:
    settings.VISIO_HOSTS = ["visio.numerique.gouv.fr"]

    assert save(admin).status_code == 422
    assert save(admin, base_url="https://visio.numerique.gouv.fr").status_code == 302


def test_saving_has_everything_tried_again(
    admin: Membership, connection: VisioConnection, meeting: Meeting, ask_for: AskFor
) -> None:
    conference = ask_for(meeting, status="failed", due_at=timezone.now() + timedelta(hours=1))

    save(admin)

    with tenant_scope(admin.tenant_id):
        conference.refresh_from_db()
    assert conference.due_at <= timezone.now()


def test_test_button_tells_success(admin: Membership, connection: VisioConnection) -> None:
    assert "Visio répond et vous connaît" in check(admin)

    assert kept(admin).checked_at is not None


def test_test_button_tells_what_an_error_means(
    admin: Membership, connection: VisioConnection, remote: stand_in.Visio
) -> None:
    remote.fault = 503
    assert "Visio ne répond pas pour le moment" in check(admin)
    assert kept(admin).error == "A server error occurred."

    remote.fault = 0
    with tenant_scope(admin.tenant_id):
        VisioConnection.objects.update(client_id="unknown")
    assert "n’accepte plus les identifiants" in check(admin)


def test_test_button_takes_an_unknown_administrator_for_a_success(
    admin: Membership, connection: VisioConnection, remote: stand_in.Visio
) -> None:
    remote.users.discard(admin.user.email)

    assert "ne vous connaît pas encore" in check(admin)


def test_test_button_without_a_connection_says_so(admin: Membership) -> None:
    assert "pas encore relié" in check(admin)


def test_second_factor_is_needed(admin: Membership) -> None:
    client = client_of(admin, second_factor=False)

    assert client.get(f"/t/{admin.tenant.slug}/visio/").status_code == 403
    assert client.post(f"/t/{admin.tenant.slug}/visio/check/").status_code == 403
