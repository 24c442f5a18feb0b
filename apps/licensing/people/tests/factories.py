"""Imports and their accounts for tests."""

from datetime import date
from io import BytesIO
from typing import Any

from apps.files.models import Purpose
from apps.files.operations import store_file
from apps.licensing.models import Account, Format, UsageImport
from apps.licensing.people.sources import VENDOR_OF
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope

DAY = date(2026, 11, 1)


def usage_import(
    officer: Membership, format: Format, *, day: date = DAY, period_days: int | None = None, **fields: Any
) -> UsageImport:
    """Return a committed import without rows."""
    file = store_file(
        tenant_id=officer.tenant_id, purpose=Purpose.IMPORT, name="f.csv", media_type="text/csv", body=BytesIO(b"x")
    )
    with tenant_scope(officer.tenant_id):
        return UsageImport.objects.create(
            tenant=officer.tenant,
            stored_file=file,
            by=officer,
            status=UsageImport.Status.COMMITTED,
            format=format,
            refreshed_on=day,
            period_days=period_days,
            **fields,
        )


def add_account(usage_import: UsageImport, identifier: str, **fields: Any) -> Account:
    """Add a row, by default a paid seat."""
    with tenant_scope(usage_import.tenant_id):
        return Account.objects.create(
            tenant_id=usage_import.tenant_id,
            usage_import=usage_import,
            vendor=VENDOR_OF[Format(usage_import.format)],
            identifier=identifier,
            **{"kind": Account.Kind.PAID} | fields,
        )
