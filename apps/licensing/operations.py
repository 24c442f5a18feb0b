"""What people do with contracts, and the operator with the catalogue; each step is journalled."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction

from apps.licensing.models import Contract, ContractLine, ListPrice, Product
from apps.tenants.journal import record_by
from apps.tenants.models import Membership
from visio_portal.figure_requests import request_figures


class AlreadyExists(Exception):
    """A row of this name, or for this day, exists already."""


def create_contract(*, membership: Membership, contract: Contract, line: ContractLine) -> Contract:
    """Save a new contract with its first line; raise AlreadyExists where the tenant has one of that name."""
    contract.tenant_id = line.tenant_id = membership.tenant_id
    with transaction.atomic():
        _save_once(contract)
        line.contract = contract
        line.save(force_insert=True)
        _record_change(membership, "contract.created", contract, line=str(line.id))
    return contract


def change_contract(*, membership: Membership, contract: Contract, fields: Sequence[str]) -> Contract:
    """Save changed fields of a contract; raise AlreadyExists where another has its name."""
    with transaction.atomic():
        _save_once(contract, [*fields, "updated_at"])
        _record_change(membership, "contract.changed", contract, fields=sorted(fields))
    return contract


def add_line(*, membership: Membership, contract: Contract, line: ContractLine) -> ContractLine:
    """Add seats of a product to a contract."""
    line.tenant_id, line.contract = membership.tenant_id, contract
    with transaction.atomic():
        line.save(force_insert=True)
        _record_change(membership, "contract.line_added", contract, line=str(line.id))
    return line


def change_line(*, membership: Membership, line: ContractLine, fields: Sequence[str]) -> ContractLine:
    """Save changed fields of a contract's line."""
    with transaction.atomic():
        line.save(update_fields=[*fields])
        _record_change(membership, "contract.line_changed", line.contract, line=str(line.id), fields=sorted(fields))
    return line


def remove_line(*, membership: Membership, line: ContractLine) -> None:
    """Take a line that was entered by mistake out of its contract."""
    with transaction.atomic():
        _record_change(membership, "contract.line_removed", line.contract, line=str(line.id), seats=line.seats)
        line.delete()


def add_product(*, membership: Membership, product: Product) -> Product:
    """Add a product to the catalogue; raise AlreadyExists where it is listed. For the operator."""
    with transaction.atomic():
        _save_once(product)
        record_by(membership, "product.added", product)
    return product


def add_list_price(*, membership: Membership, price: ListPrice) -> ListPrice:
    """Add a dated public price; raise AlreadyExists for a second one of that day. For the operator."""
    with transaction.atomic():
        _save_once(price)
        record_by(membership, "list_price.added", price, product=str(price.product_id))
    return price


def _record_change(membership: Membership, action: str, contract: Contract, **data: Any) -> None:
    """Journal a change, and have the figures follow that the operator reads."""
    record_by(membership, action, contract, **data)
    request_figures(membership.tenant_id, membership.tenant.today)


def _save_once(row: Contract | Product | ListPrice, fields: Sequence[str] | None = None) -> None:
    try:
        with transaction.atomic():
            row.save(update_fields=fields)
    except IntegrityError as error:
        if error.__cause__ is not None and getattr(error.__cause__, "sqlstate", "") == "23505":
            raise AlreadyExists from error
        raise
