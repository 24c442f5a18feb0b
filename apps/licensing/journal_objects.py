"""What the journal may name of contracts."""

from django.db.models import QuerySet

from apps.licensing.models import Amendment, Contract, ContractLine, NoticeDecision, UsageImport
from apps.tenants.journal_objects import Kind, show_in_journal
from apps.tenants.journal_words import name_fields, name_values
from apps.tenants.models import Membership, Role


def _contracts(reader: Membership) -> QuerySet[Contract]:
    return Contract.objects.all() if reader.has_role(Role.PROCUREMENT) else Contract.objects.none()


def _imports(reader: Membership) -> QuerySet[UsageImport]:
    return UsageImport.objects.all() if reader.has_role(Role.PROCUREMENT) else UsageImport.objects.none()


show_in_journal("usageimport", Kind(_imports, "stored_file__name", "licensing:usage_detail", "usage_import_id"))
show_in_journal("contract", Kind(_contracts, "name", "licensing:contract_detail", "contract_id"))
name_fields("fields", Contract, ContractLine)
name_values("kind", dict(Amendment.Kind.choices))
name_values("proof", dict(Amendment.Evidence.choices))
name_values("choice", dict(NoticeDecision.Choice.choices))
