"""Ministries and their people for tests; each factory enters the tenant of the row that it makes."""

from datetime import timedelta
from typing import Any, TypeVar

import factory
from django.db import models
from django.utils import timezone
from factory.django import DjangoModelFactory

from apps.tenants.models import ApiToken, Membership, Tenant, Unit, User
from apps.tenants.scoping import tenant_scope
from apps.tenants.tokens import create_token

Row = TypeVar("Row", bound=models.Model)


class TenantFactory(DjangoModelFactory[Tenant]):
    class Meta:
        model = Tenant

    kind = Tenant.Kind.MINISTRY
    slug = factory.Sequence(lambda n: f"ministere-{n}")
    name = factory.Sequence(lambda n: f"Ministère n° {n}")
    siren = factory.Sequence(lambda n: f"{110_000_000 + n}")


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User

    idp_id = "fournisseur-de-test"
    sub = factory.Sequence(lambda n: f"sub-{n}")
    email = factory.Sequence(lambda n: f"agent-{n}@example.gouv.fr")
    given_name = "Camille"
    usual_name = factory.Sequence(lambda n: f"Martin{n}")


class TenantOwnedFactory(DjangoModelFactory[Row]):
    """Base of factories of tenant-owned rows: usable inside and outside a tenant's scope."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class: type[Row], *args: Any, **kwargs: Any) -> Row:
        with tenant_scope(kwargs["tenant"].id):
            row: Row = super()._create(model_class, *args, **kwargs)  # type: ignore[no-untyped-call]
            cls.complete(row)
            return row

    @classmethod
    def complete(cls, row: Row) -> None:
        """Add the rows without which this one makes no sense."""


class UnitFactory(TenantOwnedFactory[Unit]):
    class Meta:
        model = Unit

    tenant = factory.SubFactory(TenantFactory)
    name = factory.Sequence(lambda n: f"Direction n° {n}")


class MembershipFactory(TenantOwnedFactory[Membership]):
    class Meta:
        model = Membership

    tenant = factory.SubFactory(TenantFactory)
    user = factory.SubFactory(UserFactory)
    unit = None
    roles: list[str] = []


def api_token(membership: Membership, *scopes: str) -> tuple[ApiToken, str]:
    """Return a token that acts as the member for a day, and its secret."""
    return create_token(membership, name="Essai", scopes=list(scopes), expires_at=timezone.now() + timedelta(days=1))
