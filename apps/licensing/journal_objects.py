"""What the journal may name of contracts."""

from django.db.models import QuerySet

from apps.licensing.models import Contract, ContractLine
from apps.tenants.journal_objects import Kind, show_in_journal
from apps.tenants.journal_words import name_fields
from apps.tenants.models import Membership, Role


def _contracts(reader: Membership) -> QuerySet[Contract]:
    return Contract.objects.all() if reader.has_role(Role.PROCUREMENT) else Contract.objects.none()


show_in_journal("contract", Kind(_contracts, "name", "licensing:contract_detail", "contract_id"))
name_fields("fields", Contract, ContractLine)
