"""A file that comes by REST, from its first part to its rows."""

import base64
import hashlib
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve

from apps.files.models import Purpose
from apps.files.operations import start_upload
from apps.licensing.imports.tests.files import Imports, table, teams_row
from apps.licensing.imports.tests.headers import TEAMS_HEADER
from apps.tenants.models import ApiToken, Membership, Role
from apps.tenants.tests.factories import MembershipFactory, api_token
from visio_portal.settings import BASE_DIR

pytestmark = pytest.mark.django_db
UPLOADS, IMPORTS = "/api/v1/usage-imports/uploads/", "/api/v1/usage-imports/"
CONTENT = table(TEAMS_HEADER, [teams_row("a@example.fr")])


class Program:
    """A program of somebody's that has their token, and no session."""

    def __init__(self, owner: Membership) -> None:
        _token, secret = api_token(owner, ApiToken.Scope.LICENSING_READ, ApiToken.Scope.LICENSING_WRITE)
        self._client, self._headers = Client(), {"Authorization": f"Bearer {secret}"}

    def get(self, address: str) -> Any:
        return self._client.get(address, headers=self._headers)

    def post(self, address: str, **body: Any) -> Any:
        return self._client.post(address, body, content_type="application/json", headers=self._headers)

    def put(self, address: str, body: bytes, *, digest_of: bytes | None = None) -> Any:
        digest = base64.b64encode(hashlib.sha256(body if digest_of is None else digest_of).digest()).decode()
        headers = self._headers | {"Content-Digest": f"sha-256=:{digest}:"}
        return self._client.put(address, body, content_type="application/octet-stream", headers=headers)

    def delete(self, address: str) -> Any:
        return self._client.delete(address, headers=self._headers)


@pytest.fixture
def program(officer: Membership) -> Program:
    return Program(officer)


def announce(program: Program) -> str:
    answer = program.post(UPLOADS, name="teams.csv", size_bytes=len(CONTENT))
    assert answer.status_code == 201
    assert {**answer.json(), "id": "", "expires_at": ""} == {
        "id": "",
        "name": "teams.csv",
        "status": "open",
        "size_bytes": len(CONTENT),
        "part_size_bytes": 8 * 1024 * 1024,
        "part_count": 1,
        "parts": [],
        "expires_at": "",
    }
    return f"{UPLOADS}{answer.json()['id']}/"


def test_a_program_with_a_token_alone_imports_a_file(program: Program, imports: Imports) -> None:
    upload = announce(program)
    part = program.put(f"{upload}parts/1/", CONTENT)
    assert (part.status_code, part.json()["size_bytes"]) == (200, len(CONTENT))
    assert program.get(upload).json()["parts"] == [1]
    whole = program.post(f"{upload}complete/")
    assert whole.json()["sha256"] == hashlib.sha256(CONTENT).hexdigest()

    begun = program.post(IMPORTS, upload=upload.split("/")[-2])
    imports.read(imports.only())
    previewed = program.get(f"{IMPORTS}{begun.json()['id']}/").json()
    assert (previewed["status"], previewed["counts"]["paid"]) == ("previewed", 1)
    assert program.post(f"{IMPORTS}{begun.json()['id']}/commit/").status_code == 200

    assert imports.read(imports.only()).status == "committed"
    assert set(imports.accounts()) == {"a@example.fr"}


def test_a_part_that_was_damaged_is_refused_and_nothing_is_joined_without_it(program: Program) -> None:
    upload = announce(program)

    damaged = program.put(f"{upload}parts/1/", CONTENT, digest_of=b"other")
    beyond = program.put(f"{upload}parts/2/", CONTENT)
    joined = program.post(f"{upload}complete/")

    assert (damaged.status_code, damaged.json()["code"]) == (422, "digest_mismatch")
    assert (beyond.status_code, beyond.json()["code"]) == (422, "wrong_part")
    assert (joined.status_code, joined.json()["missing"]) == (409, [1])


def test_a_file_beyond_the_limit_is_refused_before_it_comes(program: Program) -> None:
    refused = program.post(UPLOADS, name="teams.csv", size_bytes=513 * 1024 * 1024)

    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


def test_an_upload_that_is_given_up_is_gone(program: Program) -> None:
    upload = announce(program)

    assert program.delete(upload).status_code == 204
    assert program.get(upload).status_code == 404


def test_uploads_of_others_and_for_others_are_not_found(program: Program, officer: Membership) -> None:
    colleague = MembershipFactory.create(tenant=officer.tenant, roles=[Role.PROCUREMENT])
    recording = start_upload(
        tenant_id=officer.tenant_id,
        user_id=officer.user_id,
        purpose=Purpose.RECORDING,
        name="meeting.webm",
        size_bytes=5,
    )
    for address in (announce(Program(colleague)), f"{UPLOADS}{recording.id}/"):
        answers = [
            program.get(address),
            program.put(f"{address}parts/1/", CONTENT),
            program.post(f"{address}complete/"),
            program.delete(address),
        ]
        assert {answer.status_code for answer in answers} == {404}


def test_who_buys_nothing_uploads_nothing(officer: Membership) -> None:
    refused = Program(MembershipFactory.create(tenant=officer.tenant)).post(UPLOADS, name="a.csv", size_bytes=5)

    assert (refused.status_code, refused.json()["code"]) == (403, "missing_role")


def test_addresses_of_the_guide_exist() -> None:
    guide = (BASE_DIR / "docs" / "imports-by-rest.md").read_text()
    found = set(re.findall(r"\$PORTAL(/api/v1/[^\s\"]+)", guide))
    names = {resolve(re.sub(r"\$NUMBER", "1", re.sub(r"\$(UPLOAD|IMPORT)", SOME_ID, path))).view_name for path in found}

    assert names == {
        "api:usage-upload-new",
        "api:usage-upload-part",
        "api:usage-upload-complete",
        "api:usage-import-list",
        "api:usage-import-detail",
        "api:usage-import-commit",
    }


SOME_ID = "00000000-0000-4000-8000-000000000000"
