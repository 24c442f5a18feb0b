"""Imports by REST."""

import io
from uuid import uuid4

import pytest
from django.test import Client

from apps.files.models import Purpose
from apps.files.operations import complete_upload, receive_part, start_upload
from apps.licensing.imports.tests.files import Imports, table, teams_row
from apps.licensing.imports.tests.headers import TEAMS_HEADER
from apps.tenants.models import ApiToken, Membership
from apps.tenants.tests.factories import MembershipFactory, api_token

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/usage-imports/"


@pytest.fixture
def headers(officer: Membership) -> dict[str, str]:
    _token, secret = api_token(officer, ApiToken.Scope.LICENSING_READ, ApiToken.Scope.LICENSING_WRITE)
    return {"Authorization": f"Bearer {secret}"}


def uploaded(officer: Membership, content: bytes) -> str:
    upload = start_upload(
        tenant_id=officer.tenant_id,
        purpose=Purpose.IMPORT,
        name="teams.csv",
        size_bytes=len(content),
        user_id=officer.user_id,
    )
    receive_part(upload=upload, number=1, body=io.BytesIO(content))
    complete_upload(upload=upload)
    return str(upload.id)


def post(client: Client, headers: dict[str, str], path: str = "", **body: str) -> tuple[int, dict[str, object]]:
    answer = client.post(ADDRESS + path, body, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def test_an_upload_is_read_committed_and_undone(
    client: Client, officer: Membership, headers: dict[str, str], imports: Imports
) -> None:
    upload = uploaded(officer, table(TEAMS_HEADER, [teams_row("a@example.fr")]))

    status, begun = post(client, headers, upload=upload)
    assert (status, begun["status"]) == (201, "reading")
    with_id = f"{begun['id']}/"
    read = imports.read(imports.only())
    assert client.get(ADDRESS + with_id, headers=headers).json()["counts"]["paid"] == 1
    assert post(client, headers, with_id + "commit/")[1]["status"] == "committing"
    imports.read(read)
    assert post(client, headers, with_id + "undo/")[1]["status"] == "undoing"
    assert post(client, headers, with_id + "undo/")[0] == 409
    assert imports.read(read).status == "undone"
    assert imports.accounts() == {}


def test_an_upload_that_is_not_there_is_refused(client: Client, headers: dict[str, str]) -> None:
    assert post(client, headers, upload=str(uuid4()))[0] == 400


def test_problems_are_listed(client: Client, headers: dict[str, str], imports: Imports) -> None:
    refused = imports.send(table(TEAMS_HEADER, [teams_row("a@example.fr", meetings="-1")]))

    rows = client.get(f"{ADDRESS}{refused.id}/problems/", headers=headers).json()["results"]

    assert rows == [{"row": 2, "column": "meetings", "code": "count", "value": "-1"}]


def test_who_buys_nothing_imports_nothing(client: Client, officer: Membership) -> None:
    colleague = MembershipFactory.create(tenant=officer.tenant)
    _token, secret = api_token(colleague, ApiToken.Scope.LICENSING_READ)

    answer = client.get(ADDRESS, headers={"Authorization": f"Bearer {secret}"})

    assert (answer.status_code, answer.json()["code"]) == (403, "missing_role")
