"""What all REST resources share: tokens, scopes, rates, errors, the schema and its page."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.licensing.tests.factories import ContractLineFactory
from apps.rooms.tests.factories import MeetingFactory
from apps.tenants.models import ApiToken, Membership, Role
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import MembershipFactory, api_token
from visio_portal.api.access import TokenThrottle
from visio_portal.api.docs import schema_in
from visio_portal.wsgi import application

pytestmark = pytest.mark.django_db

MEETINGS = "/api/v1/meetings/"
ADDRESSES = [MEETINGS, "/api/v1/transcripts/"]
EVERYTHING = [scope.value for scope in ApiToken.Scope]


@pytest.fixture
def owner() -> Membership:
    return MembershipFactory.create()


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_a_token_nobody_comes_in(client: Client, owner: Membership, address: str) -> None:
    client.force_login(owner.user)  # a session is of no use here

    response = client.get(address)

    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response["WWW-Authenticate"] == 'Bearer realm="visio-portal"'


@pytest.mark.parametrize("case", ["unknown", "expired", "revoked", "member left", "account closed", "basic"])
def test_a_token_of_no_use_is_refused(client: Client, owner: Membership, case: str) -> None:
    token, secret = api_token(owner, *EVERYTHING)
    headers = bearer(secret)
    now = timezone.now()
    if case == "unknown":
        headers = bearer("vp_nothing")
    elif case == "basic":
        headers = {"Authorization": "Basic dXNlcjpwYXNz"}
    elif case == "expired":
        ApiToken.objects.filter(id=token.id).update(expires_at=now - timedelta(seconds=1))
    elif case == "revoked":
        ApiToken.objects.filter(id=token.id).update(revoked_at=now)
    elif case == "member left":
        with tenant_scope(owner.tenant_id):
            Membership.objects.filter(id=owner.id).update(ended_at=now)
    else:
        owner.user.is_active = False
        owner.user.save()

    response = client.get(MEETINGS, headers=headers)

    assert (response.status_code, response.json()["code"]) == (401, "invalid_token")


@pytest.mark.parametrize(
    ("method", "address", "scope"),
    [
        ("get", MEETINGS, "meetings:read"),
        ("post", MEETINGS, "meetings:write"),
        ("get", "/api/v1/transcripts/", "transcripts:read"),
    ],
)
def test_a_token_does_only_what_its_scopes_allow(
    client: Client, owner: Membership, method: str, address: str, scope: str
) -> None:
    _token, with_scope = api_token(owner, scope)
    _token, without = api_token(owner, *(other for other in EVERYTHING if other != scope))

    refused = getattr(client, method)(address, headers=bearer(without))
    allowed = getattr(client, method)(address, headers=bearer(with_scope))

    assert (refused.status_code, refused.json()["code"]) == (403, "missing_scope")
    assert scope in refused.json()["detail"]
    assert allowed.status_code not in (401, 403)


def test_a_token_of_one_ministry_shows_nothing_of_another(client: Client, owner: Membership) -> None:
    elsewhere = MembershipFactory.create(user=owner.user)
    MeetingFactory.create(organizer=elsewhere)
    _token, secret = api_token(owner, *EVERYTHING)

    assert client.get(MEETINGS, headers=bearer(secret)).json()["results"] == []


def test_each_token_has_its_own_rate(client: Client, owner: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.clear()
    monkeypatch.setattr(TokenThrottle, "get_rate", lambda self: "2/min")
    (_one, first), (_two, second) = api_token(owner, *EVERYTHING), api_token(owner, *EVERYTHING)

    statuses = [client.get(MEETINGS, headers=bearer(first)).status_code for _ in range(3)]
    refused = client.get(MEETINGS, headers=bearer(first))

    assert statuses == [200, 200, 429]
    assert refused.json()["code"] == "throttled"
    assert int(refused["Retry-After"]) > 0
    assert client.get(MEETINGS, headers=bearer(second)).status_code == 200


def test_an_unknown_address_answers_in_the_same_shape(client: Client) -> None:
    response = client.get("/api/v1/nothing/")

    assert (response.status_code, response.json()["code"]) == (404, "not_found")


def test_schema_and_its_page_are_open_to_everybody(client: Client) -> None:
    schema = client.get("/api/v1/schema/")
    page = client.get("/api/v1/docs/")

    assert schema.json()["openapi"].startswith("3.")
    assert list(schema.json()["components"]["securitySchemes"]) == ["token"]
    assert page.status_code == 200
    for path in schema.json()["paths"]:
        assert path in page.content.decode()
    assert "`" not in page.content.decode()  # marks of the sources


# Every operation with invented bodies and parameters: never a 500, and only what the schema announces

EXAMPLES = 10
DESCRIBED = schemathesis.openapi.from_wsgi("/api/v1/schema/", application)
OPERATIONS = [
    result.ok()  # type: ignore[union-attr]  # the schema is our own, and sound
    for result in DESCRIBED.get_all_operations()
]


@pytest.fixture
def secret() -> Iterator[str]:
    owner = MembershipFactory.create(roles=[Role.ORGANIZER, Role.PROCUREMENT])
    MeetingFactory.create(organizer=owner)
    ContractLineFactory.create(contract__tenant=owner.tenant)
    _token, made = api_token(owner, *EVERYTHING)
    for signal in (request_started, request_finished):  # the connection holds the test's transaction
        signal.disconnect(close_old_connections)
    yield made
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_operation_keeps_to_its_schema(operation: Any, secret: str) -> None:
    right, wrong = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

    @given(case=right | wrong)
    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), deadline=None, derandomize=True)
    def answers_as_described(case: Any) -> None:
        case.call_and_validate(
            headers=bearer(secret),
            checks=[
                not_a_server_error,
                status_code_conformance,
                content_type_conformance,
                response_schema_conformance,
            ],
        )

    answers_as_described()


def test_no_operation_is_open_to_a_token_without_its_scope(client: Client, owner: Membership) -> None:
    _token, secret = api_token(owner, ApiToken.Scope.TRANSCRIPTION)
    refused = {}
    for path, methods in schema_in("en")["paths"].items():
        address = re.sub(r"\{\w+\}", str(owner.id), path.replace("{number}", "1"))
        for method in set(methods) & {"get", "post", "patch", "put", "delete"}:
            answer = getattr(client, method)(address, content_type="application/json", headers=bearer(secret))
            refused[method, path] = (answer.status_code, answer.json()["code"])

    assert len(refused) > 40
    assert set(refused.values()) == {(403, "missing_scope")}, refused
