"""A person at a browser who signs in: the portal's pages by Django's client, the provider's over HTTP."""

from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from django.test import Client

from apps.tenants.models import IdentityRoute, JournalEvent, Tenant
from apps.tenants.scoping import tenant_scope
from apps.tenants.tests.factories import TenantFactory
from visio_portal.demonstration.people import Person, load_people

HTTP = httpx.Client()  # one for all: each would read the certificates anew

PEOPLE = {person.key: person for person in load_people()}
HUGO = PEOPLE["hugo-marchetti"]  # an agent, password only
LEA = PEOPLE["lea-fontanel"]  # another one of the same ministry and provider
INES = PEOPLE["ines-carpentier"]  # always with a second factor
THOMAS = PEOPLE["thomas-besson"]  # with a second factor where it is demanded
RAPHAEL = PEOPLE["raphael-jourdan"]  # of a school that nobody knows


class Visitor:
    """Goes through a sign-in step by step."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def start(self, **query: str) -> str:
        """Click on ProConnect's button; return where the portal sends the visitor."""
        response = self.client.get("/oidc/start/", query)
        assert response.status_code == 302
        return str(response["Location"])

    def choose(self, person: Person, provider_page: str, **form: str) -> str:
        """Choose a person at the provider; return where the provider sends the browser back."""
        response = HTTP.post(provider_page, data={"sub": person.key, **form})
        assert response.status_code == 302, response.text
        return response.headers["Location"]

    def come_back(self, address: str) -> Any:
        parts = urlsplit(address)
        assert parts.path == "/oidc/callback/"
        return self.client.get(f"{parts.path}?{parts.query}")

    def sign_in(self, person: Person, *, form: dict[str, str] | None = None, **query: str) -> Any:
        return self.come_back(self.choose(person, self.start(**query), **(form or {})))

    @property
    def user_id(self) -> str | None:
        """Who is signed in."""
        return self.client.session.get("_auth_user_id")


def parameters(address: str) -> dict[str, str]:
    """Return the query of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def ministry_of(person: Person, **route: Any) -> Tenant:
    """Create a ministry to which the person's SIRET leads."""
    tenant = TenantFactory.create()
    add_route(tenant, IdentityRoute.Kind.SIRET, person.siret, **route)
    return tenant


def add_route(tenant: Tenant, kind: IdentityRoute.Kind, value: str, **fields: Any) -> None:
    fields = {"starts_on": date(2025, 1, 1), **fields}
    IdentityRoute.objects.create(tenant=tenant, kind=kind, value=value, **fields)


def journal_of(tenant: Tenant) -> list[str]:
    with tenant_scope(tenant.pk):
        return list(JournalEvent.objects.order_by("created_at").values_list("action", flat=True))
