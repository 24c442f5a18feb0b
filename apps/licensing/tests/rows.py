"""A row of every table of the app, for the tests that look at all tables."""

from datetime import date
from decimal import Decimal
from io import BytesIO
from uuid import UUID

from django.utils import timezone

from apps.files.models import Purpose, StoredFile
from apps.files.operations import store_file
from apps.licensing.models import (
    Account,
    AccountListing,
    Alias,
    Amendment,
    ChecklistItem,
    ColumnMapping,
    Contract,
    ContractDocument,
    ContractLine,
    DepartmentUnit,
    Exemption,
    Format,
    ImportProblem,
    ListedAccount,
    Milestone,
    MonthReminder,
    MonthStatement,
    NoticeDecision,
    NoticeFeed,
    NoticeReminder,
    OneOffCost,
    Product,
    Reclaim,
    Scenario,
    SkuCount,
    Target,
    UnitDay,
    UnitHeadcount,
    UsageImport,
    Vendor,
    Wave,
    WaveUnit,
)
from apps.tenants.models import Membership, Tenant, Unit

DAY = date(2026, 1, 1)


def add_contract(tenant: Tenant) -> Contract:
    """Add a contract of 100 stand-alone seats."""
    product, _is_new = Product.objects.get_or_create(
        publisher="Zoom", name="Pro", defaults={"kind": Product.Kind.STANDALONE}
    )
    contract = Contract.objects.create(
        tenant=tenant,
        name="Zoom",
        supplier_name="Revendeur",
        supplier_siret="99902020900014",
        framework=Contract.Framework.UGAP,
        starts_on=DAY,
        term_months=12,
        notice_days=60,
        reduction=Contract.Reduction.END_OF_TERM,
        renewal=Contract.Renewal.TACIT,
    )
    ContractLine.objects.create(
        tenant=tenant, contract=contract, product=product, seats=100, unit_price=Decimal("11.90")
    )
    return contract


def add_rows(contract: Contract, officer: Membership, unit: Unit) -> UsageImport:
    """Add one row to each other table of the app; the tenant is entered. Returns the import."""
    tenant = {"tenant": contract.tenant}
    file = store_file(
        tenant_id=contract.tenant_id, purpose=Purpose.IMPORT, name="zoom.csv", media_type="text/csv", body=BytesIO(b"x")
    )
    Amendment.objects.create(
        **tenant,
        contract=contract,
        line=contract.lines.get(),
        kind=Amendment.Kind.SEATS,
        evidence=Amendment.Evidence.SIGNED,
        evidenced_on=DAY,
        effective_on=DAY,
        seats=-10,
        by=officer.user,
    )
    ContractDocument.objects.create(**tenant, contract=contract, stored_file=file, title="Acte", by=officer.user)
    NoticeDecision.objects.create(
        **tenant,
        contract=contract,
        effective_on=DAY,
        choice=NoticeDecision.Choice.KEEP,
        reason="Rien à rendre",
        decided_by=officer.user,
    )
    NoticeReminder.objects.create(**tenant, contract=contract, notice_by=DAY, days_before=30)
    NoticeFeed.objects.create(**tenant, membership=officer, digest="0" * 64)
    add_programme_rows(officer, unit)
    add_month_rows(officer, unit)
    return add_usage_rows(officer, unit, file)


def add_usage_rows(officer: Membership, unit: Unit, file: StoredFile) -> UsageImport:
    tenant = {"tenant": officer.tenant}
    usage_import = UsageImport.objects.create(
        **tenant,
        stored_file=file,
        by=officer,
        status=UsageImport.Status.COMMITTED,
        format=Format.ZOOM_USERS,
        refreshed_on=DAY,
    )
    ImportProblem.objects.create(**tenant, usage_import=usage_import, row=2, code="date")
    ColumnMapping.objects.create(**tenant, header_digest="0" * 64, format=Format.ZOOM_USERS, mapping={}, by=officer)
    Account.objects.create(
        **tenant,
        usage_import=usage_import,
        vendor=Vendor.ZOOM,
        identifier="agent@example.fr",
        kind=Account.Kind.PAID,
    )
    AccountListing.objects.create(**tenant, digest="0" * 64, computed_at=timezone.now())
    ListedAccount.objects.create(
        **tenant,
        usage_import_id=usage_import.id,
        vendor=Vendor.ZOOM,
        identifier="agent@example.fr",
        person="agent@example.fr",
        searched="agent@example.fr",
        **dict.fromkeys(["is_matched", "is_active", "is_dormant", "is_blocked", "is_deleted", "is_double"], False),
    )
    SkuCount.objects.create(
        **tenant,
        usage_import=usage_import,
        sku_guid=UUID(int=1),
        part_number="SPE_E3",
        capability_status="Enabled",
        enabled=10,
        suspended=0,
        warning=0,
        consumed=9,
    )
    Alias.objects.create(**tenant, identifier="a.gent@example.fr", person="agent@example.fr", by=officer)
    DepartmentUnit.objects.create(**tenant, department="dsi", unit=unit, starts_on=DAY, by=officer)
    Reclaim.objects.create(
        **tenant,
        identifier="agent@example.fr",
        vendor=Vendor.ZOOM,
        reason=Reclaim.Reason.DORMANT,
        status=Reclaim.Status.REQUESTED,
        by=officer,
    )
    return usage_import


def add_programme_rows(officer: Membership, unit: Unit) -> None:
    tenant = {"tenant": officer.tenant}
    UnitHeadcount.objects.create(**tenant, unit=unit, starts_on=DAY, agents=100, source="RH")
    wave = Wave.objects.create(**tenant, name="Vague 1", starts_on=DAY, ends_on=DAY, owner=officer)
    WaveUnit.objects.create(**tenant, wave=wave, unit=unit, switch_on=DAY)
    Milestone.objects.create(**tenant, wave=wave, name="Formation", due_on=DAY)
    ChecklistItem.objects.create(**tenant, wave=wave, name="Réseau")
    Exemption.objects.create(
        **tenant, unit=unit, seats=5, owner=officer, reason="Téléphonie", starts_on=DAY, expires_on=date(2027, 1, 1)
    )
    Target.objects.create(**tenant, due_on=date(2027, 1, 1), agents=100, source="Circulaire")


def add_month_rows(officer: Membership, unit: Unit) -> None:
    tenant = {"tenant": officer.tenant}
    UnitDay.objects.create(**tenant, day=DAY, unit=unit, vendor=Vendor.ZOOM, assigned=20)
    Scenario.objects.create(**tenant, name="Prudent", migrated_per_month=100, by=officer)
    OneOffCost.objects.create(**tenant, month=DAY, label="Formation", amount_eur=Decimal(1000), source="Facture")
    MonthStatement.objects.create(**tenant, month=DAY, answer=MonthStatement.Answer.CONFIRMED, figures={}, by=officer)
    MonthReminder.objects.create(**tenant, month=DAY, day=5)
