"""What people do with contracts; each step is journalled."""

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from apps.files.models import StoredFile
from apps.files.operations import delete_stored_file
from apps.licensing.models import Amendment, Contract, ContractDocument, ContractLine
from apps.licensing.once import save_once
from apps.tenants.journal import record_by
from apps.tenants.models import Membership
from visio_portal.figure_requests import request_figures


def create_contract(*, membership: Membership, contract: Contract, line: ContractLine) -> Contract:
    """Save a new contract with its first line; raise AlreadyExists where the tenant has one of that name."""
    contract.tenant_id = line.tenant_id = membership.tenant_id
    with transaction.atomic():
        save_once(contract)
        line.contract = contract
        line.save(force_insert=True)
        record_change(membership, "contract.created", contract, line=str(line.id))
    return contract


def change_contract(*, membership: Membership, contract: Contract, fields: Sequence[str]) -> Contract:
    """Save changed fields of a contract; raise AlreadyExists where another has its name."""
    with transaction.atomic():
        save_once(contract, [*fields, "updated_at"])
        record_change(membership, "contract.changed", contract, fields=sorted(fields))
    return contract


def add_line(*, membership: Membership, contract: Contract, line: ContractLine) -> ContractLine:
    """Add seats of a product to a contract."""
    line.tenant_id, line.contract = membership.tenant_id, contract
    with transaction.atomic():
        line.save(force_insert=True)
        record_change(membership, "contract.line_added", contract, line=str(line.id))
    return line


def change_line(*, membership: Membership, line: ContractLine, fields: Sequence[str]) -> ContractLine:
    """Save changed fields of a contract's line."""
    with transaction.atomic():
        line.save(update_fields=[*fields])
        record_change(membership, "contract.line_changed", line.contract, line=str(line.id), fields=sorted(fields))
    return line


def remove_line(*, membership: Membership, line: ContractLine) -> None:
    """Take a line that was entered by mistake out of its contract."""
    with transaction.atomic():
        record_change(membership, "contract.line_removed", line.contract, line=str(line.id), seats=line.seats)
        line.delete()


def add_document(*, membership: Membership, contract: Contract, title: str, file: StoredFile) -> ContractDocument:
    """Keep a stored file with a contract."""
    with transaction.atomic():
        document = ContractDocument.objects.create(
            tenant_id=membership.tenant_id, contract=contract, title=title, stored_file=file, by=membership.user
        )
        record_by(membership, "contract.document_added", contract, sha256=file.sha256)
    return document


def add_amendment(*, membership: Membership, amendment: Amendment, file: StoredFile | None = None) -> Amendment:
    """Enter a change of a contract with its proof."""
    amendment.tenant_id, amendment.by, amendment.stored_file = membership.tenant_id, membership.user, file
    with transaction.atomic():
        amendment.save(force_insert=True)
        record_change(
            membership,
            "contract.amended",
            amendment.contract,
            kind=amendment.kind,
            proof=amendment.evidence,
            effective_on=amendment.effective_on.isoformat(),
            **({"seats": amendment.seats} if amendment.seats is not None else {}),
        )
    return amendment


def remove_amendment(*, membership: Membership, amendment: Amendment) -> None:
    """Take an amendment that was entered by mistake out of its contract, and delete its proof."""
    with transaction.atomic():
        record_change(
            membership,
            "contract.amendment_removed",
            amendment.contract,
            kind=amendment.kind,
            effective_on=amendment.effective_on.isoformat(),
        )
        file = amendment.stored_file
        amendment.delete()
        if file is not None:
            delete_stored_file(file)


def record_change(membership: Membership, action: str, contract: Contract, **data: Any) -> None:
    """Journal a change, and have the figures follow that the operator reads."""
    record_by(membership, action, contract, **data)
    request_figures(membership.tenant_id, membership.tenant.today)
