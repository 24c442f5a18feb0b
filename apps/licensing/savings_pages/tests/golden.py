"""The three golden ministries entered as rows, as a procurement officer enters them."""

from datetime import date
from decimal import Decimal
from typing import Any

from apps.licensing.models import Amendment, Contract, ContractLine
from apps.licensing.savings import Measure
from apps.licensing.tests.factories import ContractFactory, ContractLineFactory, ProductFactory
from apps.licensing.tests.test_savings_golden import known, sheet
from apps.tenants.models import Membership
from apps.tenants.scoping import tenant_scope

TERMS = (
    "starts_on",
    "term_months",
    "notice_days",
    "renewal",
    "renewal_months",
    "reduction",
    "vat_place",
)


def enter(officer: Membership, name: str) -> tuple[date, dict[str, str]]:
    """Enter a ministry's contracts; return the day of looking and the sheet's name of each line."""
    file = known(name)
    return file["today"], {str(_line(officer, fields).id): fields["key"] for fields in file["line"]}


def sheet_of(name: str) -> dict[tuple[str, str, date], Decimal | None]:
    """Return the sheet's measures by line and month; those whose need changes by a plan are left out."""
    planned = {fields["key"] for fields in known(name)["line"] if len(fields.get("needs", [])) > 1}
    measures = {measure.value for measure in Measure}
    needed = {"potential", "sunk"}
    return {
        (row.line, row.name, month): cell
        for row in sheet(name)
        if row.name in measures and not (row.line in planned and row.name in needed)
        for month, cell in row.cells.items()
        if row.line != "all" and month.year >= 2025
    }


def _line(officer: Membership, fields: dict[str, Any]) -> ContractLine:
    rate = fields.get("rate", {})
    money = {"currency": rate["currency"], "eur_per_unit": rate["eur_per_unit"], "rate_on": rate["on"]} if rate else {}
    terms = {key: fields[key] for key in TERMS if key in fields}
    contract = ContractFactory.create(tenant=officer.tenant, **terms, **money)
    needs = fields.get("needs", [])
    line: ContractLine = ContractLineFactory.create(
        contract=contract,
        product=ProductFactory.create(kind=fields["kind"]),
        seats=fields["seats"],
        unit_price=fields["unit_price"],
        price_without_meetings=fields.get("price_without_meetings"),
        needed_seats=sum(needs[0].get(part, 0) for part in ("to_migrate", "exempted", "buffer")) if needs else None,
    )
    with tenant_scope(officer.tenant_id):
        for kind, key in (("seats", "seat_changes"), ("price", "price_changes"), ("avoided", "avoided_prices")):
            for change in fields.get(key, []):
                _amendment(officer, contract, line, kind, change)
    return line


def _amendment(officer: Membership, contract: Contract, line: ContractLine, kind: str, change: dict[str, Any]) -> None:
    names = ("seats", "unit_price", "price_without_meetings", "avoided_price")
    Amendment.objects.create(
        tenant=officer.tenant,
        contract=contract,
        line=line,
        kind=kind,
        evidence=change["proof"],
        evidenced_on=change["proved_on"],
        effective_on=change["effective_on"],
        by=officer.user,
        **{name: change[name] for name in names if name in change},
    )
