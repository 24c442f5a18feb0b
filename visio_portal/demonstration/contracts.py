"""The demonstration's catalogue of products and its contracts."""

from typing import Any

from django.db.models import QuerySet

from apps.licensing.contracts.operations import add_line, create_contract
from apps.licensing.models import Contract, ContractLine, ListPrice, Product
from apps.tenants.models import Tenant
from apps.tenants.scoping import tenant_scope
from visio_portal.demonstration.people import load_rows
from visio_portal.demonstration.tenants import member_of


def seed_catalogue() -> None:
    """Create the products and their public prices; what exists already stays as it is."""
    for row in load_rows("catalogue"):
        product, is_new = Product.objects.get_or_create(
            publisher=row["publisher"], name=row["name"], defaults={"kind": row["kind"]}
        )
        if is_new:
            ListPrice.objects.bulk_create(ListPrice(product=product, **price) for price in row["prices"])


def seed_contracts() -> None:
    """Create each tenant's contracts, once."""
    for tenant in Tenant.objects.ministries():
        with tenant_scope(tenant.id):
            if not Contract.objects.exists():
                for row in load_rows("contracts"):
                    if row["tenant"] == tenant.slug:
                        _add_contract(tenant, row)


def _add_contract(tenant: Tenant, row: dict[str, Any]) -> None:
    author = member_of(tenant, row["author"])
    fields = {name: value for name, value in row.items() if name not in ("tenant", "author", "lines")}
    products = Product.objects.all()
    first, *others = [_line(products, line) for line in row["lines"]]
    contract = create_contract(membership=author, contract=Contract(**fields), line=first)
    for line in others:
        add_line(membership=author, contract=contract, line=line)


def _line(products: QuerySet[Product], row: dict[str, Any]) -> ContractLine:
    return ContractLine(**row | {"product": products.get(name=row["product"])})
