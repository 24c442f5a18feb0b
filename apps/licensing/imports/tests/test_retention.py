"""Files that nobody imports go by themselves."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import localtime

from apps.files.models import StoredFile
from apps.licensing.imports.operations import purge_unconfirmed
from apps.licensing.imports.tests.files import Imports, table, teams_row, zoom_row
from apps.licensing.imports.tests.headers import TEAMS_HEADER, ZOOM_HEADER
from apps.licensing.models import Account, UsageImport
from apps.tenants.models import JournalEvent, Membership
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.clients import client_of
from visio_portal.dates import written

pytestmark = pytest.mark.django_db
PREVIEWED = table(TEAMS_HEADER, [teams_row("a@example.fr")])
ASKING = table(ZOOM_HEADER, [zoom_row("a@example.fr")])
REFUSED = table(TEAMS_HEADER, [teams_row("a@example.fr", meetings="many")])


def age(usage_import: UsageImport, **past: int) -> None:
    with tenant_scope(usage_import.tenant_id):
        old = UsageImport.objects.get(id=usage_import.id).created_at - timedelta(**past)
        UsageImport.objects.filter(id=usage_import.id).update(created_at=old)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param(PREVIEWED, "previewed", id="previewed"),
        pytest.param(ASKING, "asking", id="asking"),
        pytest.param(REFUSED, "refused", id="refused"),
    ],
)
def test_what_nobody_imports_is_removed_with_its_rows_and_file(imports: Imports, content: bytes, status: str) -> None:
    forgotten = imports.send(content)
    age(forgotten, days=7, minutes=1)

    assert (forgotten.status, purge_unconfirmed(tenant_id=forgotten.tenant_id)) == (status, 1)

    assert imports.again(forgotten).status == UsageImport.Status.REMOVING
    with pytest.raises(UsageImport.DoesNotExist):
        imports.read(forgotten)
    with tenant_scope(forgotten.tenant_id):
        assert not Account.objects.exists()
        assert not StoredFile.objects.exists()
        event = JournalEvent.objects.get(action="usage_import.purged")
    assert (event.actor_id, event.data) == (None, {"status": status, "days": 7})


def test_what_is_young_or_counts_stays(imports: Imports) -> None:
    counting = imports.take(PREVIEWED)
    age(counting, days=400)
    young = imports.send(ASKING)
    age(young, days=6, hours=23)

    assert purge_unconfirmed(tenant_id=counting.tenant_id) == 0
    assert (imports.again(counting).status, imports.again(young).status) == ("committed", "asking")


def test_the_page_says_until_when_a_preview_is_kept(imports: Imports, officer: Membership) -> None:
    previewed = imports.send(PREVIEWED)
    client = client_of(officer)
    address = reverse("licensing:usage_detail", args=[officer.tenant.slug, previewed.id])

    before = page(client, address)
    imports.confirm(previewed)

    assert previewed.kept_until == previewed.created_at + timedelta(days=7)
    assert f"is kept until {written(localtime(previewed.kept_until))}" in before
    assert "is kept until" not in page(client, address)


def page(client: Client, address: str) -> str:
    return client.get(address, headers={"Accept-Language": "en"}).content.decode()
